/* Brings ICE, DTLS and SCTP up in turn, and takes them down.  Derives the states that the
 * application sees from theirs.  Every callback holds a reference, because the application may drop
 * its own in any. */
#include "datachannel/peer-connection-internal.h"

#include "datachannel/certificate.h"
#include "datachannel/connection-state.h"
#include "datachannel/error.h"

/* What fills an Ethernet frame.  Other implementations read records into buffers made for that:
 * aiortc 1.4 takes 1,500 bytes of one and mistakes the rest for the next, pion 8,192. */
#define OTHERS_MOST_PACKET_BYTES 1432

static const char *
short_id(PiercePeerConnection *self)
{
    return self->mid ? self->mid : "-";
}

static void
update_connection_state(PiercePeerConnection *self)
{
    PiercePeerConnectionState state =
        connection_state(self->is_closed, self->ice_state, self->dtls_state);
    if (state == self->connection_state)
        return;
    g_info("connection %p (%s): %s -> %s", (gpointer) self, short_id(self),
           pierce_enum_nick(PIERCE_TYPE_PEER_CONNECTION_STATE, (gint) self->connection_state),
           pierce_enum_nick(PIERCE_TYPE_PEER_CONNECTION_STATE, (gint) state));
    self->connection_state = state;
    if (state == PIERCE_PEER_CONNECTION_STATE_CONNECTED)
        g_clear_error(&self->error);
    peer_connection_notify(self, PEER_CONNECTION_CONNECTION_STATE);
}

static void
keep_error(PiercePeerConnection *self, const GError *error)
{
    if (!error)
        return;
    g_clear_error(&self->error);
    self->error = g_error_copy(error);
}

/* ---- ICE ---- */

static void
on_ice_candidate(const char *candidate, const char *ufrag, gpointer user_data)
{
    peer_connection_emit_candidate(user_data, candidate, ufrag);
}

static void
on_ice_gathering_state(PierceIceGatheringState state, gpointer user_data)
{
    PiercePeerConnection *self = user_data;
    if (state == PIERCE_ICE_GATHERING_STATE_COMPLETE)
        peer_connection_mark_phase(self, PIERCE_SETUP_PHASE_GATHER);
    peer_connection_notify(self, PEER_CONNECTION_ICE_GATHERING_STATE);
}

static void
on_ice_state(PierceIceConnectionState state, const GError *error, gpointer user_data)
{
    PiercePeerConnection *self = g_object_ref(user_data);
    self->ice_state = state;
    keep_error(self, error);
    peer_connection_notify(self, PEER_CONNECTION_ICE_CONNECTION_STATE);
    update_connection_state(self);
    g_object_unref(self);
}

/* How large packets on the path may be is searched anew. */
static void
tell_path(PiercePeerConnection *self)
{
    gsize most = self->dtls ? dtls_transport_get_most_packet_bytes(self->dtls) : 0;
    if (!self->remote.is_pierce)
        most = MIN(most, OTHERS_MOST_PACKET_BYTES);
    if (self->sctp && most > 0)
        sctp_transport_set_path(self->sctp, most);
}

static void
on_ice_path(Path *path, gpointer user_data)
{
    PiercePeerConnection *self = g_object_ref(user_data);
    dtls_transport_set_path(self->dtls, path);
    tell_path(self);
    peer_connection_mark_phase(self, PIERCE_SETUP_PHASE_ICE);
    peer_connection_start_dtls(self);
    g_object_unref(self);
}

static void
on_ice_receive(const guint8 *bytes, gsize size, gpointer user_data)
{
    PiercePeerConnection *self = g_object_ref(user_data);
    if (self->dtls)
        dtls_transport_receive(self->dtls, bytes, size);
    g_object_unref(self);
}

static const IceTransportFuncs ice_funcs = {
    .on_candidate = on_ice_candidate,
    .on_gathering_state = on_ice_gathering_state,
    .on_state = on_ice_state,
    .on_path = on_ice_path,
    .on_receive = on_ice_receive,
};

/* ---- DTLS ---- */

static void
add_fingerprints(PiercePeerConnection *self)
{
    dtls_transport_clear_fingerprints(self->dtls);
    for (guint i = 0; i < self->remote.fingerprints->len; i++) {
        const SdpFingerprint *fingerprint = sdp_remote_fingerprint(&self->remote, i);
        dtls_transport_add_fingerprint(self->dtls, fingerprint->algorithm, fingerprint->digest);
    }
}

void
peer_connection_start_dtls(PiercePeerConnection *self)
{
    if (!self->dtls || !self->has_dtls_role || !self->has_remote ||
        dtls_transport_get_state(self->dtls) != PIERCE_DTLS_TRANSPORT_STATE_NEW ||
        !ice_transport_get_path(self->ice))
        return;
    add_fingerprints(self);
    dtls_transport_start(self->dtls, self->dtls_role == SDP_DTLS_CLIENT ? DTLS_FILTER_CLIENT
                                                                        : DTLS_FILTER_SERVER);
}

typedef gboolean (*BeginFunc)(SctpTransport *sctp, const SctpTransportParameters *parameters,
                              GError **error);

static void
begin_sctp(PiercePeerConnection *self, BeginFunc begin)
{
    g_autoptr(GError) error = NULL;
    SctpTransportParameters parameters = {
        .role = self->dtls_role == SDP_DTLS_CLIENT ? CHANNEL_ROLE_CLIENT : CHANNEL_ROLE_SERVER,
        .local_port = DATA_SCTP_PORT,
        .remote_port = self->remote.sctp_port,
        .is_peer_pierce = self->remote.is_pierce,
        .peer_init = self->has_peer_init ? &self->peer_init : NULL,
    };
    self->has_begun_sctp = TRUE;
    if (!begin(self->sctp, &parameters, &error))
        peer_connection_close_transports(self, error);
}

