/* Two connections in one process, over real sockets in a namespace of their own: set-up, channels,
 * ends. */
#include "tests/support/netns.h"
#include "tests/support/peer-pair.h"

#include <string.h>

#define KIB 1024

typedef struct {
    PierceMessageType type;
    GBytes *bytes;
} Received;

typedef struct {
    PeerPair pair;
    PierceDataChannel *sender;   /* made by the offerer */
    PierceDataChannel *receiver; /* what the answerer was told of */
    GPtrArray *channels;         /* all that the answerer was told of */
    guint opened;
    guint closed;
    guint errors;
    GArray *received; /* of Received, on any channel of the answerer */
} Fixture;

static void
received_clear(gpointer data)
{
    g_bytes_unref(((Received *) data)->bytes);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    Fixture *f = user_data;
    Received received = { type, g_bytes_new(data, size) };
    g_array_append_val(f->received, received);
}

static void
on_open(PierceDataChannel *channel, Fixture *f)
{
    f->opened++;
}

static void
on_close(PierceDataChannel *channel, Fixture *f)
{
    g_assert_cmpint(pierce_data_channel_get_ready_state(channel), ==,
                    PIERCE_DATA_CHANNEL_STATE_CLOSED);
    f->closed++;
}

static void
on_error(PierceDataChannel *channel, const GError *error, Fixture *f)
{
    g_test_message("channel error: %s", error->message);
    f->errors++;
}

static void
watch(Fixture *f, PierceDataChannel *channel)
{
    g_signal_connect(channel, "open", G_CALLBACK(on_open), f);
    g_signal_connect(channel, "close", G_CALLBACK(on_close), f);
    g_signal_connect(channel, "error", G_CALLBACK(on_error), f);
}

static void
on_channel(PiercePeerConnection *connection, PierceDataChannel *channel, Fixture *f)
{
    g_assert_cmpint(pierce_data_channel_get_ready_state(channel), ==,
                    PIERCE_DATA_CHANNEL_STATE_OPEN);
    g_set_object(&f->receiver, channel);
    g_ptr_array_add(f->channels, g_object_ref(channel));
    pierce_data_channel_set_message_func(channel, on_message, f, NULL);
    watch(f, channel);
}

static void
fixture_init(Fixture *f, PierceConfiguration *configuration)
{
    *f = (Fixture){ .received = g_array_new(FALSE, FALSE, sizeof(Received)),
                    .channels = g_ptr_array_new_with_free_func(g_object_unref) };
    g_array_set_clear_func(f->received, received_clear);
    peer_pair_init(&f->pair, configuration, configuration);
    g_signal_connect(f->pair.answerer, "data-channel", G_CALLBACK(on_channel), f);
}

static void
connect_with(Fixture *f, PierceDataChannelInit *init)
{
    f->sender = pierce_peer_connection_create_data_channel(f->pair.offerer, "chat", init, NULL);
    watch(f, f->sender);
    peer_pair_negotiate(&f->pair, f->pair.offerer);
    wait_until(f->opened == 2);
}

static void
setup(Fixture *f, gconstpointer data)
{
    fixture_init(f, NULL);
    connect_with(f, NULL);
}

static void
teardown(Fixture *f, gconstpointer data)
{
    g_clear_object(&f->sender);
    g_clear_object(&f->receiver);
    g_clear_pointer(&f->channels, g_ptr_array_unref);
    peer_pair_clear(&f->pair);
    g_clear_pointer(&f->received, g_array_unref);
}

static const Received *
message_at(Fixture *f, guint index)
{
    g_assert_cmpuint(index, <, f->received->len);
    return &g_array_index(f->received, Received, index);
}

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
test_each_kind_of_message_arrives(Fixture *f, gconstpointer data)
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

        const Received *received = message_at(f, (guint) i);
        g_autoptr(GBytes) expected = g_bytes_new(bytes, c->size);
        g_assert_true(received->type == c->type);
        g_assert_true(g_bytes_equal(received->bytes, expected));
    }
}

