/* Path MTU discovery over a line whose MTU changes, and that tells nobody. */
#include "tests/support/long-path.h"
#include "tests/support/peer-pair.h"

#include <string.h>

#define DELAY_US 5000
#define EXIT_SKIPPED 77
#define MESSAGE_BYTES 16384
#define HIGH_WATER_BYTES 262144
#define LEAST_PACKET_BYTES 1188
#define HEADERS_BYTES (28 + 37) /* IPv4, UDP and DTLS */

static LongPath *path;

typedef struct {
    PeerPair pair;
    PierceDataChannel *sender;
    PierceDataChannel *receiver;
    guint32 sent;
    guint32 received;
} Fixture;

/* Messages are numbered: none may be missing, doubled or out of order. */
static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *bytes, gsize size,
           gpointer user_data)
{
    Fixture *f = user_data;
    guint32 number;
    g_assert_cmpuint(size, ==, MESSAGE_BYTES);
    memcpy(&number, bytes + size - sizeof number, sizeof number);
    g_assert_cmpuint(number, ==, f->received);
    f->received++;
}

static void
on_channel(PiercePeerConnection *connection, PierceDataChannel *channel, gpointer user_data)
{
    Fixture *f = user_data;
    f->receiver = g_object_ref(channel);
    pierce_data_channel_set_message_func(channel, on_message, f, NULL);
}

/* Each side opens its sockets in its own namespace. */
static void
describe(PiercePeerConnection *connection, guint end)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(long_path_enter(path, end));
    pierce_peer_connection_set_local_description(connection, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(long_path_leave(path));
}

static void
set_up(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    long_path_set_mtu(path, 1500);
    peer_pair_init(&f->pair, NULL, NULL);
    g_signal_connect(f->pair.answerer, "data-channel", G_CALLBACK(on_channel), f);
    f->sender = pierce_peer_connection_create_data_channel(f->pair.offerer, "size", NULL, NULL);
    describe(f->pair.offerer, 0);
    g_autoptr(PierceSessionDescription) offer =
        pierce_peer_connection_get_local_description(f->pair.offerer);
    pierce_peer_connection_set_remote_description(f->pair.answerer, offer, &error);
    g_assert_no_error(error);
    describe(f->pair.answerer, 1);
    g_autoptr(PierceSessionDescription) answer =
        pierce_peer_connection_get_local_description(f->pair.answerer);
    pierce_peer_connection_set_remote_description(f->pair.offerer, answer, &error);
    g_assert_no_error(error);
    g_assert_true(long_path_enter(path, 0)); /* where the offerer asks for its link's MTU */
    wait_until(f->receiver);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    g_assert_true(long_path_leave(path));
    peer_pair_clear(&f->pair);
    g_clear_object(&f->sender);
    g_clear_object(&f->receiver);
}

static guint
packet_size(Fixture *f)
{
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(f->pair.offerer);
    return pierce_stats_get_max_packet_size(stats);
}

static gboolean
send_some(Fixture *f)
{
    static guint8 message[MESSAGE_BYTES];
    while (pierce_data_channel_get_buffered_amount(f->sender) < HIGH_WATER_BYTES) {
        memcpy(message + sizeof message - sizeof f->sent, &f->sent, sizeof f->sent);
        g_assert_true(pierce_data_channel_send(f->sender, message, sizeof message, NULL));
        f->sent++;
    }
    return TRUE;
}

static void
test_packets_grow_to_what_the_path_takes(Fixture *f, gconstpointer data)
{
    wait_until(packet_size(f) > 1500 - HEADERS_BYTES - 32);
    g_assert_cmpuint(packet_size(f), <=, 1500 - HEADERS_BYTES);
}

static void
test_nothing_is_lost_when_the_path_shrinks(Fixture *f, gconstpointer data)
{
    wait_until(packet_size(f) > 1500 - HEADERS_BYTES - 32);
    wait_until(send_some(f) && f->received > 100);

    gint64 start_us = g_get_monotonic_time();
    long_path_set_mtu(path, 1300);
    wait_until(send_some(f) && packet_size(f) <= 1300 - HEADERS_BYTES);
    g_test_message("noticed after %d ms", (int) ((g_get_monotonic_time() - start_us) / 1000));
    guint32 before = f->received;
    wait_until(send_some(f) && f->received > before + 100);
    wait_until(f->received == f->sent);
    wait_until(packet_size(f) > LEAST_PACKET_BYTES); /* and what it does take is found */
    g_assert_cmpuint(packet_size(f), <=, 1300 - HEADERS_BYTES);
}

#define ADD(name, function)                                                                        \
    g_test_add("/packet-size/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    const DelayLineConditions conditions = { .bytes_per_s = 12500000,
                                             .queue_us = 200000,
                                             .delay_us = DELAY_US };
    g_autoptr(GError) error = NULL;
    g_test_init(&argc, &argv, NULL);
    path = long_path_new(&conditions, 1, &error);
    if (!path) {
        g_printerr("skipped: %s\n", error->message);
        return EXIT_SKIPPED;
    }
    wait_until_enable();
    ADD("packets-grow-to-what-the-path-takes", test_packets_grow_to_what_the_path_takes);
    ADD("nothing-is-lost-when-the-path-shrinks", test_nothing_is_lost_when_the_path_shrinks);
    int code = g_test_run();
    long_path_free(path);
    return code;
}
