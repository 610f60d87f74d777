#include "datachannel/sctp-snap.h"

#include "datachannel/sctp-packet.h"

#include <string.h>

/* The draft's example, section 7, as Chromium writes it too. */
#define EXAMPLE "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA"
#define EXAMPLE_PADDED "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLAAAA="

#define FIXED 0, 0, 0, 9, 0, 0, 5, 0xdc, 0, 1, 0, 2, 0, 0, 0, 5
#define FIXED_BYTES 20

typedef struct {
    const char *name;
    gsize size;
    guint8 bytes[64];
    const char *wrong; /* a part of what is said */
} ChunkCase;

static const ChunkCase chunk_cases[] = {
    { "least", FIXED_BYTES, { 1, 0, 0, 20, FIXED }, NULL },
    { "flags-are-ignored", FIXED_BYTES, { 1, 0xff, 0, 20, FIXED }, NULL },
    { "unknown-parameter-to-skip", 28, { 1, 0, 0, 28, FIXED, 0x80, 1, 0, 8, 0, 0, 0, 1 }, NULL },
    { "unknown-parameter-that-ends-all",
      32,
      { 1, 0, 0, 32, FIXED, 0x40, 99, 0, 4, 0, 5, 0, 8, 10, 0, 0, 1 },
      NULL },
    { "address-types", 26, { 1, 0, 0, 26, FIXED, 0, 12, 0, 6, 0, 5 }, NULL },
    { "empty", 0, { 0 }, "shorter" },
    { "cut-short", 19, { 1, 0, 0, 20, FIXED }, "shorter" },
    { "an-init-ack", FIXED_BYTES, { 2, 0, 0, 20, FIXED }, "no INIT" },
    { "length-too-small", FIXED_BYTES, { 1, 0, 0, 19, FIXED }, "another length" },
    { "length-too-large", FIXED_BYTES, { 1, 0, 0, 21, FIXED }, "another length" },
    { "length-0", FIXED_BYTES, { 1, 0, 0, 0, FIXED }, "another length" },
    { "something-behind", 24, { 1, 0, 0, 20, FIXED }, "another length" },
    { "padding-too-long", 32, { 1, 0, 0, 26, FIXED, 0, 12, 0, 6, 0, 5 }, "another length" },
    { "tag-0",
      FIXED_BYTES,
      { 1, 0, 0, 20, 0, 0, 0, 0, 0, 0, 5, 0xdc, 0, 1, 0, 2, 0, 0, 0, 5 },
      "tag 0" },
    { "window-1499",
      FIXED_BYTES,
      { 1, 0, 0, 20, 0, 0, 0, 9, 0, 0, 5, 0xdb, 0, 1, 0, 2, 0, 0, 0, 5 },
      "1500" },
    { "no-outbound-streams",
      FIXED_BYTES,
      { 1, 0, 0, 20, 0, 0, 0, 9, 0, 0, 5, 0xdc, 0, 0, 0, 2, 0, 0, 0, 5 },
      "no streams" },
    { "no-inbound-streams",
      FIXED_BYTES,
      { 1, 0, 0, 20, 0, 0, 0, 9, 0, 0, 5, 0xdc, 0, 1, 0, 0, 0, 0, 0, 5 },
      "no streams" },
    { "ipv4-address", 28, { 1, 0, 0, 28, FIXED, 0, 5, 0, 8, 10, 0, 0, 1 }, "addresses" },
    { "ipv6-address", 40, { 1, 0, 0, 40, FIXED, 0, 6, 0, 20 }, "addresses" },
    { "host-name", 28, { 1, 0, 0, 28, FIXED, 0, 11, 0, 8, 'h', 0, 0, 0 }, "addresses" },
    { "added-address", 36, { 1, 0, 0, 36, FIXED, 0xc0, 1, 0, 16 }, "addresses" },
    { "primary-address", 36, { 1, 0, 0, 36, FIXED, 0xc0, 4, 0, 16 }, "addresses" },
    { "cookie", 28, { 1, 0, 0, 28, FIXED, 0, 7, 0, 8, 1, 2, 3, 4 }, "cookie" },
    { "parameter-length-3", 24, { 1, 0, 0, 24, FIXED, 0x80, 8, 0, 3 }, "too short" },
    { "parameter-header-cut", 22, { 1, 0, 0, 22, FIXED, 0x80, 8 }, "cut off" },
    { "parameter-past-the-end", 24, { 1, 0, 0, 24, FIXED, 0x80, 8, 0, 5 }, "longer" },
    { "length-is-checked-where-nothing-counts",
      28,
      { 1, 0, 0, 28, FIXED, 0x40, 99, 0, 4, 0, 5, 0, 9 },
      "longer" },
    { "partial-reliability-twice",
      28,
      { 1, 0, 0, 28, FIXED, 0xc0, 0, 0, 4, 0xc0, 0, 0, 4 },
      "twice" },
    { "partial-reliability-with-a-value",
      28,
      { 1, 0, 0, 28, FIXED, 0xc0, 0, 0, 8, 0, 0, 0, 0 },
      "with a value" },
    { "extensions-twice",
      36,
      { 1, 0, 0, 33, FIXED, 0x80, 8, 0, 5, 0x82, 0, 0, 0, 0x80, 8, 0, 5, 0xc0 },
      "twice" },
};

