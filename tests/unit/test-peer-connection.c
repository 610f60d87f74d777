/* Two connections in one process, over real sockets in a namespace of their own: set-up, channels,
 * ends. */
#include "tests/support/channel-pair.h"
#include "tests/support/netns.h"

#include <string.h>

#define KIB 1024

/* ---- messages ---- */

typedef struct {
    const char *name;
    PierceMessageType type;
    gsize size;
} MessageCase;

static const MessageCase message_cases[] = {
    { "text", PIERCE_MESSAGE_TYPE_TEXT, 5 },
    { "empty-text", PIERCE_MESSAGE_TYPE_TEXT, 0 },
    { "binary", PIERCE_MESSAGE_TYPE_BINARY, 3 },
    { "empty-binary", PIERCE_MESSAGE_TYPE_BINARY, 0 },
    { "one-packet-and-a-byte", PIERCE_MESSAGE_TYPE_BINARY, 1200 },
    { "64-KiB", PIERCE_MESSAGE_TYPE_BINARY, 64 * KIB },
    { "the-largest", PIERCE_MESSAGE_TYPE_BINARY, 256 * KIB },
    { "the-largest-text", PIERCE_MESSAGE_TYPE_TEXT, 256 * KIB },
};

static void
test_each_kind_of_message_arrives(ChannelPair *f, gconstpointer data)
{
    for (gsize i = 0; i < G_N_ELEMENTS(message_cases); i++) {
        const MessageCase *c = &message_cases[i];
        g_autofree char *bytes = g_malloc(c->size + 1);
        memset(bytes, 'a' + (int) i, c->size);
        bytes[c->size] = '\0';
        GError *error = NULL;
        if (c->type == PIERCE_MESSAGE_TYPE_TEXT)
            pierce_data_channel_send_text(f->sender, bytes, &error);
        else
            pierce_data_channel_send(f->sender, (const guint8 *) bytes, c->size, &error);
        g_assert_no_error(error);
        wait_until(f->received->len == i + 1);

        const Received *received = channel_pair_message(f, (guint) i);
        g_autoptr(GBytes) expected = g_bytes_new(bytes, c->size);
        g_assert_true(received->type == c->type);
        g_assert_true(g_bytes_equal(received->bytes, expected));
    }
}

