/* What channels do to each other: a small message waits for nothing that another channel has
 * queued, nor for the end of another's large one.  What counts is the order of arrival, not time.
 */
#include "tests/sim/sim-pair.h"

#include "tests/support/peer-pair.h"

#include <string.h>

#define KIB 1024u
#define DEADLINE_S 60
#define SMALL_BYTES 64
#define LARGE_BYTES (256 * KIB)

static void
send_filled(PierceDataChannel *channel, guint8 byte, gsize size)
{
    g_autofree guint8 *bytes = g_malloc(size);
    g_autoptr(GError) error = NULL;
    memset(bytes, byte, size);
    pierce_data_channel_send(channel, bytes, size, &error);
    g_assert_no_error(error);
}

static PierceDataChannel *
open_channel(SimPair *pair, const char *label)
{
    PierceDataChannel *channel =
        sctp_transport_create_channel(pair->client.sctp, label, NULL, NULL);
    g_assert_nonnull(channel);
    wait_until(pierce_data_channel_get_ready_state(channel) == PIERCE_DATA_CHANNEL_STATE_OPEN);
    return channel;
}

/* ---- a ping beside a channel that is kept full ---- */

#define PINGS 8
#define QUEUED_BYTES (24 * 1024 * KIB)
#define MOST_BEFORE_BYTES (1536 * KIB) /* what the association holds, and what is on its way */

typedef struct {
    SimPair pair;
    PierceDataChannel *full, *ping;
    gsize received; /* bytes of the full channel */
    gsize received_at_ping, most_before;
    guint pings;
} Beside;

static void
send_ping(Beside *self)
{
    self->received_at_ping = self->received;
    send_filled(self->ping, 0, SMALL_BYTES);
}

static void
on_full(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
        gpointer user_data)
{
    ((Beside *) user_data)->received += size;
}

static void
on_ping(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
        gpointer user_data)
{
    send_filled(channel, 0, size);
}

static void
on_beside_channel(SimPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    gboolean is_ping = g_str_equal(pierce_data_channel_get_label(channel), "ping");
    pierce_data_channel_set_message_func(channel, is_ping ? on_ping : on_full, user_data, NULL);
}

static void
on_pong(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
        gpointer user_data)
{
    Beside *self = user_data;
    gsize before = self->received - self->received_at_ping;
    g_test_message("%u KiB before a ping came back", (guint) (before / KIB));
    self->most_before = MAX(self->most_before, before);
    if (++self->pings < PINGS)
        send_ping(self);
}

static void
test_ping_beside_full(gconstpointer data)
{
    static const SimConditions conditions = { 0 };
    gsize message_bytes = GPOINTER_TO_SIZE(data);
    Beside self = { .pair.on_channel = on_beside_channel };
    self.pair.user_data = &self;
    sim_pair_start(&self.pair, &conditions, 1);
    self.full = open_channel(&self.pair, "full");
    self.ping = open_channel(&self.pair, "ping");
    pierce_data_channel_set_message_func(self.ping, on_pong, &self, NULL);

    for (gsize queued = 0; queued < QUEUED_BYTES; queued += message_bytes)
        send_filled(self.full, 0, message_bytes);
    wait_until_within(DEADLINE_S, self.received >= QUEUED_BYTES / 8);
    send_ping(&self);
    wait_until_within(DEADLINE_S, self.pings == PINGS);
    g_assert_cmpuint(self.received, <, QUEUED_BYTES); /* it was full to the end */
    g_assert_cmpuint(self.most_before, <=, MOST_BEFORE_BYTES);

    sim_pair_clear(&self.pair);
    g_object_unref(self.full);
    g_object_unref(self.ping);
}

/* ---- a small message behind a large one ---- */

static void
on_any(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
       gpointer user_data)
{
    g_array_append_val((GArray *) user_data, size);
}

static void
on_any_channel(SimPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    pierce_data_channel_set_message_func(channel, on_any, user_data, NULL);
}