static void
test_what_is_too_large_is_refused(Fixture *f, gconstpointer data)
{
    g_autofree guint8 *bytes = g_malloc0(256 * KIB + 1);
    g_autoptr(GError) error = NULL;
    g_assert_false(pierce_data_channel_send(f->sender, bytes, 256 * KIB + 1, &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_MESSAGE_TOO_LARGE);
    g_assert_cmpuint(pierce_data_channel_get_buffered_amount(f->sender), ==, 0);
}

static void
test_text_that_is_not_utf8_is_refused(Fixture *f, gconstpointer data)
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
test_buffered_amount_counts_until_acknowledged(Fixture *f, gconstpointer data)
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
    Fixture f;
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    pierce_data_channel_init_set_ordered(init, FALSE);
    pierce_data_channel_init_set_max_retransmits(init, 3);
    pierce_data_channel_init_set_protocol(init, "proto");
    fixture_init(&f, NULL);
    connect_with(&f, init);

    g_assert_cmpstr(pierce_data_channel_get_label(f.receiver), ==, "chat");
    g_assert_cmpstr(pierce_data_channel_get_protocol(f.receiver), ==, "proto");
    g_assert_false(pierce_data_channel_get_ordered(f.receiver));
    g_assert_cmpint(pierce_data_channel_get_max_retransmits(f.receiver), ==, 3);
    g_assert_cmpint(pierce_data_channel_get_max_packet_life_time(f.receiver), ==, -1);
    g_assert_cmpint(pierce_data_channel_get_id(f.receiver), ==,
                    pierce_data_channel_get_id(f.sender));
    g_assert_true(pierce_data_channel_send_text(f.receiver, "back", NULL));
    teardown(&f, NULL);
}

