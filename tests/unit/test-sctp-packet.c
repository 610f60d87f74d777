#include "datachannel/sctp-packet.h"

#define HEADER 0x13, 0x88, 0x13, 0x88, 0, 0, 0, 1, 0, 0, 0, 0
#define INIT_FIXED 0, 0, 0, 9, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 5

typedef struct {
    const char *name;
    gsize size;
    guint8 bytes[64];
    gboolean is_acceptable;
} PacketCase;

static const PacketCase packet_cases[] = {
    { "data", 12 + 20, { HEADER, 0, 3, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 53, 'x' }, TRUE },
    { "last-padding-missing",
      12 + 17,
      { HEADER, 0, 3, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 53, 'x' },
      TRUE },
    { "init", 12 + 20, { HEADER, 1, 0, 0, 20, INIT_FIXED }, TRUE },
    { "init-with-supported-extensions",
      12 + 28,
      { HEADER, 1, 0, 0, 27, INIT_FIXED, 0x80, 8, 0, 7, 0xc1, 0x80, 0x82 },
      TRUE },
    { "unknown-chunk", 12 + 4, { HEADER, 0xfe, 0, 0, 4 }, TRUE },
    { "empty", 0, { 0 }, FALSE },
    { "header-only", 12, { HEADER }, FALSE },
    { "another-port", 16, { 0x13, 0x89, 0x13, 0x88, 0, 0, 0, 1, 0, 0, 0, 0, 10, 0, 0, 4 }, FALSE },
    { "chunk-length-0", 16, { HEADER, 10, 0, 0, 0 }, FALSE },
    { "chunk-past-the-end", 16, { HEADER, 10, 0, 0, 5 }, FALSE },
    { "asconf", 16, { HEADER, 0xc1, 0, 0, 4 }, FALSE },
    { "asconf-behind-data",
      12 + 24,
      { HEADER, 0, 3, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 53, 'x', 0, 0, 0, 0xc1, 0, 0, 4 },
      FALSE },
    { "auth", 16, { HEADER, 15, 0, 0, 4 }, FALSE },
    { "packet-drop", 16, { HEADER, 0x81, 0, 0, 4 }, FALSE },
    { "init-with-address",
      12 + 28,
      { HEADER, 1, 0, 0, 28, INIT_FIXED, 0, 5, 0, 8, 10, 0, 0, 1 },
      FALSE },
    { "init-ack-with-address",
      12 + 28,
      { HEADER, 2, 0, 0, 28, INIT_FIXED, 0, 5, 0, 8, 10, 0, 0, 1 },
      FALSE },
    { "init-cut-short", 12 + 8, { HEADER, 1, 0, 0, 8, 0, 0, 0, 9 }, FALSE },
    { "init-parameter-past-the-end",
      12 + 24,
      { HEADER, 1, 0, 0, 24, INIT_FIXED, 0, 12, 0, 9 },
      FALSE },
};

static void
test_acceptable(gconstpointer data)
{
    const PacketCase *c = data;
    g_assert_true(sctp_packet_is_acceptable(c->bytes, c->size, 5000, 5000) == c->is_acceptable);
}

static const PacketCase ordinary_cases[] = {
    { "data", 12 + 20, { HEADER, 0, 3, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 53, 'x' }, TRUE },
    { "i-data", 16, { HEADER, 64, 3, 0, 4 }, TRUE },
    { "sack-and-data", 20, { HEADER, 3, 0, 0, 4, 0, 3, 0, 4 }, TRUE },
    { "forward-tsn", 16, { HEADER, 0xc0, 0, 0, 4 }, TRUE },
    { "i-forward-tsn", 16, { HEADER, 0xc2, 0, 0, 4 }, TRUE },
    { "heartbeat", 20, { HEADER, 4, 0, 0, 4, 5, 0, 0, 4 }, TRUE },
    { "cookie-echo-before-data", 20, { HEADER, 10, 0, 0, 4, 0, 3, 0, 4 }, FALSE },
    { "abort-behind-data", 20, { HEADER, 0, 3, 0, 4, 6, 0, 0, 4 }, FALSE },
    { "init", 12 + 20, { HEADER, 1, 0, 0, 20, INIT_FIXED }, FALSE },
    { "shutdown", 20, { HEADER, 7, 0, 0, 8 }, FALSE },
    { "reconfig", 16, { HEADER, 130, 0, 0, 4 }, FALSE },
    { "error", 16, { HEADER, 9, 0, 0, 4 }, FALSE },
    { "unknown", 16, { HEADER, 0xfe, 0, 0, 4 }, FALSE },
};

