/* Owns the object: its properties, its signals, and its end.  What it does is in the -negotiation,
 * -transports and -report files.  W3C WebRTC section 4.4. */
#include "datachannel/peer-connection-internal.h"

#include "datachannel/certificate-spare.h"
#include "datachannel/error.h"

#include <sys/random.h>

enum {
    PROP_SIGNALING_STATE = 1,
    PROP_ICE_GATHERING_STATE,
    PROP_ICE_CONNECTION_STATE,
    PROP_CONNECTION_STATE,
    PROP_DTLS_STATE,
    N_PROPERTIES,
};

enum {
    SIGNAL_NEGOTIATION_NEEDED,
    SIGNAL_ICE_CANDIDATE,
    SIGNAL_DATA_CHANNEL,
    N_SIGNALS,
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(PiercePeerConnection, pierce_peer_connection, G_TYPE_OBJECT)

/* ---- for the other files ---- */

void
peer_connection_notify(PiercePeerConnection *self, PeerConnectionProperty property)
{
    static const guint ids[] = {
        [PEER_CONNECTION_SIGNALING_STATE] = PROP_SIGNALING_STATE,
        [PEER_CONNECTION_ICE_GATHERING_STATE] = PROP_ICE_GATHERING_STATE,
        [PEER_CONNECTION_ICE_CONNECTION_STATE] = PROP_ICE_CONNECTION_STATE,
        [PEER_CONNECTION_CONNECTION_STATE] = PROP_CONNECTION_STATE,
        [PEER_CONNECTION_DTLS_STATE] = PROP_DTLS_STATE,
    };
    g_object_notify_by_pspec(G_OBJECT(self), properties[ids[property]]);
}

void
peer_connection_emit_candidate(PiercePeerConnection *self, const char *candidate, const char *ufrag)
{
    const SdpRemote *remote = self->has_pending_offer ? &self->pending_offer : &self->remote;
    guint index = self->has_pending_offer || self->has_remote ? remote->m_line_index : 0;

    if (self->is_closed)
        return;
    g_autoptr(PierceIceCandidate) boxed =
        pierce_ice_candidate_new(candidate ? candidate : "", self->mid, (gint) index, ufrag);
    g_signal_emit(self, signals[SIGNAL_ICE_CANDIDATE], 0, boxed);
}

void
peer_connection_emit_channel(PiercePeerConnection *self, PierceDataChannel *channel)
{
    g_signal_emit(self, signals[SIGNAL_DATA_CHANNEL], 0, channel);
}

void
peer_connection_emit_negotiation_needed(PiercePeerConnection *self)
{
    g_signal_emit(self, signals[SIGNAL_NEGOTIATION_NEEDED], 0);
}

gboolean
peer_connection_check_open(PiercePeerConnection *self, const char *what, GError **error)
{
    if (!self->is_closed)
        return TRUE;
    g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE,
                "%s: the connection is closed%s%s; make a new one", what, self->error ? ": " : "",
                self->error ? self->error->message : "");
    return FALSE;
}

/* ---- public ---- */

static guint64
make_session_id(void)
{
    guint64 random;
    while (getrandom(&random, sizeof random, 0) != sizeof random)
        ;
    return random >> 2; /* below 2^62, RFC 9429 section 5.2.1 */
}

PiercePeerConnection *
pierce_peer_connection_new(PierceConfiguration *configuration)
{
    PiercePeerConnection *self = g_object_new(PIERCE_TYPE_PEER_CONNECTION, NULL);
    g_autoptr(GError) error = NULL;

    self->context = g_main_context_ref_thread_default();
    self->configuration =
        configuration ? pierce_configuration_copy(configuration) : pierce_configuration_new();
    self->session_id = make_session_id();
    self->certificate = self->configuration->certificate
                            ? g_object_ref(self->configuration->certificate)
                            : certificate_spare_take(&error);
    if (self->certificate) {
        peer_connection_make_transports(self);
    } else { /* closed from the start: every call will say why */
        self->last_stats = g_new0(PierceStats, 1);
        self->error = g_steal_pointer(&error);
        self->signaling_state = PIERCE_SIGNALING_STATE_CLOSED;
        self->connection_state = PIERCE_PEER_CONNECTION_STATE_CLOSED;
        self->is_closed = TRUE;
    }
    return self;
}

PierceDataChannel *
pierce_peer_connection_create_data_channel(PiercePeerConnection *self, const char *label,
                                           PierceDataChannelInit *init, GError **error)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self) && label, NULL);
    if (!peer_connection_check_open(self, "create_data_channel", error))
        return NULL;
    PierceDataChannel *channel = sctp_transport_create_channel(self->sctp, label, init, error);
    if (channel)
        peer_connection_update_negotiation_needed(self);
    return channel;
}

void
pierce_peer_connection_close(PiercePeerConnection *self)
{
    g_return_if_fail(PIERCE_IS_PEER_CONNECTION(self));
    peer_connection_close_transports(self, NULL);
}