static void
test_negotiated_channels_need_no_word(void)
{
    Fixture f;
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    pierce_data_channel_init_set_negotiated(init, 77);
    fixture_init(&f, NULL);
    f.receiver = pierce_peer_connection_create_data_channel(f.pair.answerer, "x", init, NULL);
    watch(&f, f.receiver);
    pierce_data_channel_set_message_func(f.receiver, on_message, &f, NULL);
    connect_with(&f, init);

    g_assert_cmpuint(f.channels->len, ==, 0);
    pierce_data_channel_send_text(f.sender, "hello", NULL);
    wait_until(f.received->len == 1);

    g_autoptr(GError) error = NULL;
    g_assert_null(
        pierce_peer_connection_create_data_channel(f.pair.offerer, "again", init, &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_OPERATION);
    teardown(&f, NULL);
}

static void
test_labels_may_be_65535_bytes_long(void)
{
    Fixture f;
    g_autofree char *label = g_strnfill(65535, 'l');
    g_autofree char *longer = g_strnfill(65536, 'l');
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    g_autoptr(GError) error = NULL;
    pierce_data_channel_init_set_protocol(init, label);
    fixture_init(&f, NULL);
    f.sender = pierce_peer_connection_create_data_channel(f.pair.offerer, label, init, NULL);
    g_assert_null(pierce_peer_connection_create_data_channel(f.pair.offerer, longer, NULL, &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    wait_until(f.receiver != NULL);
    g_assert_cmpstr(pierce_data_channel_get_label(f.receiver), ==, label);
    g_assert_cmpstr(pierce_data_channel_get_protocol(f.receiver), ==, label);
    teardown(&f, NULL);
}

/* More than the 256 streams that an association starts with. */
static void
test_streams_grow_with_the_channels(Fixture *f, gconstpointer data)
{
    enum { COUNT = 600 };
    g_autoptr(GPtrArray) more = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < COUNT; i++) {
        PierceDataChannel *channel = pierce_peer_connection_create_data_channel(
            i % 2 ? f->pair.offerer : f->pair.answerer, "more", NULL, NULL);
        watch(f, channel);
        g_ptr_array_add(more, channel);
    }
    g_signal_connect(f->pair.offerer, "data-channel", G_CALLBACK(on_channel), f);
    wait_until(f->opened == 2 + 2 * COUNT);
    g_assert_cmpuint(f->errors, ==, 0);
    for (guint i = 0; i < COUNT; i++)
        pierce_data_channel_send_text(more->pdata[i], "hello", NULL);
    wait_until(f->received->len == COUNT);
}

static void
send_hello(PierceDataChannel *channel, gpointer user_data)
{
    g_assert_true(pierce_data_channel_send_text(channel, "hello", NULL));
}

static void
test_data_may_follow_the_open_at_once(void)
{
    Fixture f;
    fixture_init(&f, NULL);
    f.sender = pierce_peer_connection_create_data_channel(f.pair.offerer, "chat", NULL, NULL);
    g_signal_connect(f.sender, "open", G_CALLBACK(send_hello), NULL);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    wait_until(f.received->len == 1);
    teardown(&f, NULL);
}

/* ---- closing ---- */

static void
test_a_channel_closed_here_closes_there_and_frees_its_id(Fixture *f, gconstpointer data)
{
    gint id = pierce_data_channel_get_id(f->sender);
    pierce_data_channel_send_text(f->sender, "last words", NULL);
    pierce_data_channel_close(f->sender);
    pierce_data_channel_close(f->sender);
    wait_until(f->closed == 2);
    g_assert_cmpuint(f->received->len, ==, 1);

    g_autoptr(PierceDataChannel) next =
        pierce_peer_connection_create_data_channel(f->pair.offerer, "next", NULL, NULL);
    watch(f, next);
    wait_until(f->opened == 4);
    g_assert_cmpint(pierce_data_channel_get_id(next), ==, id);
    g_assert_cmpint(pierce_data_channel_get_id(f->receiver), ==, id);
    pierce_data_channel_send_text(next, "hello", NULL);
    wait_until(f->received->len == 2);
}

static void
test_a_channel_closed_there_closes_here(Fixture *f, gconstpointer data)
{
    pierce_data_channel_close(f->receiver);
    wait_until(f->closed == 2);
    g_autoptr(GError) error = NULL;
    g_assert_false(pierce_data_channel_send_text(f->sender, "late", &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE);
}

static void
test_many_channels_close_at_once(Fixture *f, gconstpointer data)
{
    enum { COUNT = 50 };
    g_autoptr(GPtrArray) more = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < COUNT; i++) {
        g_ptr_array_add(
            more, pierce_peer_connection_create_data_channel(f->pair.offerer, "more", NULL, NULL));
        watch(f, more->pdata[i]);
    }
    wait_until(f->opened == 2 + 2 * COUNT);
    for (guint i = 0; i < COUNT; i++)
        pierce_data_channel_close(more->pdata[i]);
    wait_until(f->closed == 2 * COUNT);
}

static void
test_a_connection_closed_here_closes_there(Fixture *f, gconstpointer data)
{
    pierce_peer_connection_close(f->pair.offerer);
    g_assert_cmpint(pierce_peer_connection_get_connection_state(f->pair.offerer), ==,
                    PIERCE_PEER_CONNECTION_STATE_CLOSED);
    g_assert_null(pierce_peer_connection_get_error(f->pair.offerer));
    wait_until(pierce_peer_connection_get_connection_state(f->pair.answerer) ==
               PIERCE_PEER_CONNECTION_STATE_CLOSED);
    g_assert_cmpuint(f->closed, ==, 2);
    g_assert_error(pierce_peer_connection_get_error(f->pair.answerer), PIERCE_ERROR,
                   PIERCE_ERROR_PEER_CLOSED);
    pierce_peer_connection_close(f->pair.answerer);
}

/* Where an application closes the connection from inside a callback. */
typedef enum {
    CLOSE_ON_ICE_CANDIDATE,
    CLOSE_ON_ICE_STATE,
    CLOSE_ON_DTLS_STATE,
    CLOSE_ON_CONNECTION_STATE,
    CLOSE_ON_DATA_CHANNEL,
    CLOSE_ON_OPEN,
    CLOSE_ON_MESSAGE,
    CLOSE_PLACES,
} ClosePlace;

typedef struct {
    Fixture fixture;
    PiercePeerConnection *closed;
    gboolean unrefs;
    gboolean has_closed;
} CloseTest;

static void
close_it(CloseTest *t)
{
    if (t->has_closed)
        return;
    t->has_closed = TRUE;
    pierce_peer_connection_close(t->closed);
    g_assert_cmpint(pierce_peer_connection_get_connection_state(t->closed), ==,
                    PIERCE_PEER_CONNECTION_STATE_CLOSED);
    if (t->closed == t->fixture.pair.answerer)
        g_clear_object(&t->fixture.pair.answerer);
    else
        g_clear_object(&t->fixture.pair.offerer);
}

static void
on_connected_closes(GObject *object, GParamSpec *pspec, CloseTest *t)
{
    if (pierce_peer_connection_get_ice_connection_state(t->closed) >=
        PIERCE_ICE_CONNECTION_STATE_CONNECTED)
        close_it(t);
}

static void
on_message_closes(PierceDataChannel *channel, PierceMessageType type, const guint8 *data,
                  gsize size, gpointer user_data)
{
    close_it(user_data);
}

static void
on_channel_for_close(PiercePeerConnection *connection, PierceDataChannel *channel, CloseTest *t)
{
    pierce_data_channel_set_message_func(channel, on_message_closes, t, NULL);
}

static void
arrange_close(CloseTest *t, ClosePlace place)
{
    Fixture *f = &t->fixture;
    switch (place) {
    case CLOSE_ON_ICE_CANDIDATE:
        g_signal_connect_swapped(t->closed, "ice-candidate", G_CALLBACK(close_it), t);
        break;
    case CLOSE_ON_ICE_STATE:
        g_signal_connect(t->closed, "notify::ice-connection-state", G_CALLBACK(on_connected_closes),
                         t);
        break;
    case CLOSE_ON_DTLS_STATE:
        g_signal_connect(t->closed, "notify::dtls-state", G_CALLBACK(on_connected_closes), t);
        break;
    case CLOSE_ON_CONNECTION_STATE:
        g_signal_connect(t->closed, "notify::connection-state", G_CALLBACK(on_connected_closes), t);
        break;
    case CLOSE_ON_DATA_CHANNEL:
        t->closed = f->pair.answerer;
        g_signal_connect_swapped(t->closed, "data-channel", G_CALLBACK(close_it), t);
        break;
    case CLOSE_ON_OPEN:
        g_signal_connect_swapped(f->sender, "open", G_CALLBACK(close_it), t);
        break;
    case CLOSE_ON_MESSAGE:
        t->closed = f->pair.answerer;
        g_signal_connect(t->closed, "data-channel", G_CALLBACK(on_channel_for_close), t);
        g_signal_connect(f->sender, "open", G_CALLBACK(send_hello), NULL);
        break;
    case CLOSE_PLACES:
        g_assert_not_reached();
    }
}

static void
test_closing_is_legal_inside_any_callback(void)
{
    for (ClosePlace place = 0; place < CLOSE_PLACES; place++) {
        CloseTest t = { 0 };
        Fixture *f = &t.fixture;
        fixture_init(f, NULL);
        g_signal_handlers_disconnect_by_func(f->pair.answerer, on_channel, f);
        f->sender = pierce_peer_connection_create_data_channel(f->pair.offerer, "chat", NULL, NULL);
        t.closed = f->pair.offerer;
        arrange_close(&t, place);
        if (place == CLOSE_ON_ICE_CANDIDATE)
            pierce_peer_connection_set_local_description(f->pair.offerer, NULL, NULL);
        else
            peer_pair_negotiate(&f->pair, f->pair.offerer);
        wait_until(t.has_closed);
        teardown(f, NULL);
    }
}

static void
test_a_closed_connection_says_so(Fixture *f, gconstpointer data)
{
    PiercePeerConnection *closed = f->pair.offerer;
    g_autoptr(PierceIceCandidate) candidate = pierce_ice_candidate_new("", NULL, -1, NULL);
    pierce_peer_connection_close(closed);
    pierce_peer_connection_close(closed);

    g_autoptr(GError) channel_error = NULL, offer_error = NULL, candidate_error = NULL;
    g_assert_null(pierce_peer_connection_create_data_channel(closed, "x", NULL, &channel_error));
    g_assert_error(channel_error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE);
    g_assert_null(pierce_peer_connection_create_offer(closed, &offer_error));
    g_assert_error(offer_error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE);
    g_assert_false(pierce_peer_connection_add_ice_candidate(closed, candidate, &candidate_error));
    g_assert_error(candidate_error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE);
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(closed);
    g_assert_cmpstr(pierce_stats_get_local_candidate_type(stats), ==, "host");
}

/* ---- stats ---- */

static void
test_stats_tell_path_traffic_and_set_up(Fixture *f, gconstpointer data)
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

#define add(name, func) g_test_add("/peer-connection/" name, Fixture, NULL, setup, func, teardown)

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
    add("each-kind-of-message-arrives", test_each_kind_of_message_arrives);
    add("what-is-too-large-is-refused", test_what_is_too_large_is_refused);
    add("text-that-is-not-utf8-is-refused", test_text_that_is_not_utf8_is_refused);
    add("buffered-amount-counts-until-acknowledged",
        test_buffered_amount_counts_until_acknowledged);
    g_test_add_func("/peer-connection/options-reach-the-peer", test_options_reach_the_peer);
    g_test_add_func("/peer-connection/negotiated-channels-need-no-word",
                    test_negotiated_channels_need_no_word);
    g_test_add_func("/peer-connection/labels-may-be-65535-bytes-long",
                    test_labels_may_be_65535_bytes_long);
    g_test_add_func("/peer-connection/data-may-follow-the-open-at-once",
                    test_data_may_follow_the_open_at_once);
    add("streams-grow-with-the-channels", test_streams_grow_with_the_channels);
    add("a-channel-closed-here-closes-there-and-frees-its-id",
        test_a_channel_closed_here_closes_there_and_frees_its_id);
    add("a-channel-closed-there-closes-here", test_a_channel_closed_there_closes_here);
    add("many-channels-close-at-once", test_many_channels_close_at_once);
    add("a-connection-closed-here-closes-there", test_a_connection_closed_here_closes_there);
    g_test_add_func("/peer-connection/closing-is-legal-inside-any-callback",
                    test_closing_is_legal_inside_any_callback);
    add("a-closed-connection-says-so", test_a_closed_connection_says_so);
    add("stats-tell-path-traffic-and-set-up", test_stats_tell_path_traffic_and_set_up);
    return g_test_run();
}
