/* Data Channel Establishment Protocol, RFC 8832: the two messages that open a channel in band.
 *
 * Which of the RFC's rules are kept where:
 *  - here: an unknown message type, an unknown channel type, lengths that do not add up, label or
 *    protocol that are not UTF-8, an ACK of more than its one byte;
 *  - with channel-table, by who receives the OPEN: one on a stream that has a channel (section 6),
 *    one whose stream is not of the peer's parity (section 6), stream 65535 (RFC 9260
 * section 3.3.2);
 *  - with data-channel: an ACK where no OPEN was sent, an OPEN or ACK on a negotiated channel,
 *    unordered data before the ACK (section 6);
 *  - with the SCTP association: DCEP only with PPID 50, sent ordered and reliably (section 6); data
 *    on a stream without a channel; an unknown PPID.
 * The answer to any of them is to reset that stream, never the association. */
#pragma once

#include <glib.h>

#define DCEP_ERROR (dcep_error_quark())

typedef enum {
    DCEP_ERROR_MALFORMED, /* not what RFC 8832 section 5 draws */
    DCEP_ERROR_UNKNOWN,   /* a message or channel type that RFC 8832 section 8.2 does not list */
} DcepError;

GQuark dcep_error_quark(void);

/* What a label or protocol may hold: their lengths are two bytes (RFC 8832 section 5.1). */
#define DCEP_TEXT_MAX_BYTES 65535

/* RFC 8832 section 8.2.1: both arrive on the channel's own stream, with SCTP PPID 50. */
typedef enum {
    DCEP_ACK = 0x02,
    DCEP_OPEN = 0x03,
} DcepType;

typedef enum {
    DCEP_RELIABLE,             /* the reliability parameter is ignored */
    DCEP_MAX_RETRANSMITS,      /* it counts retransmissions */
    DCEP_MAX_PACKET_LIFE_TIME, /* it is in milliseconds */
} DcepReliability;

typedef struct {
    DcepReliability reliability;
    guint32 reliability_parameter;
    gboolean ordered;
    guint16 priority; /* RFC 8832 section 5.1, advisory */
    char *label;      /* UTF-8, up to 65535 bytes, may be empty */
    char *protocol;   /* likewise */
} DcepOpen;

void dcep_open_clear(DcepOpen *open);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DcepOpen, dcep_open_clear)

/* Which message this is.  FALSE with @error for an empty one or an unknown type; whether the rest
 * of it is right, the parser of that type says. */
gboolean dcep_type(const guint8 *bytes, gsize size, DcepType *type, GError **error);

/* Whether @text may be a label or protocol: UTF-8 of at most DCEP_TEXT_MAX_BYTES. */
gboolean dcep_is_text(const char *text);

/* Appends @open to @out.  Cannot fail: the lengths were checked when the channel was created. */
void dcep_open_write(const DcepOpen *open, GByteArray *out);

/* Fills @open from a whole DATA_CHANNEL_OPEN message.  FALSE with @error set, and @open cleared,
 * for a message that RFC 8832 does not allow: the peer's channel is then reset, the association
 * lives. */
gboolean dcep_open_parse(DcepOpen *open, const guint8 *bytes, gsize size, GError **error);

/* Appends a DATA_CHANNEL_ACK, which is its type alone. */
void dcep_ack_write(GByteArray *out);

/* FALSE with @error unless @bytes are exactly one DATA_CHANNEL_ACK. */
gboolean dcep_ack_parse(const guint8 *bytes, gsize size, GError **error);
