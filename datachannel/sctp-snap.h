/* SNAP: each side has the other's INIT from its session description, so that an SCTP association is
 * up without a handshake.  draft-hancke-tsvwg-snap-00, RFC 9260 section 3.3.2. */
#pragma once

#include <glib.h>

/* Chunk types that a peer may list as supported (RFC 5061 section 4.2.7) and that have a use here;
 * all others are passed over. */
typedef enum {
    SCTP_SNAP_FORWARD_TSN = 1 << 0,   /* RFC 3758 */
    SCTP_SNAP_I_FORWARD_TSN = 1 << 1, /* RFC 8260 */
    SCTP_SNAP_RECONFIG = 1 << 2,      /* RFC 6525 */
    SCTP_SNAP_I_DATA = 1 << 3,        /* RFC 8260 */
    SCTP_SNAP_NR_SACK = 1 << 4,       /* draft-tuexen-tsvwg-sctp-multipath */
} SctpSnapExtensions;

/* What an INIT chunk says. */
typedef struct {
    guint32 tag;              /* never 0 */
    guint32 window;           /* in bytes, at least 1,500 */
    guint16 outbound_streams; /* neither is ever 0 */
    guint16 inbound_streams;
    guint32 first_tsn;
    gboolean has_partial_reliability; /* RFC 3758 section 3.1 */
    guint extensions;                 /* of SctpSnapExtensions */
} SctpSnapInit;

/* All three return NULL, or what is wrong as the end of a sentence that begins with the value's
 * name; @out then holds nothing of use. */
/* The value of a=sctp-init. */
const char *sctp_snap_parse(SctpSnapInit *out, const char *base64);
/* An INIT chunk, whose last padding may be missing. */
const char *sctp_snap_read_chunk(SctpSnapInit *out, const guint8 *bytes, gsize size);
/* A packet that holds nothing but an INIT chunk. */
const char *sctp_snap_read_packet(SctpSnapInit *out, const guint8 *packet, gsize size);

/* The value of a=sctp-init; parses to an equal @init. */
char *sctp_snap_write(const SctpSnapInit *init);

gboolean sctp_snap_is_equal(const SctpSnapInit *one, const SctpSnapInit *other);

/* To whom the peer's packets go. */
typedef struct {
    guint16 source_port; /* the peer's */
    guint16 destination_port;
    guint32 tag; /* ours */
} SctpSnapHeader;

/* The packets with which @peer would have answered our INIT and our COOKIE ECHO. */
void sctp_snap_write_init_ack(GByteArray *out, const SctpSnapHeader *header,
                              const SctpSnapInit *peer);
void sctp_snap_write_cookie_ack(GByteArray *out, const SctpSnapHeader *header);
