/* Feeds bytes to the chunk parser and text to that of a=sctp-init.  What is accepted must be
 * written to something that reads the same, and make packets that may reach usrsctp. */
#include "datachannel/sctp-packet.h"
#include "datachannel/sctp-snap.h"

#include <stdint.h>
#include <string.h>

#define PEER_PORT 5000
#define OWN_PORT 5001

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check_init(const SctpSnapInit *init)
{
    static const SctpSnapHeader header = { PEER_PORT, OWN_PORT, 1 };
    g_autofree char *text = sctp_snap_write(init);
    g_autoptr(GByteArray) packet = g_byte_array_new();
    SctpSnapInit again;

    g_assert_true(init->tag != 0 && init->window >= 1500 && init->outbound_streams > 0 &&
                  init->inbound_streams > 0);
    g_assert_null(sctp_snap_parse(&again, text));
    g_assert_true(sctp_snap_is_equal(init, &again));
    sctp_snap_write_init_ack(packet, &header, init);
    g_assert_true(sctp_packet_is_acceptable(packet->data, packet->len, PEER_PORT, OWN_PORT));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autofree char *text = g_strndup((const char *) bytes, size);
    g_autofree char *encoded = g_base64_encode(bytes, size);
    SctpSnapInit init, from_text;

    const char *wrong = sctp_snap_read_chunk(&init, bytes, size);
    if (!wrong)
        check_init(&init);
    if (size <= 1024)
        g_assert_true((sctp_snap_parse(&from_text, encoded) == NULL) == (wrong == NULL));
    if (!sctp_snap_parse(&from_text, text))
        check_init(&from_text);
    return 0;
}
