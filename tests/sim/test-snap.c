/* What SNAP leaves out and what it must not lose, seen where SCTP hands its packets to DTLS.
 * draft-hancke-tsvwg-snap-00 section 6. */
#include "tests/sim/sim-pair.h"

#include "ice/wire.h"
#include "tests/support/peer-pair.h"

#define COMMON_HEADER_BYTES 12
#define CHUNK_TYPES 256
#define ATTEMPTS 10
#define SLOW_MS 450 /* one way: the first round trip takes longer than SCTP's first timeout */

enum {
    CHUNK_DATA = 0,
    CHUNK_INIT = 1,
    CHUNK_INIT_ACK = 2,
    CHUNK_COOKIE_ECHO = 10,
    CHUNK_COOKIE_ACK = 11,
    CHUNK_I_DATA = 64,
};

typedef struct {
    SimPair pair;
    guint messages;
    guint chunks[CHUNK_TYPES];
    guint packets_before_message; /* of both sides */
    guint datagrams_before_message;
    guint flights_before_message; /* of the DTLS server */
    guint received;
    guint echoed;
} Fixture;

static void
count_chunks(Fixture *f, WireReader packet)
{
    wire_read_bytes(&packet, COMMON_HEADER_BYTES);
    while (!packet.bad && packet.left > 0) {
        guint8 type = wire_read_u8(&packet);
        wire_read_u8(&packet);
        gsize size = wire_read_u16(&packet);
        gsize padded = (size + 3) / 4 * 4;
        f->chunks[type]++;
        wire_read_bytes(&packet, MIN(padded, packet.left + 4) - 4);
    }
}

static void
on_packets(SimPeer *peer, const PacketBatch *packets, gpointer user_data)
{
    Fixture *f = user_data;
    const guint8 *at = packets->bytes->data;
    for (guint i = 0; i < packet_batch_count(packets); i++) {
        guint16 size = packet_batch_sizes(packets)[i];
        count_chunks(f, wire_reader(at, size));
        at += size;
    }
    if (f->received == 0)
        f->packets_before_message += packet_batch_count(packets);
}

static void
on_send(SimPath *path, GByteArray *datagram, gpointer sender)
{
    Fixture *f = ((SimPeer *) sender)->pair->user_data;
    if (f->received == 0)
        f->datagrams_before_message++;
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    Fixture *f = user_data;
    if (f->received++ == 0)
        f->flights_before_message = sim_path_get_flights(f->pair.server.path);
    g_assert_true(pierce_data_channel_send(channel, data, size, NULL));
}

static void
on_echo(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
        gpointer user_data)
{
    Fixture *f = user_data;
    guint number;
    g_assert_cmpuint(size, ==, sizeof number);
    memcpy(&number, data, sizeof number);
    g_assert_cmpuint(number, ==, f->echoed);
    f->echoed++;
}

static void
on_channel(SimPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    pierce_data_channel_set_message_func(channel, on_message, user_data, NULL);
}

static void
on_open(PierceDataChannel *channel, gpointer user_data)
{
    Fixture *f = user_data;
    for (guint i = 0; i < f->messages; i++)
        g_assert_true(pierce_data_channel_send(channel, (const guint8 *) &i, sizeof i, NULL));
}

/* One side, client or server of DTLS, opens a channel and sends; the other sends all back. */
static void
run(Fixture *f, const SimConditions *conditions, gboolean is_client_first)
{
    f->pair.on_packets = on_packets;
    f->pair.on_send = on_send;
    f->pair.on_channel = on_channel;
    f->pair.user_data = f;
    sim_pair_start(&f->pair, conditions, 1);
    SimPeer *first = is_client_first ? &f->pair.client : &f->pair.server;
    g_autoptr(PierceDataChannel) channel =
        sctp_transport_create_channel(first->sctp, "first", NULL, NULL);
    pierce_data_channel_set_message_func(channel, on_echo, f, NULL);
    g_signal_connect(channel, "open", G_CALLBACK(on_open), f);
    wait_until(f->echoed == f->messages);
    g_assert_no_error(f->pair.client.error);
    g_assert_no_error(f->pair.server.error);
    sim_pair_clear(&f->pair);
}

static guint
count_handshake(const Fixture *f)
{
    return f->chunks[CHUNK_INIT] + f->chunks[CHUNK_INIT_ACK] + f->chunks[CHUNK_COOKIE_ECHO] +
           f->chunks[CHUNK_COOKIE_ACK];
}

static void
test_no_handshake_packet_is_sent(gconstpointer is_client_first)
{
    static const SimConditions clean = { 0 };
    Fixture with = { .pair.has_snap = TRUE, .messages = 1 };
    Fixture without = { .messages = 1 };
    run(&with, &clean, is_client_first != NULL);
    run(&without, &clean, is_client_first != NULL);

    g_assert_cmpuint(count_handshake(&with), ==, 0);
    g_assert_cmpuint(count_handshake(&without), >=, 4);
    g_test_message(
        "before the first message: %u packets of SCTP in %u datagrams, without SNAP %u in %u",
        with.packets_before_message, with.datagrams_before_message, without.packets_before_message,
        without.datagrams_before_message);
    g_assert_cmpuint(with.packets_before_message + 4, <=, without.packets_before_message);
}

/* The server's flights are its half of the handshake, and its end with the data.  Where the machine
 * stalls one may have to be sent again. */
static void
test_the_first_message_leaves_with_the_last_flight(void)
{
    static const SimConditions clean = { 0 };
    guint flights = 0;
    for (guint i = 0; i < ATTEMPTS && flights != 2; i++) {
        Fixture f = { .pair.has_snap = TRUE, .messages = 1 };
        run(&f, &clean, FALSE);
        flights = f.flights_before_message;
    }
    g_assert_cmpuint(flights, ==, 2);
}

static void
test_nothing_is_lost_over_a_bad_network(void)
{
    static const SimConditions bad = { .loss_percent = 25,
                                       .duplicate_percent = 25,
                                       .max_delay_ms = 10 };
    Fixture f = { .pair.has_snap = TRUE, .messages = 200 };
    run(&f, &bad, TRUE);
    g_assert_cmpuint(count_handshake(&f), ==, 0);
}

/* Without a measurement the first timeout would be shorter than this path's round trip, and all
 * that was sent would be sent again. */
static void
test_a_long_path_is_not_taken_for_loss(void)
{
    static const SimConditions slow = { .min_delay_ms = SLOW_MS, .max_delay_ms = SLOW_MS };
    Fixture f = { .pair.has_snap = TRUE, .messages = 1 };
    run(&f, &slow, TRUE);
    g_assert_cmpuint(f.chunks[CHUNK_DATA] + f.chunks[CHUNK_I_DATA], ==, 2 * f.messages + 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    wait_until_enable();
    g_test_add_data_func("/snap/no-handshake-packet-is-sent/client-opens", GINT_TO_POINTER(1),
                         test_no_handshake_packet_is_sent);
    g_test_add_data_func("/snap/no-handshake-packet-is-sent/server-opens", NULL,
                         test_no_handshake_packet_is_sent);
    g_test_add_func("/snap/the-first-message-leaves-with-the-last-flight",
                    test_the_first_message_leaves_with_the_last_flight);
    g_test_add_func("/snap/nothing-is-lost-over-a-bad-network",
                    test_nothing_is_lost_over_a_bad_network);
    g_test_add_func("/snap/a-long-path-is-not-taken-for-loss",
                    test_a_long_path_is_not_taken_for_loss);
    return g_test_run();
}