static void
on_dtls_flight(gpointer user_data)
{
    PiercePeerConnection *self = g_object_ref(user_data);
    if (self->sctp)
        begin_sctp(self, sctp_transport_prepare);
    g_object_unref(self);
}

static void
on_dtls_state(PierceDtlsTransportState state, const GError *error, gpointer user_data)
{
    PiercePeerConnection *self = g_object_ref(user_data);
    self->dtls_state = state;
    keep_error(self, error);
    if (state == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED)
        peer_connection_mark_phase(self, PIERCE_SETUP_PHASE_DTLS);
    peer_connection_notify(self, PEER_CONNECTION_DTLS_STATE);
    update_connection_state(self);
    if (state == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED)
        tell_path(self);
    if (state == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED && self->sctp)
        begin_sctp(self, sctp_transport_start);
    else if (state == PIERCE_DTLS_TRANSPORT_STATE_CLOSED)
        peer_connection_close_transports(self, error);
    g_object_unref(self);
}

static void
on_dtls_packet(const guint8 *packet, gsize size, gpointer user_data)
{
    PiercePeerConnection *self = user_data;
    if (self->sctp)
        sctp_transport_receive(self->sctp, packet, size);
}

static void
on_dtls_packets_done(gpointer user_data)
{
    PiercePeerConnection *self = user_data;
    if (self->sctp)
        sctp_transport_receive_done(self->sctp);
}

static const DtlsTransportFuncs dtls_funcs = {
    .on_state = on_dtls_state,
    .on_flight = on_dtls_flight,
    .on_packet = on_dtls_packet,
    .on_packets_done = on_dtls_packets_done,
};

/* ---- SCTP ---- */

static void
on_sctp_packets(const PacketBatch *packets, gpointer user_data)
{
    PiercePeerConnection *self = user_data;
    if (self->dtls)
        dtls_transport_send(self->dtls, packets);
}

static gboolean
on_sctp_probe(const guint8 *packet, gsize size, gpointer user_data)
{
    PiercePeerConnection *self = user_data;
    return !self->dtls || dtls_transport_send_probe(self->dtls, packet, size);
}

static void
on_sctp_packet_bytes(gsize bytes, gpointer user_data)
{
    PiercePeerConnection *self = user_data;
    if (self->dtls)
        dtls_transport_set_packet_bytes(self->dtls, bytes);
}

static void
on_sctp_up(gpointer user_data)
{
    peer_connection_mark_phase(user_data, PIERCE_SETUP_PHASE_SCTP);
}

static void
on_sctp_first_open(gpointer user_data)
{
    peer_connection_mark_phase(user_data, PIERCE_SETUP_PHASE_OPEN);
}

static void
on_sctp_down(const GError *error, gpointer user_data)
{
    PiercePeerConnection *self = g_object_ref(user_data);
    peer_connection_close_transports(self, error);
    g_object_unref(self);
}

static void
on_sctp_channel(PierceDataChannel *channel, gpointer user_data)
{
    peer_connection_emit_channel(user_data, channel);
}

static const SctpTransportFuncs sctp_funcs = {
    .on_packets = on_sctp_packets,
    .on_probe = on_sctp_probe,
    .on_packet_bytes = on_sctp_packet_bytes,
    .on_up = on_sctp_up,
    .on_first_open = on_sctp_first_open,
    .on_down = on_sctp_down,
    .on_channel = on_sctp_channel,
};

/* ---- life ---- */

void
peer_connection_make_transports(PiercePeerConnection *self)
{
    self->ice = ice_transport_new(self->context, self->configuration, &ice_funcs, self);
    self->dtls = dtls_transport_new(self->context, self->certificate, &dtls_funcs, self);
    self->sctp =
        sctp_transport_new(self->context, self->configuration->max_message_size, &sctp_funcs, self);
}

static void
announce_closed(PiercePeerConnection *self)
{
    self->signaling_state = PIERCE_SIGNALING_STATE_CLOSED;
    self->ice_state = PIERCE_ICE_CONNECTION_STATE_CLOSED;
    self->dtls_state = PIERCE_DTLS_TRANSPORT_STATE_CLOSED;
    peer_connection_notify(self, PEER_CONNECTION_SIGNALING_STATE);
    peer_connection_notify(self, PEER_CONNECTION_ICE_CONNECTION_STATE);
    peer_connection_notify(self, PEER_CONNECTION_DTLS_STATE);
    update_connection_state(self);
}

void
peer_connection_close_transports(PiercePeerConnection *self, const GError *error)
{
    if (self->is_closed)
        return;
    g_object_ref(self);
    keep_error(self, error);
    self->last_stats = pierce_peer_connection_get_stats(self);
    self->is_closed = TRUE;
    sctp_transport_close(
        self->sctp); /* ABORT and close_notify leave by the path, so that goes last */
    dtls_transport_close(self->dtls);
    dtls_transport_set_path(self->dtls, NULL);
    g_clear_pointer(&self->sctp, sctp_transport_unref);
    g_clear_pointer(&self->dtls, dtls_transport_unref);
    g_clear_pointer(&self->ice, ice_transport_free);
    announce_closed(self);
    g_object_unref(self);
}
