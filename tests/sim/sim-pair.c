/* Joins the transports as a peer connection does, with the simulated network where ICE would be. */
#include "tests/sim/sim-pair.h"

#define PORT 5000
#define MAX_MESSAGE_SIZE 262144

static SimPeer *
other_side(SimPeer *peer)
{
    return peer == &peer->pair->client ? &peer->pair->server : &peer->pair->client;
}

/* ---- DTLS ---- */

static void
keep_error(SimPeer *peer, const GError *error)
{
    if (error && !peer->error)
        peer->error = g_error_copy(error);
}

static SctpTransportParameters
make_parameters(SimPeer *peer)
{
    gboolean has_snap = peer->pair->has_snap;
    return (SctpTransportParameters){
        .role = peer == &peer->pair->client ? CHANNEL_ROLE_CLIENT : CHANNEL_ROLE_SERVER,
        .local_port = PORT,
        .remote_port = PORT,
        .is_peer_pierce = TRUE,
        .peer_init = has_snap ? sctp_transport_get_init(other_side(peer)->sctp) : NULL,
    };
}

static void
on_dtls_flight(gpointer user_data)
{
    SimPeer *peer = user_data;
    SctpTransportParameters parameters = make_parameters(peer);
    g_assert_true(sctp_transport_prepare(peer->sctp, &parameters, NULL));
}

static void
on_dtls_state(PierceDtlsTransportState state, const GError *error, gpointer user_data)
{
    SimPeer *peer = user_data;
    keep_error(peer, error);
    if (state != PIERCE_DTLS_TRANSPORT_STATE_CONNECTED)
        return;
    SctpTransportParameters parameters = make_parameters(peer);
    g_assert_true(sctp_transport_start(peer->sctp, &parameters, NULL));
}

static void
on_dtls_packet(const guint8 *packet, gsize size, gpointer user_data)
{
    sctp_transport_receive(((SimPeer *) user_data)->sctp, packet, size);
}

static void
on_dtls_packets_done(gpointer user_data)
{
    sctp_transport_receive_done(((SimPeer *) user_data)->sctp);
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
    SimPeer *peer = user_data;
    gboolean is_sent =
        dtls_transport_get_state(peer->dtls) == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED;
    if (is_sent && peer->pair->on_packets)
        peer->pair->on_packets(peer, packets, peer->pair->user_data);
    dtls_transport_send(peer->dtls, packets);
}

static void
on_sctp_up(gpointer user_data)
{
    ((SimPeer *) user_data)->is_up = TRUE;
}

static void
on_sctp_first_open(gpointer user_data)
{
}

static void
on_sctp_down(const GError *error, gpointer user_data)
{
    keep_error(user_data, error);
}

static void
on_sctp_channel(PierceDataChannel *channel, gpointer user_data)
{
    SimPeer *peer = user_data;
    g_ptr_array_add(peer->channels, g_object_ref(channel));
    if (peer->pair->on_channel)
        peer->pair->on_channel(peer, channel, peer->pair->user_data);
}

static const SctpTransportFuncs sctp_funcs = {
    .on_packets = on_sctp_packets,
    .on_up = on_sctp_up,
    .on_first_open = on_sctp_first_open,
    .on_down = on_sctp_down,
    .on_channel = on_sctp_channel,
};

/* ---- both ---- */

static void
on_receive(const guint8 *bytes, gsize size, gpointer user_data)
{
    dtls_transport_receive(other_side(user_data)->dtls, bytes, size);
}

static void
make_peer(SimPair *pair, SimPeer *peer, PierceCertificate *certificate, PierceCertificate *expected)
{
    peer->pair = pair;
    peer->channels = g_ptr_array_new_with_free_func(g_object_unref);
    peer->dtls = dtls_transport_new(g_main_context_default(), certificate, &dtls_funcs, peer);
    dtls_transport_add_fingerprint(peer->dtls, "sha-256",
                                   pierce_certificate_get_fingerprint(expected));
    peer->sctp = sctp_transport_new(g_main_context_default(), MAX_MESSAGE_SIZE, &sctp_funcs, peer);
    sctp_transport_set_peer_max_message_size(peer->sctp, MAX_MESSAGE_SIZE);
}

static void
set_path(SimPeer *peer, const SimConditions *conditions, guint32 seed)
{
    SimPathFuncs funcs = { on_receive, peer->pair->on_send, peer };
    peer->path = sim_path_new(conditions, seed, &funcs);
    dtls_transport_set_path(peer->dtls, sim_path_get_path(peer->path));
}

void
sim_pair_start(SimPair *pair, const SimConditions *conditions, guint32 seed)
{
    g_autoptr(PierceCertificate) ours = pierce_certificate_generate(NULL);
    g_autoptr(PierceCertificate) theirs = pierce_certificate_generate(NULL);
    make_peer(pair, &pair->client, ours, theirs);
    make_peer(pair, &pair->server, theirs, ours);
    set_path(&pair->client, conditions, seed);
    set_path(&pair->server, conditions, seed + 1000);
    dtls_transport_start(pair->server.dtls, DTLS_FILTER_SERVER);
    dtls_transport_start(pair->client.dtls, DTLS_FILTER_CLIENT);
}

gboolean
sim_pair_is_up(const SimPair *pair)
{
    return pair->client.is_up && pair->server.is_up;
}

static void
clear_peer(SimPeer *peer)
{
    sctp_transport_close(peer->sctp);
    dtls_transport_close(peer->dtls);
    dtls_transport_set_path(peer->dtls, NULL);
    g_clear_pointer(&peer->sctp, sctp_transport_unref);
    g_clear_pointer(&peer->channels, g_ptr_array_unref);
    g_clear_error(&peer->error);
}

void
sim_pair_clear(SimPair *pair)
{
    clear_peer(&pair->client);
    clear_peer(&pair->server);
    path_free(sim_path_get_path(pair->client.path));
    path_free(sim_path_get_path(pair->server.path));
    g_clear_pointer(&pair->client.dtls, dtls_transport_unref);
    g_clear_pointer(&pair->server.dtls, dtls_transport_unref);
}
