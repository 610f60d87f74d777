/* Passes candidates on from an idle, never from within the signal, as a network would. */
#include "tests/support/peer-pair.h"

void
attach_source(GSource *source, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
    g_source_set_callback(source, func, data, destroy);
    g_source_attach(source, g_main_context_get_thread_default());
    g_source_unref(source);
}

typedef struct {
    PiercePeerConnection *to;
    PierceIceCandidate *candidate;
} Delivery;

static gboolean
deliver(gpointer data)
{
    Delivery *delivery = data;
    g_autoptr(GError) error = NULL;
    if (!pierce_peer_connection_add_ice_candidate(delivery->to, delivery->candidate, &error))
        g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE);
    return G_SOURCE_REMOVE;
}

static void
delivery_free(gpointer data)
{
    Delivery *delivery = data;
    g_object_unref(delivery->to);
    pierce_ice_candidate_free(delivery->candidate);
    g_free(delivery);
}

static void
on_candidate(PiercePeerConnection *from, PierceIceCandidate *candidate, gpointer user_data)
{
    PeerPair *pair = user_data;
    if (pair->drops_candidates)
        return;
    Delivery *delivery = g_new(Delivery, 1);
    delivery->to = g_object_ref(from == pair->offerer ? pair->answerer : pair->offerer);
    delivery->candidate = pierce_ice_candidate_copy(candidate);
    attach_source(g_timeout_source_new(0), deliver, delivery, delivery_free);
}

void
peer_pair_init(PeerPair *pair, PierceConfiguration *offerer, PierceConfiguration *answerer)
{
    *pair = (PeerPair){ 0 };
    pair->offerer = pierce_peer_connection_new(offerer);
    pair->answerer = pierce_peer_connection_new(answerer);
    g_signal_connect(pair->offerer, "ice-candidate", G_CALLBACK(on_candidate), pair);
    g_signal_connect(pair->answerer, "ice-candidate", G_CALLBACK(on_candidate), pair);
}

void
peer_pair_clear(PeerPair *pair)
{
    g_clear_object(&pair->offerer);
    g_clear_object(&pair->answerer);
    while (g_main_context_iteration(g_main_context_get_thread_default(), FALSE))
        ;
}

void
peer_pair_negotiate(PeerPair *pair, PiercePeerConnection *from)
{
    PiercePeerConnection *to = from == pair->offerer ? pair->answerer : pair->offerer;
    g_autoptr(GError) error = NULL;

    g_assert_true(pierce_peer_connection_set_local_description(from, NULL, &error));
    g_autoptr(PierceSessionDescription) offer = pierce_peer_connection_get_local_description(from);
    g_assert_true(pierce_peer_connection_set_remote_description(to, offer, &error));
    g_assert_true(pierce_peer_connection_set_local_description(to, NULL, &error));
    g_autoptr(PierceSessionDescription) answer = pierce_peer_connection_get_local_description(to);
    g_assert_true(pierce_peer_connection_set_remote_description(from, answer, &error));
    g_assert_no_error(error);
}

static gboolean
on_turn(gpointer data)
{
    return G_SOURCE_CONTINUE;
}

void
wait_until_enable(void)
{
    attach_source(g_timeout_source_new(50), on_turn, NULL, NULL);
}
