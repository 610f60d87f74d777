/* What can be told of an SCTP packet by looking at it: whether WebRTC has any use for it, and which
 * of its data is sent again.  RFC 9260 section 3, RFC 8260, RFC 8831 section 5. */
#pragma once

#include <glib.h>

/* Whether a decrypted packet may reach usrsctp.  Left out are those whose lengths do not add up,
 * those for other ports, and chunks and parameters for several addresses or for authentication,
 * which have no place under DTLS and have had most of the holes. */
gboolean sctp_packet_is_acceptable(const guint8 *packet, gsize size, guint16 source_port,
                                   guint16 destination_port);

/* Whether an acceptable packet does no more than carry messages and acknowledge them: nothing in it
 * makes, ends or reconfigures an association. */
gboolean sctp_packet_is_ordinary(const guint8 *packet, gsize size);

/* The packet's checksum, RFC 9260 section 6.8.  What is shorter than a header has none. */
void sctp_packet_set_checksum(guint8 *packet, gsize size);
gboolean sctp_packet_has_valid_checksum(const guint8 *packet, gsize size);

/* The answer to a probe of that many bytes in the packet, 0 if there is none: see sctp_probe_write.
 */
gsize sctp_packet_find_probe_answer(const guint8 *packet, gsize size);

/* Makes a packet of @size bytes that the peer answers and then forgets: a HEARTBEAT that holds the
 * size, and padding (RFC 4820), as RFC 8899 section 6.2 has it.  @header is the beginning of a
 * packet of the same association, SCTP_PROBE_HEADER_BYTES long; @size is a multiple of 4, from
 * SCTP_LEAST_PROBE_BYTES to 65535.  Without checksum. */
#define SCTP_PROBE_HEADER_BYTES 8
#define SCTP_LEAST_PROBE_BYTES 32
void sctp_packet_write_probe(GByteArray *out, const guint8 *header, gsize size);

/* Counts data chunks that went out more than once. */
typedef struct {
    gboolean has_highest;
    guint32 highest_tsn;
    guint64 retransmissions;
} SctpTsnCounter;

void sctp_tsn_counter_add(SctpTsnCounter *counter, const guint8 *packet, gsize size);