static void
test_ordinary(gconstpointer data)
{
    const PacketCase *c = data;
    g_assert_true(sctp_packet_is_acceptable(c->bytes, c->size, 5000, 5000));
    g_assert_true(sctp_packet_is_ordinary(c->bytes, c->size) == c->is_acceptable);
}

static void
add_data(SctpTsnCounter *counter, guint32 tsn)
{
    guint8 packet[] = { HEADER, 0, 3, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 53, 'x' };
    packet[16] = (guint8) (tsn >> 24);
    packet[17] = (guint8) (tsn >> 16);
    packet[18] = (guint8) (tsn >> 8);
    packet[19] = (guint8) tsn;
    sctp_tsn_counter_add(counter, packet, sizeof packet);
}

static void
test_retransmissions_are_counted_across_the_wrap(void)
{
    SctpTsnCounter counter = { 0 };

    add_data(&counter, 0xfffffffe);
    add_data(&counter, 0xffffffff);
    add_data(&counter, 0);
    g_assert_cmpuint(counter.retransmissions, ==, 0);
    add_data(&counter, 0xffffffff);
    add_data(&counter, 0);
    g_assert_cmpuint(counter.retransmissions, ==, 2);
    add_data(&counter, 1);
    g_assert_cmpuint(counter.retransmissions, ==, 2);
}

static void
test_a_checksum_notices_each_changed_byte(void)
{
    guint8 packet[] = { HEADER, 0, 3, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 53, 'x', 0, 0, 0 };
    g_assert_false(sctp_packet_has_valid_checksum(packet, sizeof packet));
    sctp_packet_set_checksum(packet, sizeof packet);
    g_assert_true(sctp_packet_has_valid_checksum(packet, sizeof packet));
    for (gsize i = 0; i < sizeof packet; i++) {
        packet[i] ^= 1;
        g_assert_false(sctp_packet_has_valid_checksum(packet, sizeof packet));
        packet[i] ^= 1;
    }
    g_assert_false(sctp_packet_has_valid_checksum(packet, 11));
}

/* A COOKIE ACK with tag 1 between ports 5000, its checksum counted by usrsctp. */
static void
test_a_checksum_is_the_one_on_the_wire(void)
{
    guint8 packet[] = { HEADER, 11, 0, 0, 4 };
    static const guint8 checksum[] = { 0xc8, 0xf9, 0xc8, 0xcd };
    sctp_packet_set_checksum(packet, sizeof packet);
    g_assert_true(memcmp(packet + 8, checksum, sizeof checksum) == 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(packet_cases); i++) {
        g_autofree char *path = g_strconcat("/sctp-packet/acceptable/", packet_cases[i].name, NULL);
        g_test_add_data_func(path, &packet_cases[i], test_acceptable);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(ordinary_cases); i++) {
        g_autofree char *path = g_strconcat("/sctp-packet/ordinary/", ordinary_cases[i].name, NULL);
        g_test_add_data_func(path, &ordinary_cases[i], test_ordinary);
    }
    g_test_add_func("/sctp-packet/retransmissions-are-counted-across-the-wrap",
                    test_retransmissions_are_counted_across_the_wrap);
    g_test_add_func("/sctp-packet/a-checksum-notices-each-changed-byte",
                    test_a_checksum_notices_each_changed_byte);
    g_test_add_func("/sctp-packet/a-checksum-is-the-one-on-the-wire",
                    test_a_checksum_is_the_one_on_the_wire);
    return g_test_run();
}