static void
test_chunk(gconstpointer data)
{
    const ChunkCase *c = data;
    SctpSnapInit init;
    const char *wrong = sctp_snap_read_chunk(&init, c->bytes, c->size);
    if (!c->wrong) {
        g_assert_cmpstr(wrong, ==, NULL);
        g_assert_cmpuint(init.tag, ==, 9);
        g_assert_cmpuint(init.first_tsn, ==, 5);
        g_assert_cmpuint(init.extensions, ==, 0);
        return;
    }
    g_assert_nonnull(wrong);
    g_assert_nonnull(strstr(wrong, c->wrong));
}

static void
check_example(const SctpSnapInit *init)
{
    g_assert_cmphex(init->tag, ==, 0x896cdd1d);
    g_assert_cmphex(init->window, ==, 0x00500000);
    g_assert_cmpuint(init->outbound_streams, ==, 65535);
    g_assert_cmpuint(init->inbound_streams, ==, 65535);
    g_assert_cmphex(init->first_tsn, ==, 0xe079651d);
    g_assert_true(init->has_partial_reliability);
    g_assert_cmpuint(init->extensions, ==, SCTP_SNAP_RECONFIG | SCTP_SNAP_FORWARD_TSN);
}

static void
test_the_last_padding_may_be_there_or_not(void)
{
    SctpSnapInit init;
    g_assert_cmpstr(sctp_snap_parse(&init, EXAMPLE), ==, NULL);
    check_example(&init);
    g_assert_cmpstr(sctp_snap_parse(&init, EXAMPLE_PADDED), ==, NULL);
    check_example(&init);
}

static void
test_only_extensions_of_use_are_taken(void)
{
    static const guint8 chunk[] = { 1,    0,    0,    33,   FIXED, 0x80, 8,    0,    13,
                                    0xc1, 0x80, 0x0f, 0x81, 0x82,  0x40, 0xc2, 0x10, 0x82 };
    SctpSnapInit init;
    g_assert_cmpstr(sctp_snap_read_chunk(&init, chunk, sizeof chunk), ==, NULL);
    g_assert_cmpuint(init.extensions, ==,
                     SCTP_SNAP_RECONFIG | SCTP_SNAP_I_DATA | SCTP_SNAP_I_FORWARD_TSN |
                         SCTP_SNAP_NR_SACK);
}