static void
test_a_small_message_overtakes(void)
{
    static const SimConditions conditions = { 0 }; /* where nothing else overtakes */
    g_autoptr(GArray) sizes = g_array_new(FALSE, FALSE, sizeof(gsize));
    SimPair pair = { .on_channel = on_any_channel, .user_data = sizes };
    sim_pair_start(&pair, &conditions, 1);
    g_autoptr(PierceDataChannel) large = open_channel(&pair, "large");
    g_autoptr(PierceDataChannel) small = open_channel(&pair, "small");
    send_filled(large, 0, LARGE_BYTES); /* far more than the first window */
    send_filled(small, 0, SMALL_BYTES);
    wait_until(sizes->len == 2);
    g_assert_cmpuint(g_array_index(sizes, gsize, 0), ==, SMALL_BYTES);
    g_assert_cmpuint(g_array_index(sizes, gsize, 1), ==, LARGE_BYTES);
    sim_pair_clear(&pair);
}

/* ---- large messages on several channels, both ways ---- */

#define CHANNELS 4
#define MESSAGES 4

typedef struct {
    guint received[2][CHANNELS]; /* by the server, by the client */
} Both;

static guint
number_of(PierceDataChannel *channel)
{
    return (guint) g_ascii_strtoull(pierce_data_channel_get_label(channel), NULL, 10);
}

static void
send_all(PierceDataChannel *channel)
{
    for (guint i = 0; i < MESSAGES; i++)
        send_filled(channel, (guint8) (16 * number_of(channel) + i), LARGE_BYTES);
}

static void
check_message(PierceDataChannel *channel, guint *received, const guint8 *data, gsize size)
{
    guint8 expected = (guint8) (16 * number_of(channel) + *received);
    g_assert_cmpuint(size, ==, LARGE_BYTES);
    for (gsize i = 0; i < size; i++)
        g_assert_cmpuint(data[i], ==, expected);
    (*received)++;
}

static void
on_server_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data,
                  gsize size, gpointer user_data)
{
    check_message(channel, &((Both *) user_data)->received[0][number_of(channel)], data, size);
}

static void
on_client_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data,
                  gsize size, gpointer user_data)
{
    check_message(channel, &((Both *) user_data)->received[1][number_of(channel)], data, size);
}

static void
on_both_channel(SimPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    pierce_data_channel_set_message_func(channel, on_server_message, user_data, NULL);
    g_signal_connect(channel, "open", G_CALLBACK(send_all), NULL);
}

static gboolean
has_all(const Both *both)
{
    for (guint i = 0; i < 2 * CHANNELS; i++) {
        if (both->received[i / CHANNELS][i % CHANNELS] < MESSAGES)
            return FALSE;
    }
    return TRUE;
}

static void
test_large_messages_both_ways(gconstpointer data)
{
    Both both = { 0 };
    SimPair pair = { .on_channel = on_both_channel, .user_data = &both };
    g_autoptr(GPtrArray) channels = g_ptr_array_new_with_free_func(g_object_unref);
    sim_pair_start(&pair, data, 1);
    for (guint i = 0; i < CHANNELS; i++) {
        g_autofree char *label = g_strdup_printf("%u", i);
        PierceDataChannel *channel =
            sctp_transport_create_channel(pair.client.sctp, label, NULL, NULL);
        pierce_data_channel_set_message_func(channel, on_client_message, &both, NULL);
        g_signal_connect(channel, "open", G_CALLBACK(send_all), NULL);
        g_ptr_array_add(channels, channel);
    }
    wait_until_within(DEADLINE_S, has_all(&both));
    sim_pair_clear(&pair);
}

int
main(int argc, char **argv)
{
    static const SimConditions clean = { .max_delay_ms = 1 };
    static const SimConditions bad = { .loss_percent = 2,
                                       .duplicate_percent = 2,
                                       .max_delay_ms = 4 };
    g_test_init(&argc, &argv, NULL);
    wait_until_enable();
    g_test_add_data_func("/interleaving/a-ping-beside-1-KiB", GSIZE_TO_POINTER(KIB),
                         test_ping_beside_full);
    g_test_add_data_func("/interleaving/a-ping-beside-16-KiB", GSIZE_TO_POINTER(16 * KIB),
                         test_ping_beside_full);
    g_test_add_data_func("/interleaving/a-ping-beside-256-KiB", GSIZE_TO_POINTER(LARGE_BYTES),
                         test_ping_beside_full);
    g_test_add_func("/interleaving/a-small-message-overtakes-a-large-one-of-another-channel",
                    test_a_small_message_overtakes);
    g_test_add_data_func("/interleaving/large-messages-of-several-channels-both-ways", &clean,
                         test_large_messages_both_ways);
    g_test_add_data_func("/interleaving/large-messages-both-ways-over-a-bad-network", &bad,
                         test_large_messages_both_ways);
    return g_test_run();
}
