/* Owns one connection's negotiation: perfect negotiation (W3C WebRTC section 10.7), where the peer
 * with the lower client id is the polite one, and the ICE restarts after a lost path.  Never knows
 * of other peers.
 *
 * Local descriptions are made and sent without waiting, so the flags makingOffer and
 * isSettingRemoteAnswerPending of the W3C's example have nothing to guard here. */
#include "signaling/negotiator-peer.h"

#include <string.h>

/* A connection that does not come up in this time does not come up. */
#define SETUP_TIMEOUT_MS 60000
/* The impolite side restarts first; the polite one waits, so that their offers seldom collide. */
#define RESTART_IMPOLITE_MS 1000
#define RESTART_POLITE_MS 3000
#define RESTART_LONGEST_MS 16000
#define MAX_RESTARTS 5
/* While the server is away no restart can be tried, and none is counted, for at most this long. */
#define LONGEST_LOSS_US (120 * G_TIME_SPAN_SECOND)
#define SERVER_AWAY_MS 1000

/* Counted, because a call into the connection may end it, and its owner then frees the peer. */
struct _NegotiatorPeer {
    PierceSignalingClient *client;
    PiercePeerConnection *connection;
    GMainContext *context;
    char *client_id, *name;
    char *session;          /* what negotiator_peer_is_session() compares, NULL before the first */
    GPtrArray *held;        /* candidates that came up before their description was sent */
    gboolean is_describing; /* inside set_local_description() */
    gboolean ignores_offer; /* the peer's last offer collided with ours, and we are impolite */
    gboolean is_freed;      /* only kept by a function that is still running */
    gboolean is_stale;
    gboolean was_connected;
    gboolean is_lost; /* the path worked once, and does not now */
    gint64 lost_us;   /* since when */
    guint restarts;   /* tried since then */
    GSource *timer;   /* for the set-up, or for the next restart */
    NegotiatorPeerGoneFunc on_gone;
    gpointer user_data;
};

static void
stop_timer(NegotiatorPeer *self)
{
    if (self->timer)
        g_source_destroy(self->timer);
    g_clear_pointer(&self->timer, g_source_unref);
}

static void
start_timer(NegotiatorPeer *self, const char *name, guint delay_ms, GSourceFunc func)
{
    stop_timer(self);
    self->timer = g_timeout_source_new(delay_ms);
    g_source_set_static_name(self->timer, name);
    g_source_set_callback(self->timer, func, self, NULL);
    g_source_attach(self->timer, self->context);
}

static void clear(gpointer data);