PierceSignalingState
pierce_peer_connection_get_signaling_state(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), PIERCE_SIGNALING_STATE_CLOSED);
    return self->signaling_state;
}

PierceIceGatheringState
pierce_peer_connection_get_ice_gathering_state(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), PIERCE_ICE_GATHERING_STATE_NEW);
    return self->ice ? ice_transport_get_gathering_state(self->ice)
                     : PIERCE_ICE_GATHERING_STATE_COMPLETE;
}

PierceIceConnectionState
pierce_peer_connection_get_ice_connection_state(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), PIERCE_ICE_CONNECTION_STATE_CLOSED);
    return self->ice_state;
}

PierceDtlsTransportState
pierce_peer_connection_get_dtls_state(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), PIERCE_DTLS_TRANSPORT_STATE_CLOSED);
    return self->dtls_state;
}

PiercePeerConnectionState
pierce_peer_connection_get_connection_state(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), PIERCE_PEER_CONNECTION_STATE_CLOSED);
    return self->connection_state;
}

gsize
pierce_peer_connection_get_max_message_size(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), 0);
    return self->sctp ? sctp_transport_get_max_message_size(self->sctp) : 0;
}

/* ---- class ---- */

static void
pierce_peer_connection_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    PiercePeerConnection *self = PIERCE_PEER_CONNECTION(object);
    switch (id) {
    case PROP_SIGNALING_STATE:
        g_value_set_enum(value, (gint) self->signaling_state);
        break;
    case PROP_ICE_GATHERING_STATE:
        g_value_set_enum(value, (gint) pierce_peer_connection_get_ice_gathering_state(self));
        break;
    case PROP_ICE_CONNECTION_STATE:
        g_value_set_enum(value, (gint) self->ice_state);
        break;
    case PROP_CONNECTION_STATE:
        g_value_set_enum(value, (gint) self->connection_state);
        break;
    case PROP_DTLS_STATE:
        g_value_set_enum(value, (gint) self->dtls_state);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
pierce_peer_connection_dispose(GObject *object)
{
    PiercePeerConnection *self = PIERCE_PEER_CONNECTION(object);
    pierce_peer_connection_close(self);
    G_OBJECT_CLASS(pierce_peer_connection_parent_class)->dispose(object);
}

static void
pierce_peer_connection_finalize(GObject *object)
{
    PiercePeerConnection *self = PIERCE_PEER_CONNECTION(object);
    peer_connection_clear_negotiation(self);
    g_clear_error(&self->error);
    g_clear_pointer(&self->last_stats, pierce_stats_free);
    g_clear_object(&self->certificate);
    g_clear_pointer(&self->configuration, pierce_configuration_free);
    g_clear_pointer(&self->context, g_main_context_unref);
    G_OBJECT_CLASS(pierce_peer_connection_parent_class)->finalize(object);
}

static GParamSpec *
state_property(const char *name, GType type)
{
    return g_param_spec_enum(name, NULL, NULL, type, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
pierce_peer_connection_class_init(PiercePeerConnectionClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GType type = G_TYPE_FROM_CLASS(class);

    object_class->get_property = pierce_peer_connection_get_property;
    object_class->dispose = pierce_peer_connection_dispose;
    object_class->finalize = pierce_peer_connection_finalize;

    properties[PROP_SIGNALING_STATE] =
        state_property("signaling-state", PIERCE_TYPE_SIGNALING_STATE);
    properties[PROP_ICE_GATHERING_STATE] =
        state_property("ice-gathering-state", PIERCE_TYPE_ICE_GATHERING_STATE);
    properties[PROP_ICE_CONNECTION_STATE] =
        state_property("ice-connection-state", PIERCE_TYPE_ICE_CONNECTION_STATE);
    properties[PROP_CONNECTION_STATE] =
        state_property("connection-state", PIERCE_TYPE_PEER_CONNECTION_STATE);
    properties[PROP_DTLS_STATE] = state_property("dtls-state", PIERCE_TYPE_DTLS_TRANSPORT_STATE);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);

    /**
     * PiercePeerConnection::negotiation-needed:
     * @self: the connection
     *
     * An offer is to be made and sent to the peer.
     */
    signals[SIGNAL_NEGOTIATION_NEEDED] = g_signal_new("negotiation-needed", type, G_SIGNAL_RUN_LAST,
                                                      0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    /**
     * PiercePeerConnection::ice-candidate:
     * @self: the connection
     * @candidate: a local candidate to be sent to the peer; an empty one is the last
     */
    signals[SIGNAL_ICE_CANDIDATE] =
        g_signal_new("ice-candidate", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                     PIERCE_TYPE_ICE_CANDIDATE);
    /**
     * PiercePeerConnection::data-channel:
     * @self: the connection
     * @channel: a channel that the peer opened
     */
    signals[SIGNAL_DATA_CHANNEL] =
        g_signal_new("data-channel", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                     PIERCE_TYPE_DATA_CHANNEL);
}

static void
pierce_peer_connection_init(PiercePeerConnection *self)
{
}
