/* Owns the connections and the signalling between them, which is a function call.  Never sends a
 * message. */
#include "tests/bench/pierce-pairs.h"

#include <gio/gio.h>

#define OPEN_SECONDS 30

typedef enum {
    OFFERER,
    ANSWERER,
} End;

static void
on_candidate(PiercePeerConnection *from, PierceIceCandidate *candidate, PiercePeerConnection *to)
{
    pierce_peer_connection_add_ice_candidate(to, candidate, NULL);
}

static void
on_offered_open(PierceDataChannel *channel, Pair *pair)
{
    pair->opened[OFFERER]++;
}

static void
on_answered_open(PierceDataChannel *channel, Pair *pair)
{
    pair->opened[ANSWERER]++;
}

static void
on_channel(PiercePeerConnection *connection, PierceDataChannel *channel, Pair *pair)
{
    g_ptr_array_add(pair->channels[ANSWERER], g_object_ref(channel));
    g_signal_connect(channel, "open", G_CALLBACK(on_answered_open), pair);
}

static gboolean
create_channels(Pair *pair, guint count, GError **error)
{
    for (guint i = 0; i < count; i++) {
        PierceDataChannel *channel =
            pierce_peer_connection_create_data_channel(pair->ends[OFFERER], "bench", NULL, error);
        if (!channel)
            return FALSE;
        g_ptr_array_add(pair->channels[OFFERER], channel);
        g_signal_connect(channel, "open", G_CALLBACK(on_offered_open), pair);
    }
    return TRUE;
}

/* Hands @from's description to the other end. */
static gboolean
describe(Pair *pair, End from, GError **error)
{
    if (!pierce_peer_connection_set_local_description(pair->ends[from], NULL, error))
        return FALSE;
    g_autoptr(PierceSessionDescription) description =
        pierce_peer_connection_get_local_description(pair->ends[from]);
    return pierce_peer_connection_set_remote_description(pair->ends[1 - from], description, error);
}

static gboolean
wait_until_open(Pair *pair, guint channels, GError **error)
{
    GMainContext *context = g_main_context_get_thread_default();
    gint64 deadline_us = g_get_monotonic_time() + OPEN_SECONDS * G_TIME_SPAN_SECOND;
    while (pair->opened[OFFERER] < channels || pair->opened[ANSWERER] < channels) {
        if (g_get_monotonic_time() > deadline_us) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                        "%u channels did not open within %d s", channels, OPEN_SECONDS);
            return FALSE;
        }
        g_main_context_iteration(context, TRUE);
    }
    return TRUE;
}

Pair *
pair_new(guint channels, GError **error)
{
    Pair *pair = g_new0(Pair, 1);
    for (guint i = 0; i < 2; i++) {
        pair->ends[i] = pierce_peer_connection_new(NULL);
        pair->channels[i] = g_ptr_array_new_with_free_func(g_object_unref);
    }
    for (guint i = 0; i < 2; i++)
        g_signal_connect(pair->ends[i], "ice-candidate", G_CALLBACK(on_candidate),
                         pair->ends[1 - i]);
    g_signal_connect(pair->ends[ANSWERER], "data-channel", G_CALLBACK(on_channel), pair);
    if (create_channels(pair, channels, error) && describe(pair, OFFERER, error) &&
        describe(pair, ANSWERER, error) && wait_until_open(pair, channels, error))
        return pair;
    pair_free(pair);
    return NULL;
}

void
pair_free(Pair *pair)
{
    for (guint i = 0; i < 2; i++) {
        pierce_peer_connection_close(pair->ends[i]);
        g_ptr_array_unref(pair->channels[i]);
    }
    for (guint i = 0; i < 2; i++)
        g_object_unref(pair->ends[i]);
    g_free(pair);
}

static void
free_pair(gpointer pair)
{
    pair_free(pair);
}

GPtrArray *
pairs_array_new(void)
{
    return g_ptr_array_new_with_free_func(free_pair);
}

GPtrArray *
pairs_new(guint count, GError **error)
{
    g_autoptr(GPtrArray) pairs = pairs_array_new();
    for (guint i = 0; i < count; i++) {
        Pair *pair = pair_new(1, error);
        if (!pair)
            return NULL;
        g_ptr_array_add(pairs, pair);
    }
    return g_steal_pointer(&pairs);
}