static void
test_text_that_is_not_base64_is_refused(void)
{
    static const char *const texts[] = {
        "!",
        "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA ",
        " AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA",
        "AQAAHols3R0AUAAA_____-B5ZR3AAAAEgAgABoLA",
        "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoL",
        "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLAAAA",
        "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLAAAB=", /* bits behind the end */
        "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA====",
        "CookieMonster",
    };
    SctpSnapInit init;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        const char *wrong = sctp_snap_parse(&init, texts[i]);
        g_assert_nonnull(wrong);
        g_assert_nonnull(strstr(wrong, "base64"));
    }
    g_autofree char *endless = g_strnfill(2000, 'A');
    g_assert_nonnull(strstr(sctp_snap_parse(&init, endless), "longer"));
    g_assert_nonnull(strstr(sctp_snap_parse(&init, ""), "shorter"));
}

static void
test_what_is_written_reads_the_same(void)
{
    SctpSnapInit init = { 0x01020304, 1500, 1, 65535, 0xffffffff, FALSE, 0 };
    for (guint extensions = 0; extensions < 2 * SCTP_SNAP_NR_SACK; extensions++) {
        SctpSnapInit again;
        init.extensions = extensions;
        init.has_partial_reliability = extensions % 2;
        g_autofree char *text = sctp_snap_write(&init);
        g_assert_cmpstr(sctp_snap_parse(&again, text), ==, NULL);
        g_assert_true(sctp_snap_is_equal(&init, &again));
        again.first_tsn++;
        g_assert_false(sctp_snap_is_equal(&init, &again));
    }
}

static void
test_the_peers_packets_are_made_of_its_init(void)
{
    static const SctpSnapHeader header = { 5000, 5001, 0xdeadbeef };
    static const guint8 start[] = { 0x13, 0x88, 0x13, 0x89, 0xde, 0xad, 0xbe, 0xef };
    static const guint8 cookie_ack[] = { 11, 0, 0, 4 };
    g_autoptr(GByteArray) packet = g_byte_array_new();
    SctpSnapInit init, again;

    g_assert_cmpstr(sctp_snap_parse(&init, EXAMPLE), ==, NULL);
    sctp_snap_write_init_ack(packet, &header, &init);
    g_assert_cmpint(memcmp(packet->data, start, sizeof start), ==, 0);
    g_assert_cmpuint(packet->data[12], ==, 2);
    g_assert_true(sctp_packet_has_valid_checksum(packet->data, packet->len));
    g_assert_true(sctp_packet_is_acceptable(packet->data, packet->len, 5000, 5001));
    packet->data[12] = 1;
    g_assert_nonnull(strstr(sctp_snap_read_packet(&again, packet->data, packet->len), "cookie"));

    sctp_snap_write_cookie_ack(packet, &header);
    g_assert_cmpint(memcmp(packet->data, start, sizeof start), ==, 0);
    g_assert_cmpuint(packet->len, ==, 12 + sizeof cookie_ack);
    g_assert_cmpint(memcmp(packet->data + 12, cookie_ack, sizeof cookie_ack), ==, 0);
    g_assert_true(sctp_packet_has_valid_checksum(packet->data, packet->len));
    g_assert_nonnull(sctp_snap_read_packet(&again, packet->data, 11));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(chunk_cases); i++) {
        g_autofree char *path = g_strconcat("/sctp-snap/chunk/", chunk_cases[i].name, NULL);
        g_test_add_data_func(path, &chunk_cases[i], test_chunk);
    }
    g_test_add_func("/sctp-snap/the-last-padding-may-be-there-or-not",
                    test_the_last_padding_may_be_there_or_not);
    g_test_add_func("/sctp-snap/only-extensions-of-use-are-taken",
                    test_only_extensions_of_use_are_taken);
    g_test_add_func("/sctp-snap/text-that-is-not-base64-is-refused",
                    test_text_that_is_not_base64_is_refused);
    g_test_add_func("/sctp-snap/what-is-written-reads-the-same",
                    test_what_is_written_reads_the_same);
    g_test_add_func("/sctp-snap/the-peers-packets-are-made-of-its-init",
                    test_the_peers_packets_are_made_of_its_init);
    return g_test_run();
}
