/* How channels and connections end, between two connections in one process in a namespace of their
 * own. */
#include "tests/support/channel-pair.h"
#include "tests/support/netns.h"

static void
test_a_channel_closed_here_closes_there_and_frees_its_id(ChannelPair *f, gconstpointer data)
{
    gint id = pierce_data_channel_get_id(f->sender);
    pierce_data_channel_send_text(f->sender, "last words", NULL);
    pierce_data_channel_close(f->sender);
    pierce_data_channel_close(f->sender);
    wait_until(f->closed == 2);
    g_assert_cmpuint(f->received->len, ==, 1);

    g_autoptr(PierceDataChannel) next =
        pierce_peer_connection_create_data_channel(f->pair.offerer, "next", NULL, NULL);
    channel_pair_watch(f, next);
    wait_until(f->opened == 4);
    g_assert_cmpint(pierce_data_channel_get_id(next), ==, id);
    g_assert_cmpint(pierce_data_channel_get_id(f->receiver), ==, id);
    pierce_data_channel_send_text(next, "hello", NULL);
    wait_until(f->received->len == 2);
}

static void
test_a_channel_closed_there_closes_here(ChannelPair *f, gconstpointer data)
{
    pierce_data_channel_close(f->receiver);
    wait_until(f->closed == 2);
    g_autoptr(GError) error = NULL;
    g_assert_false(pierce_data_channel_send_text(f->sender, "late", &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE);
}

static void
test_many_channels_close_at_once(ChannelPair *f, gconstpointer data)
{
    enum { COUNT = 50 };
    g_autoptr(GPtrArray) more = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < COUNT; i++) {
        g_ptr_array_add(
            more, pierce_peer_connection_create_data_channel(f->pair.offerer, "more", NULL, NULL));
        channel_pair_watch(f, more->pdata[i]);
    }
    wait_until(f->opened == 2 + 2 * COUNT);
    for (guint i = 0; i < COUNT; i++)
        pierce_data_channel_close(more->pdata[i]);
    wait_until(f->closed == 2 * COUNT);
}

static void
test_a_connection_closed_here_closes_there(ChannelPair *f, gconstpointer data)
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
    ChannelPair fixture;
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
    ChannelPair *f = &t->fixture;
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
        g_signal_connect(f->sender, "open", G_CALLBACK(channel_pair_send_hello), NULL);
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
        ChannelPair *f = &t.fixture;
        channel_pair_init(f, NULL);
        g_signal_handlers_disconnect_by_func(f->pair.answerer, channel_pair_on_channel, f);
        f->sender = pierce_peer_connection_create_data_channel(f->pair.offerer, "chat", NULL, NULL);
        t.closed = f->pair.offerer;
        arrange_close(&t, place);
        if (place == CLOSE_ON_ICE_CANDIDATE)
            pierce_peer_connection_set_local_description(f->pair.offerer, NULL, NULL);
        else
            peer_pair_negotiate(&f->pair, f->pair.offerer);
        wait_until(t.has_closed);
        channel_pair_teardown(f, NULL);
    }
}

static void
test_a_closed_connection_says_so(ChannelPair *f, gconstpointer data)
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
    add_channel_case("/closing/a-channel-closed-here-closes-there-and-frees-its-id",
                     test_a_channel_closed_here_closes_there_and_frees_its_id);
    add_channel_case("/closing/a-channel-closed-there-closes-here",
                     test_a_channel_closed_there_closes_here);
    add_channel_case("/closing/many-channels-close-at-once", test_many_channels_close_at_once);
    add_channel_case("/closing/a-connection-closed-here-closes-there",
                     test_a_connection_closed_here_closes_there);
    add_channel_case("/closing/a-closed-connection-says-so", test_a_closed_connection_says_so);
    g_test_add_func("/closing/closing-is-legal-inside-any-callback",
                    test_closing_is_legal_inside_any_callback);
    return g_test_run();
}
