/* Data Channel Establishment Protocol, RFC 8832: the two messages that open a channel in band. */
#pragma once

#include <glib.h>

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

/* Appends @open to @out.  Cannot fail: the lengths were checked when the channel was created. */
void dcep_open_write(const DcepOpen *open, GByteArray *out);

/* Fills @open from a whole DATA_CHANNEL_OPEN message.  FALSE with @error set, and @open cleared,
 * for a message that RFC 8832 does not allow: the peer's channel is then reset, the association
 * lives. */
gboolean dcep_open_parse(DcepOpen *open, const guint8 *bytes, gsize size, GError **error);
