/* Owns the map from peers to their connections, and hands each message of the signalling client to
 * the right one.  Negotiation itself is negotiator-peer's.
 *
 * Client ids belong to registrations, and those end when a server restarts or a network changes.
 * Connections outlive them: a peer is recognised under its new id by its name, or by the session id
 * in its next offer. */
#include "signaling/negotiator.h"

#include "signaling/negotiator-peer.h"

#include <string.h>

/* More peers than this are refused with `bye`. */
#define MAX_PEERS 256
/* Names of peers that were heard of; the oldest knowledge is not worth more memory than this. */
#define MAX_NAMES 1024

struct _PierceNegotiator {
    GObject parent_instance;
    PierceSignalingClient *client;
    PierceConfiguration *configuration;
    GHashTable *peers; /* client id -> NegotiatorPeer; the key is the peer's own */
    GHashTable *names; /* client id -> name */
    gboolean refuses_relays;
    gboolean is_closed;
};

enum { SIGNAL_PEER, SIGNAL_PEER_GONE, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(PierceNegotiator, pierce_negotiator, G_TYPE_OBJECT)

typedef struct {
    PierceConfiguration *configuration;
    gboolean refuses_relays;
} ServerList;

static void
add_server(const char *uri, const char *username, const char *credential, gpointer user_data)
{
    ServerList *list = user_data;
    g_autoptr(GError) error = NULL;

    if (list->refuses_relays && g_ascii_strncasecmp(uri, "turn", strlen("turn")) == 0)
        return;
    if (!pierce_configuration_add_ice_server(list->configuration, uri, username, credential,
                                             &error))
        g_info("a server that the signalling server named is left out: %s", error->message);
}

static PierceConfiguration *
build_configuration(PierceNegotiator *self)
{
    PierceConfiguration *configuration = pierce_configuration_copy(self->configuration);
    ServerList list = { configuration, self->refuses_relays };

    pierce_signaling_client_foreach_ice_server(self->client, add_server, &list);
    return configuration;
}

/* Ends a connection.  Emits last. */
static void
drop_peer(PierceNegotiator *self, NegotiatorPeer *peer, gboolean tells_peer)
{
    G_GNUC_UNUSED g_autoptr(PierceNegotiator) alive = g_object_ref(self);
    g_autofree char *client_id = g_strdup(negotiator_peer_get_client_id(peer));
    g_autoptr(PiercePeerConnection) connection = g_object_ref(negotiator_peer_get_connection(peer));

    g_hash_table_steal(self->peers, client_id);
    if (tells_peer && !negotiator_peer_is_stale(peer))
        pierce_signaling_client_send_bye(self->client, client_id);
    negotiator_peer_free(peer);
    g_signal_emit(self, signals[SIGNAL_PEER_GONE], 0, client_id, connection);
}

static void
on_peer_gone(NegotiatorPeer *peer, gpointer user_data)
{
    const GError *error = pierce_peer_connection_get_error(negotiator_peer_get_connection(peer));

    /* One that closed the connection needs no goodbye. */
    drop_peer(user_data, peer, !g_error_matches(error, PIERCE_ERROR, PIERCE_ERROR_PEER_CLOSED));
}

static NegotiatorPeer *
add_peer(PierceNegotiator *self, const char *client_id)
{
    g_autoptr(PierceConfiguration) configuration = build_configuration(self);
    NegotiatorPeer *peer =
        negotiator_peer_new(self->client, client_id, configuration, on_peer_gone, self);

    negotiator_peer_set_name(peer, g_hash_table_lookup(self->names, client_id));
    g_hash_table_insert(self->peers, (gpointer) negotiator_peer_get_client_id(peer), peer);
    g_signal_emit(self, signals[SIGNAL_PEER], 0, client_id, negotiator_peer_get_connection(peer));
    /* What was connected to the signal may have ended it again. */
    return g_hash_table_lookup(self->peers, client_id);
}

static void
rename_peer(PierceNegotiator *self, NegotiatorPeer *peer, const char *client_id)
{
    g_hash_table_steal(self->peers, negotiator_peer_get_client_id(peer));
    negotiator_peer_set_client_id(peer, client_id);
    g_hash_table_insert(self->peers, (gpointer) negotiator_peer_get_client_id(peer), peer);
}

static NegotiatorPeer *
find_stale(PierceNegotiator *self, const char *name)
{
    GHashTableIter iter;
    gpointer peer;

    g_hash_table_iter_init(&iter, self->peers);
    while (g_hash_table_iter_next(&iter, NULL, &peer)) {
        if (negotiator_peer_is_stale(peer) && g_strcmp0(negotiator_peer_get_name(peer), name) == 0)
            return peer;
    }
    return NULL;
}

static NegotiatorPeer *
find_session(PierceNegotiator *self, const char *sdp)
{
    GHashTableIter iter;
    gpointer peer;

    g_hash_table_iter_init(&iter, self->peers);
    while (g_hash_table_iter_next(&iter, NULL, &peer)) {
        if (negotiator_peer_is_session(peer, sdp))
            return peer;
    }
    return NULL;
}

/* The server names a peer. */
static void
learn_name(PierceNegotiator *self, const char *client_id, const char *name)
{
    NegotiatorPeer *known = g_hash_table_lookup(self->peers, client_id);
    NegotiatorPeer *stale = known && !negotiator_peer_is_stale(known) ? NULL : known;

    if (g_hash_table_size(self->names) >= MAX_NAMES)
        g_hash_table_remove_all(self->names);
    g_hash_table_insert(self->names, g_strdup(client_id), g_strdup(name));
    if (known)
        negotiator_peer_set_name(known, name);
    else
        stale = find_stale(self, name);
    if (!stale)
        return;
    rename_peer(self, stale, client_id);
    negotiator_peer_resume(stale);
}

static void
on_peer_found(PierceSignalingClient *client, const char *client_id, const char *name,
              PierceNegotiator *self)
{
    learn_name(self, client_id, name);
}

static void
on_peer_joined(PierceSignalingClient *client, const char *client_id, const char *name,
               gboolean present, PierceNegotiator *self)
{
    learn_name(self, client_id, name);
}

/* A connection that is not up yet cannot come up without the server. */
static void
on_peer_unknown(PierceSignalingClient *client, const char *client_id, PierceNegotiator *self)
{
    NegotiatorPeer *peer = g_hash_table_lookup(self->peers, client_id);

    if (!peer)
        return;
    negotiator_peer_set_stale(peer);
    if (!negotiator_peer_was_connected(peer))
        drop_peer(self, peer, FALSE);
}

static void
on_peer_left(PierceSignalingClient *client, const char *client_id, const char *name,
             PierceNegotiator *self)
{
    g_hash_table_remove(self->names, client_id);
    on_peer_unknown(client, client_id, self);
}

/* Registered again: the ids of peers may be from a server that was restarted. */
static void
on_registered(PierceSignalingClient *client, const char *client_id, PierceNegotiator *self)
{
    GHashTableIter iter;
    gpointer peer;

    g_hash_table_remove_all(self->names);
    g_hash_table_iter_init(&iter, self->peers);
    while (g_hash_table_iter_next(&iter, NULL, &peer)) {
        if (negotiator_peer_get_name(peer) && negotiator_peer_was_connected(peer))
            negotiator_peer_set_stale(peer);
    }
}

static NegotiatorPeer *
find_for_offer(PierceNegotiator *self, const char *client_id, const char *sdp)
{
    NegotiatorPeer *peer = g_hash_table_lookup(self->peers, client_id);
    NegotiatorPeer *same_session = peer ? NULL : find_session(self, sdp);

    if (same_session) {
        rename_peer(self, same_session, client_id);
        return g_hash_table_lookup(self->peers, client_id);
    }
    /* The peer lost its side, maybe without a chance to say so, and starts anew. */
    if (peer && negotiator_peer_has_session(peer) && !negotiator_peer_is_session(peer, sdp)) {
        drop_peer(self, peer, FALSE);
        peer = g_hash_table_lookup(self->peers, client_id);
    }
    if (peer)
        return peer;
    if (self->is_closed || g_hash_table_size(self->peers) >= MAX_PEERS) {
        g_message("%s: the offer is refused: %s", client_id,
                  self->is_closed ? "closed" : "there are as many peers as are allowed");
        pierce_signaling_client_send_bye(self->client, client_id);
        return NULL;
    }
    return add_peer(self, client_id);
}

static gboolean
is_relay_candidate(const char *text)
{
    return strstr(text, " typ relay") != NULL;
}

/* The description without the relayed candidates in it. */
static char *
without_relays(const char *sdp)
{
    g_auto(GStrv) lines = g_strsplit(sdp, "\n", -1);
    GString *kept = g_string_sized_new(strlen(sdp));

    for (guint i = 0; lines[i]; i++) {
        if (g_str_has_prefix(lines[i], "a=candidate:") && is_relay_candidate(lines[i]))
            continue;
        g_string_append_printf(kept, "%s%s", lines[i], lines[i + 1] ? "\n" : "");
    }
    return g_string_free(kept, FALSE);
}

static void
on_description(PierceSignalingClient *client, const char *client_id, const char *type,
               const char *sdp, PierceNegotiator *self)
{
    NegotiatorPeer *peer = strcmp(type, "offer") == 0 ? find_for_offer(self, client_id, sdp)
                                                      : g_hash_table_lookup(self->peers, client_id);
    g_autofree char *direct = self->refuses_relays ? without_relays(sdp) : NULL;

    if (peer)
        negotiator_peer_take_description(peer, type, direct ? direct : sdp);
}

static void
on_candidate(PierceSignalingClient *client, const char *client_id, const char *text,
             const char *sdp_mid, gint sdp_m_line_index, const char *username_fragment,
             PierceNegotiator *self)
{
    NegotiatorPeer *peer = g_hash_table_lookup(self->peers, client_id);
    g_autoptr(PierceIceCandidate) candidate =
        pierce_ice_candidate_new(text, sdp_mid, sdp_m_line_index, username_fragment);

    if (peer && !(self->refuses_relays && is_relay_candidate(text)))
        negotiator_peer_take_candidate(peer, candidate);
}

static void
on_bye(PierceSignalingClient *client, const char *client_id, PierceNegotiator *self)
{
    NegotiatorPeer *peer = g_hash_table_lookup(self->peers, client_id);

    if (peer)
        drop_peer(self, peer, FALSE);
}

PierceNegotiator *
pierce_negotiator_new(PierceSignalingClient *client, PierceConfiguration *configuration)
{
    g_return_val_if_fail(PIERCE_IS_SIGNALING_CLIENT(client), NULL);

    PierceNegotiator *self = g_object_new(PIERCE_TYPE_NEGOTIATOR, NULL);
    self->client = g_object_ref(client);
    self->configuration =
        configuration ? pierce_configuration_copy(configuration) : pierce_configuration_new();
    g_signal_connect(client, "registered", G_CALLBACK(on_registered), self);
    g_signal_connect(client, "peer-found", G_CALLBACK(on_peer_found), self);
    g_signal_connect(client, "peer-joined", G_CALLBACK(on_peer_joined), self);
    g_signal_connect(client, "peer-left", G_CALLBACK(on_peer_left), self);
    g_signal_connect(client, "peer-unknown", G_CALLBACK(on_peer_unknown), self);
    g_signal_connect(client, "description", G_CALLBACK(on_description), self);
    g_signal_connect(client, "candidate", G_CALLBACK(on_candidate), self);
    g_signal_connect(client, "bye", G_CALLBACK(on_bye), self);
    return self;
}

void
pierce_negotiator_refuse_relays(PierceNegotiator *self)
{
    g_return_if_fail(PIERCE_IS_NEGOTIATOR(self));
    self->refuses_relays = TRUE;
}

PiercePeerConnection *
pierce_negotiator_connect(PierceNegotiator *self, const char *client_id)
{
    g_return_val_if_fail(PIERCE_IS_NEGOTIATOR(self) && client_id, NULL);
    g_return_val_if_fail(!self->is_closed, NULL);

    NegotiatorPeer *peer = g_hash_table_lookup(self->peers, client_id);
    if (!peer && g_hash_table_size(self->peers) < MAX_PEERS)
        peer = add_peer(self, client_id);
    return peer ? negotiator_peer_get_connection(peer) : NULL;
}

void
pierce_negotiator_close(PierceNegotiator *self)
{
    g_return_if_fail(PIERCE_IS_NEGOTIATOR(self));

    self->is_closed = TRUE;
    while (g_hash_table_size(self->peers) > 0) {
        GHashTableIter iter;
        gpointer peer;
        g_hash_table_iter_init(&iter, self->peers);
        if (g_hash_table_iter_next(&iter, NULL, &peer))
            drop_peer(self, peer, TRUE);
    }
}

static void
dispose(GObject *object)
{
    PierceNegotiator *self = PIERCE_NEGOTIATOR(object);

    if (self->client)
        g_signal_handlers_disconnect_by_data(self->client, self);
    g_hash_table_remove_all(self->peers);
    g_clear_object(&self->client);
    G_OBJECT_CLASS(pierce_negotiator_parent_class)->dispose(object);
}

static void
finalize(GObject *object)
{
    PierceNegotiator *self = PIERCE_NEGOTIATOR(object);

    g_hash_table_unref(self->peers);
    g_hash_table_unref(self->names);
    g_clear_pointer(&self->configuration, pierce_configuration_free);
    G_OBJECT_CLASS(pierce_negotiator_parent_class)->finalize(object);
}

static void
pierce_negotiator_init(PierceNegotiator *self)
{
    self->peers =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify) negotiator_peer_free);
    self->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void
pierce_negotiator_class_init(PierceNegotiatorClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->dispose = dispose;
    object_class->finalize = finalize;
    signals[SIGNAL_PEER] =
        g_signal_new("peer", PIERCE_TYPE_NEGOTIATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                     G_TYPE_NONE, 2, G_TYPE_STRING, PIERCE_TYPE_PEER_CONNECTION);
    signals[SIGNAL_PEER_GONE] =
        g_signal_new("peer-gone", PIERCE_TYPE_NEGOTIATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                     G_TYPE_NONE, 2, G_TYPE_STRING, PIERCE_TYPE_PEER_CONNECTION);
}