static void
unref(NegotiatorPeer *self)
{
    g_rc_box_release_full(self, clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NegotiatorPeer, unref)

/* The owner frees self in here. */
static void
give_up(NegotiatorPeer *self)
{
    if (self->is_freed)
        return;
    stop_timer(self);
    self->on_gone(self, self->user_data);
}

static gboolean
is_polite(const NegotiatorPeer *self)
{
    const char *own_id = pierce_signaling_client_get_client_id(self->client);

    return own_id && strcmp(own_id, self->client_id) < 0;
}

static void
send_candidate(NegotiatorPeer *self, const PierceIceCandidate *candidate)
{
    pierce_signaling_client_send_candidate(self->client, self->client_id,
                                           pierce_ice_candidate_get_candidate(candidate),
                                           pierce_ice_candidate_get_sdp_mid(candidate),
                                           pierce_ice_candidate_get_sdp_m_line_index(candidate),
                                           pierce_ice_candidate_get_username_fragment(candidate));
}

static gboolean
on_setup_timeout(gpointer user_data)
{
    NegotiatorPeer *self = user_data;

    g_message("%s: the connection did not come up within %d s", self->client_id,
              SETUP_TIMEOUT_MS / 1000);
    give_up(self);
    return G_SOURCE_REMOVE;
}

static void
start_setup_timer(NegotiatorPeer *self)
{
    if (!self->was_connected && !self->timer)
        start_timer(self, "pierce connection set-up", SETUP_TIMEOUT_MS, on_setup_timeout);
}

/* Makes the offer or answer that the signalling state asks for, and sends it. */
static gboolean
describe(NegotiatorPeer *self, GError **error)
{
    G_GNUC_UNUSED g_autoptr(NegotiatorPeer) alive = g_rc_box_acquire(self);

    self->is_describing = TRUE;
    gboolean done = pierce_peer_connection_set_local_description(self->connection, NULL, error);
    self->is_describing = FALSE;
    if (self->is_freed)
        return TRUE;

    g_autoptr(PierceSessionDescription) description =
        pierce_peer_connection_get_local_description(self->connection);
    if (done && description) {
        PierceSdpType type = pierce_session_description_get_sdp_type(description);
        pierce_signaling_client_send_description(
            self->client, self->client_id, pierce_enum_nick(PIERCE_TYPE_SDP_TYPE, (gint) type),
            pierce_session_description_get_sdp(description));
        start_setup_timer(self);
    }
    for (guint i = 0; i < self->held->len; i++)
        send_candidate(self, self->held->pdata[i]);
    g_ptr_array_set_size(self->held, 0);
    return done;
}

static void
on_negotiation_needed(PiercePeerConnection *connection, NegotiatorPeer *self)
{
    G_GNUC_UNUSED g_autoptr(NegotiatorPeer) alive = g_rc_box_acquire(self);
    g_autoptr(GError) error = NULL;

    /* The connection asks again once it is stable (W3C WebRTC section 4.7.3). */
    if (pierce_peer_connection_get_signaling_state(connection) == PIERCE_SIGNALING_STATE_STABLE &&
        !describe(self, &error))
        g_warning("%s: no offer could be made: %s", self->client_id, error->message);
}

static void
on_ice_candidate(PiercePeerConnection *connection, PierceIceCandidate *candidate,
                 NegotiatorPeer *self)
{
    if (self->is_describing)
        g_ptr_array_add(self->held, pierce_ice_candidate_copy(candidate));
    else
        send_candidate(self, candidate);
}

static gboolean on_restart_due(gpointer user_data);

static void
schedule_restart(NegotiatorPeer *self)
{
    guint first_ms = is_polite(self) ? RESTART_POLITE_MS : RESTART_IMPOLITE_MS;

    start_timer(self, "pierce ICE restart", MIN(first_ms << self->restarts, RESTART_LONGEST_MS),
                on_restart_due);
}

static void
roll_back(NegotiatorPeer *self)
{
    g_autoptr(PierceSessionDescription) rollback =
        pierce_session_description_new(PIERCE_SDP_TYPE_ROLLBACK, NULL);
    g_autoptr(GError) error = NULL;

    if (!pierce_peer_connection_set_local_description(self->connection, rollback, &error))
        g_warning("%s: the offer cannot be taken back: %s", self->client_id, error->message);
}

/* Counts as a try, whether or not the peer can be told of it. */
static void
restart(NegotiatorPeer *self)
{
    self->restarts++;
    schedule_restart(self);
    if (self->is_stale && self->name) {
        pierce_signaling_client_find_peer(self->client, self->name);
        return;
    }
    /* An offer that was not answered is offered again, with new candidates. */
    if (pierce_peer_connection_get_signaling_state(self->connection) ==
        PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER)
        roll_back(self);
    g_info("%s: the path is lost, ICE restart %u of %d", self->client_id, self->restarts,
           MAX_RESTARTS);
    pierce_peer_connection_restart_ice(self->connection);
}

static gboolean
on_restart_due(gpointer user_data)
{
    NegotiatorPeer *self = user_data;
    gboolean is_server_there =
        pierce_signaling_client_get_state(self->client) == PIERCE_SIGNALING_CLIENT_STATE_REGISTERED;

    if (self->restarts >= MAX_RESTARTS || g_get_monotonic_time() - self->lost_us > LONGEST_LOSS_US)
        give_up(self);
    else if (is_server_there)
        restart(self);
    else
        start_timer(self, "pierce ICE restart", SERVER_AWAY_MS, on_restart_due);
    return G_SOURCE_REMOVE;
}

/* What a new path can mend; the layers above it do not come back. */
static gboolean
is_path_loss(const NegotiatorPeer *self)
{
    const GError *error = pierce_peer_connection_get_error(self->connection);

    return self->was_connected &&
           (!error || g_error_matches(error, PIERCE_ERROR, PIERCE_ERROR_ICE_CONSENT_LOST) ||
            g_error_matches(error, PIERCE_ERROR, PIERCE_ERROR_ICE_NO_ANSWER) ||
            g_error_matches(error, PIERCE_ERROR, PIERCE_ERROR_ICE_NO_CANDIDATES));
}

static void
on_path_lost(NegotiatorPeer *self)
{
    if (self->is_lost || !self->was_connected)
        return;
    self->is_lost = TRUE;
    self->lost_us = g_get_monotonic_time();
    self->restarts = 0;
    schedule_restart(self);
}

static void
on_connection_state(PiercePeerConnection *connection, GParamSpec *pspec, NegotiatorPeer *self)
{
    switch (pierce_peer_connection_get_connection_state(connection)) {
    case PIERCE_PEER_CONNECTION_STATE_CONNECTED:
        self->was_connected = TRUE;
        self->is_lost = FALSE;
        stop_timer(self);
        return;
    case PIERCE_PEER_CONNECTION_STATE_DISCONNECTED:
        on_path_lost(self);
        return;
    case PIERCE_PEER_CONNECTION_STATE_FAILED:
        if (is_path_loss(self))
            on_path_lost(self);
        else
            give_up(self);
        return;
    case PIERCE_PEER_CONNECTION_STATE_CLOSED:
        give_up(self);
        return;
    case PIERCE_PEER_CONNECTION_STATE_NEW:
    case PIERCE_PEER_CONNECTION_STATE_CONNECTING:
        return;
    }
}

/* Of `o=- 4611731400430051336 2 IN IP4 127.0.0.1` the part up to the session id. */
static char *
find_session(const char *sdp)
{
    const char *origin = g_str_has_prefix(sdp, "o=") ? sdp : strstr(sdp, "\no=");
    gsize size = 0;

    if (!origin)
        return NULL;
    origin += *origin == '\n';
    for (guint spaces = 0; origin[size] && origin[size] != '\r' && origin[size] != '\n'; size++) {
        spaces += origin[size] == ' ';
        if (spaces == 2)
            break;
    }
    return g_strndup(origin, size);
}

static gboolean
take_offer(NegotiatorPeer *self, PierceSessionDescription *offer, GError **error)
{
    gboolean collides = pierce_peer_connection_get_signaling_state(self->connection) !=
                        PIERCE_SIGNALING_STATE_STABLE;

    self->ignores_offer = collides && !is_polite(self);
    if (self->ignores_offer)
        return TRUE;
    start_setup_timer(self);
    return pierce_peer_connection_set_remote_description(self->connection, offer, error) &&
           (self->is_freed || describe(self, error));
}

static gboolean
take_answer(NegotiatorPeer *self, PierceSessionDescription *answer, GError **error)
{
    /* Late, for an offer that was taken back. */
    if (pierce_peer_connection_get_signaling_state(self->connection) !=
        PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER)
        return TRUE;
    return pierce_peer_connection_set_remote_description(self->connection, answer, error);
}

void
negotiator_peer_take_description(NegotiatorPeer *self, const char *type, const char *sdp)
{
    G_GNUC_UNUSED g_autoptr(NegotiatorPeer) alive = g_rc_box_acquire(self);
    gboolean is_offer = strcmp(type, "offer") == 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(PierceSessionDescription) description = pierce_session_description_new(
        is_offer ? PIERCE_SDP_TYPE_OFFER : PIERCE_SDP_TYPE_ANSWER, sdp);

    self->is_stale = FALSE;
    self->ignores_offer = FALSE;
    if (is_offer ? take_offer(self, description, &error) : take_answer(self, description, &error)) {
        if (!self->ignores_offer && !self->is_freed) {
            g_free(self->session);
            self->session = find_session(sdp);
        }
        return;
    }
    g_message("%s: the peer's %s cannot be used: %s", self->client_id, type, error->message);
    /* An offer that is wrong leaves a working connection as it is; a wrong answer leaves none to
     * our offer, and a peer that has lost its connection answers with a strange one. */
    if (!self->was_connected || (!is_offer && self->is_lost))
        give_up(self);
    else if (!is_offer)
        roll_back(self);
}

void
negotiator_peer_take_candidate(NegotiatorPeer *self, PierceIceCandidate *candidate)
{
    g_autoptr(GError) error = NULL;

    /* They belong to the offer that was ignored.  Firefox keeps its ufrag for the answer that
     * follows, so that nothing else tells its closed sockets from those that it opens then. */
    if (self->ignores_offer && !self->was_connected)
        return;
    if (!pierce_peer_connection_add_ice_candidate(self->connection, candidate, &error) &&
        !self->ignores_offer)
        g_info("%s: a candidate of the peer cannot be used: %s", self->client_id, error->message);
}

NegotiatorPeer *
negotiator_peer_new(PierceSignalingClient *client, const char *client_id,
                    PierceConfiguration *configuration, NegotiatorPeerGoneFunc on_gone,
                    gpointer user_data)
{
    NegotiatorPeer *self = g_rc_box_new0(NegotiatorPeer);

    self->client = g_object_ref(client);
    self->client_id = g_strdup(client_id);
    self->context = g_main_context_ref_thread_default();
    self->held = g_ptr_array_new_with_free_func((GDestroyNotify) pierce_ice_candidate_free);
    self->on_gone = on_gone;
    self->user_data = user_data;
    self->connection = pierce_peer_connection_new(configuration);
    g_signal_connect(self->connection, "negotiation-needed", G_CALLBACK(on_negotiation_needed),
                     self);
    g_signal_connect(self->connection, "ice-candidate", G_CALLBACK(on_ice_candidate), self);
    g_signal_connect(self->connection, "notify::connection-state", G_CALLBACK(on_connection_state),
                     self);
    return self;
}

static void
clear(gpointer data)
{
    NegotiatorPeer *self = data;

    g_object_unref(self->connection);
    g_object_unref(self->client);
    g_main_context_unref(self->context);
    g_ptr_array_unref(self->held);
    g_free(self->client_id);
    g_free(self->name);
    g_free(self->session);
}

void
negotiator_peer_free(NegotiatorPeer *self)
{
    self->is_freed = TRUE;
    stop_timer(self);
    g_signal_handlers_disconnect_by_data(self->connection, self);
    pierce_peer_connection_close(self->connection);
    unref(self);
}

const char *
negotiator_peer_get_client_id(const NegotiatorPeer *self)
{
    return self->client_id;
}

PiercePeerConnection *
negotiator_peer_get_connection(const NegotiatorPeer *self)
{
    return self->connection;
}

const char *
negotiator_peer_get_name(const NegotiatorPeer *self)
{
    return self->name;
}

void
negotiator_peer_set_name(NegotiatorPeer *self, const char *name)
{
    g_free(self->name);
    self->name = g_strdup(name);
}

gboolean
negotiator_peer_is_session(const NegotiatorPeer *self, const char *sdp)
{
    g_autofree char *session = find_session(sdp);

    return session && self->session && strcmp(session, self->session) == 0;
}

gboolean
negotiator_peer_has_session(const NegotiatorPeer *self)
{
    return self->session != NULL;
}

void
negotiator_peer_set_stale(NegotiatorPeer *self)
{
    self->is_stale = TRUE;
}

gboolean
negotiator_peer_is_stale(const NegotiatorPeer *self)
{
    return self->is_stale;
}

void
negotiator_peer_set_client_id(NegotiatorPeer *self, const char *client_id)
{
    g_free(self->client_id);
    self->client_id = g_strdup(client_id);
    self->is_stale = FALSE;
}

void
negotiator_peer_resume(NegotiatorPeer *self)
{
    if (self->is_lost && self->restarts < MAX_RESTARTS)
        restart(self);
}

gboolean
negotiator_peer_was_connected(const NegotiatorPeer *self)
{
    return self->was_connected;
}