static void
test_what_is_too_large_is_refused(ChannelPair *f, gconstpointer data)
{
    g_autofree guint8 *bytes = g_malloc0(256 * KIB + 1);
    g_autoptr(GError) error = NULL;
    g_assert_false(pierce_data_channel_send(f->sender, bytes, 256 * KIB + 1, &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_MESSAGE_TOO_LARGE);
    g_assert_cmpuint(pierce_data_channel_get_buffered_amount(f->sender), ==, 0);
}

static void
test_text_that_is_not_utf8_is_refused(ChannelPair *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(pierce_data_channel_send_text(f->sender, "\xff", &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT);
}

static void
on_low(PierceDataChannel *channel, guint *count)
{
    (*count)++;
}

static void
test_buffered_amount_counts_until_acknowledged(ChannelPair *f, gconstpointer data)
{
    enum { COUNT = 100 };
    g_autofree guint8 *bytes = g_malloc0(64 * KIB);
    guint low = 0;

    g_signal_connect(f->sender, "buffered-amount-low", G_CALLBACK(on_low), &low);
    pierce_data_channel_set_buffered_amount_low_threshold(f->sender, 1000);
    for (guint i = 0; i < COUNT; i++)
        g_assert_true(pierce_data_channel_send(f->sender, bytes, 64 * KIB, NULL));
    g_assert_cmpuint(pierce_data_channel_get_buffered_amount(f->sender), ==, COUNT * 64 * KIB);

    wait_until(f->received->len == COUNT);
    wait_until(pierce_data_channel_get_buffered_amount(f->sender) == 0);
    g_assert_cmpuint(low, ==, 1);
}

/* ---- kinds of channels ---- */

static void
test_options_reach_the_peer(void)
{
    ChannelPair f;
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    pierce_data_channel_init_set_ordered(init, FALSE);
    pierce_data_channel_init_set_max_retransmits(init, 3);
    pierce_data_channel_init_set_protocol(init, "proto");
    channel_pair_init(&f, NULL);
    channel_pair_connect(&f, init);

    g_assert_cmpstr(pierce_data_channel_get_label(f.receiver), ==, "chat");
    g_assert_cmpstr(pierce_data_channel_get_protocol(f.receiver), ==, "proto");
    g_assert_false(pierce_data_channel_get_ordered(f.receiver));
    g_assert_cmpint(pierce_data_channel_get_max_retransmits(f.receiver), ==, 3);
    g_assert_cmpint(pierce_data_channel_get_max_packet_life_time(f.receiver), ==, -1);
    g_assert_cmpint(pierce_data_channel_get_id(f.receiver), ==,
                    pierce_data_channel_get_id(f.sender));
    g_assert_true(pierce_data_channel_send_text(f.receiver, "back", NULL));
    channel_pair_teardown(&f, NULL);
}

static void
test_negotiated_channels_need_no_word(void)
{
    ChannelPair f;
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    pierce_data_channel_init_set_negotiated(init, 77);
    channel_pair_init(&f, NULL);
    f.receiver = pierce_peer_connection_create_data_channel(f.pair.answerer, "x", init, NULL);
    channel_pair_watch(&f, f.receiver);
    pierce_data_channel_set_message_func(f.receiver, channel_pair_on_message, &f, NULL);
    channel_pair_connect(&f, init);

    g_assert_cmpuint(f.channels->len, ==, 0);
    pierce_data_channel_send_text(f.sender, "hello", NULL);
    wait_until(f.received->len == 1);

    g_autoptr(GError) error = NULL;
    g_assert_null(
        pierce_peer_connection_create_data_channel(f.pair.offerer, "again", init, &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_OPERATION);
    channel_pair_teardown(&f, NULL);
}

static void
test_labels_may_be_65535_bytes_long(void)
{
    ChannelPair f;
    g_autofree char *label = g_strnfill(65535, 'l');
    g_autofree char *longer = g_strnfill(65536, 'l');
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    g_autoptr(GError) error = NULL;
    pierce_data_channel_init_set_protocol(init, label);
    channel_pair_init(&f, NULL);
    f.sender = pierce_peer_connection_create_data_channel(f.pair.offerer, label, init, NULL);
    g_assert_null(pierce_peer_connection_create_data_channel(f.pair.offerer, longer, NULL, &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    wait_until(f.receiver != NULL);
    g_assert_cmpstr(pierce_data_channel_get_label(f.receiver), ==, label);
    g_assert_cmpstr(pierce_data_channel_get_protocol(f.receiver), ==, label);
    channel_pair_teardown(&f, NULL);
}

/* More than the 16 streams that an association starts with. */
static void
test_streams_grow_with_the_channels(ChannelPair *f, gconstpointer data)
{
    enum { COUNT = 600 };
    g_autoptr(GPtrArray) more = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < COUNT; i++) {
        PierceDataChannel *channel = pierce_peer_connection_create_data_channel(
            i % 2 ? f->pair.offerer : f->pair.answerer, "more", NULL, NULL);
        channel_pair_watch(f, channel);
        g_ptr_array_add(more, channel);
    }
    g_signal_connect(f->pair.offerer, "data-channel", G_CALLBACK(channel_pair_on_channel), f);
    wait_until(f->opened == 2 + 2 * COUNT);
    g_assert_cmpuint(f->errors, ==, 0);
    for (guint i = 0; i < COUNT; i++)
        pierce_data_channel_send_text(more->pdata[i], "hello", NULL);
    wait_until(f->received->len == COUNT);
}

static void
test_data_may_follow_the_open_at_once(void)
{
    ChannelPair f;
    channel_pair_init(&f, NULL);
    f.sender = pierce_peer_connection_create_data_channel(f.pair.offerer, "chat", NULL, NULL);
    g_signal_connect(f.sender, "open", G_CALLBACK(channel_pair_send_hello), NULL);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    wait_until(f.received->len == 1);
    channel_pair_teardown(&f, NULL);
}

/* ---- stats ---- */

static void
test_stats_tell_path_traffic_and_set_up(ChannelPair *f, gconstpointer data)
{
    pierce_data_channel_send_text(f->sender, "hello", NULL);
    wait_until(f->received->len == 1);
    wait_until(pierce_data_channel_get_buffered_amount(f->sender) == 0);

    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(f->pair.offerer);
    g_assert_cmpstr(pierce_stats_get_local_candidate_type(stats), ==, "host");
    g_assert_cmpstr(pierce_stats_get_protocol(stats), ==, "udp");
    g_assert_nonnull(pierce_stats_get_remote_address(stats));
    g_assert_cmpuint(pierce_stats_get_bytes_sent(stats), ==, 5);
    g_assert_cmpuint(pierce_stats_get_messages_sent(stats), ==, 1);
    g_assert_cmpuint(pierce_stats_get_packets_sent(stats), >, 4);
    g_assert_cmpfloat(pierce_stats_get_round_trip_time_ms(stats), >=, 0);
    double last = 0;
    for (PierceSetupPhase phase = PIERCE_SETUP_PHASE_ICE; phase <= PIERCE_SETUP_PHASE_OPEN;
         phase++) {
        double ended = pierce_stats_get_setup_time_ms(stats, phase);
        g_assert_cmpfloat(ended, >=, last);
        last = ended;
    }
    g_autofree char *report = pierce_peer_connection_get_report(f->pair.offerer);
    g_assert_nonnull(strstr(report, "path: host"));
}

int
main(int argc, char **argv)
{
    const char *why = NULL;
    g_test_init(&argc, &argv, NULL);
    if (!netns_enter(&why)) {
        g_print("1..0 # SKIP %s\n", why);
        return 77;
    }
    wait_until_enable();
    add_channel_case("/peer-connection/each-kind-of-message-arrives",
                     test_each_kind_of_message_arrives);
    add_channel_case("/peer-connection/what-is-too-large-is-refused",
                     test_what_is_too_large_is_refused);
    add_channel_case("/peer-connection/text-that-is-not-utf8-is-refused",
                     test_text_that_is_not_utf8_is_refused);
    add_channel_case("/peer-connection/buffered-amount-counts-until-acknowledged",
                     test_buffered_amount_counts_until_acknowledged);
    g_test_add_func("/peer-connection/options-reach-the-peer", test_options_reach_the_peer);
    g_test_add_func("/peer-connection/negotiated-channels-need-no-word",
                    test_negotiated_channels_need_no_word);
    g_test_add_func("/peer-connection/labels-may-be-65535-bytes-long",
                    test_labels_may_be_65535_bytes_long);
    g_test_add_func("/peer-connection/data-may-follow-the-open-at-once",
                    test_data_may_follow_the_open_at_once);
    add_channel_case("/peer-connection/streams-grow-with-the-channels",
                     test_streams_grow_with_the_channels);
    add_channel_case("/peer-connection/stats-tell-path-traffic-and-set-up",
                     test_stats_tell_path_traffic_and_set_up);
    return g_test_run();
}
