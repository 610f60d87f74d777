/* Owns the association and a reference to every channel on it.  A channel's queue and state are
 * data-channel's, what the peer's messages may do is -receive's, whose turn it is to send -send's.
 * RFC 8831 section 6. */
#include "datachannel/sctp-transport-internal.h"

#include "datachannel/dcep.h"
#include "datachannel/error.h"
#include "datachannel/sctp-handshake.h"

SctpTransport *
sctp_transport_hold(SctpTransport *self)
{
    g_ref_count_inc(&self->references);
    return self;
}

/* ---- opening ---- */

void
sctp_transport_announce_open(SctpTransport *self, PierceDataChannel *channel)
{
    if (!self->has_opened) {
        self->has_opened = TRUE;
        if (self->funcs)
            self->funcs->on_first_open(self->user_data);
    }
    data_channel_open(channel);
}

static void
send_open(SctpTransport *self, PierceDataChannel *channel)
{
    DcepOpen open;
    data_channel_fill_open(channel, &open);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    dcep_open_write(&open, bytes);
    data_channel_send_dcep(channel, bytes->data, bytes->len);
}

/* The association is up and the channel has its id. */
static void
open_channel(SctpTransport *self, PierceDataChannel *channel)
{
    if (pierce_data_channel_get_ready_state(channel) != PIERCE_DATA_CHANNEL_STATE_CONNECTING)
        return;
    g_object_ref(channel);
    if (!pierce_data_channel_get_negotiated(channel))
        send_open(self, channel);
    sctp_transport_announce_open(self, channel);
    g_object_unref(channel);
}

void
sctp_transport_fail_channel(PierceDataChannel *channel, gint code, const char *message)
{
    g_autoptr(GError) error = g_error_new_literal(PIERCE_ERROR, code, message);
    data_channel_end(channel, error);
}

/* Gives ids to the channels that waited for the DTLS role. */
static void
assign_ids(SctpTransport *self)
{
    g_autoptr(GPtrArray) unassigned = g_steal_pointer(&self->unassigned);
    self->unassigned = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < unassigned->len; i++) {
        PierceDataChannel *channel = g_ptr_array_index(unassigned, i);
        guint16 id = channel_table_allocate(self->table, SCTP_MAX_STREAMS, channel);
        if (id == CHANNEL_ID_NONE) {
            sctp_transport_fail_channel(channel, PIERCE_ERROR_OPERATION,
                                        "channel: no stream is left; close another channel first");
            continue;
        }
        g_object_ref(channel);
        data_channel_set_id(channel, id);
    }
}

static gboolean
take_id(SctpTransport *self, PierceDataChannel *channel, const PierceDataChannelInit *init,
        GError **error)
{
    guint16 id = init->id;
    if (init->is_negotiated) {
        if (!channel_table_claim(self->table, id, channel)) {
            g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_OPERATION,
                        "channel: id %u is in use; choose another, or close that channel", id);
            return FALSE;
        }
    } else if (channel_table_get_role(self->table) == CHANNEL_ROLE_UNKNOWN) {
        g_ptr_array_add(self->unassigned, g_object_ref(channel));
        return TRUE;
    } else {
        id = channel_table_allocate(self->table, SCTP_MAX_STREAMS, channel);
        if (id == CHANNEL_ID_NONE) {
            g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_OPERATION,
                                "channel: all 1024 streams of this side are in use; close a "
                                "channel first");
            return FALSE;
        }
    }
    g_object_ref(channel);
    data_channel_set_id(channel, id);
    return TRUE;
}

static gboolean
on_idle_open(gpointer user_data)
{
    PierceDataChannel *channel = user_data;
    SctpTransport *self = data_channel_get_transport(channel);
    if (self && self->is_up)
        open_channel(self, channel);
    return G_SOURCE_REMOVE;
}

/* A channel made on a running association opens from the loop, when its signals are connected. */
static void
open_soon(SctpTransport *self, PierceDataChannel *channel)
{
    g_autoptr(GSource) idle = g_idle_source_new();
    g_source_set_priority(idle, G_PRIORITY_DEFAULT);
    g_source_set_name(idle, "pierce-channel-open");
    g_source_set_callback(idle, on_idle_open, g_object_ref(channel), g_object_unref);
    g_source_attach(idle, self->context);
}

PierceDataChannel *
sctp_transport_create_channel(SctpTransport *self, const char *label,
                              const PierceDataChannelInit *init, GError **error)
{
    g_autoptr(PierceDataChannelInit) defaults = pierce_data_channel_init_new();
    const PierceDataChannelInit *chosen = init ? init : defaults;

    if (!data_channel_init_check(chosen, label, error))
        return NULL;
    g_autoptr(PierceDataChannel) channel = data_channel_new(self, label, chosen);
    if (!take_id(self, channel, chosen, error))
        return NULL;
    self->has_channels = TRUE;
    self->has_limited |= chosen->reliability != SCTP_RELIABLE;
    if (self->is_up)
        open_soon(self, channel);
    return g_steal_pointer(&channel);
}

/* ---- life ---- */

/* Those that channels wait for exist from the start. */
static guint
count_first_streams(SctpTransport *self, const SctpTransportParameters *parameters)
{
    guint highest = channel_table_highest(self->table);
    guint wanted = highest == CHANNEL_ID_NONE ? 0 : MIN(highest + 1, SCTP_MAX_STREAMS);
    return MAX(wanted, parameters->is_peer_pierce ? SCTP_FEW_STREAMS : SCTP_MANY_STREAMS);
}

static void
on_packets(const PacketBatch *packets, gpointer user_data)
{
    SctpTransport *self = user_data;
    if (self->funcs)
        self->funcs->on_packets(packets, self->user_data);
}

static void
on_up(gpointer user_data)
{
    SctpTransport *self = sctp_transport_hold(user_data);
    self->is_up = TRUE;
    self->funcs->on_up(self->user_data);
    for (guint16 id = channel_table_next(self->table, 0); id != CHANNEL_ID_NONE && self->is_up;
         id = channel_table_next(self->table, id + 1u))
        open_channel(self, channel_table_lookup(self->table, id));
    if (self->association)
        sctp_transport_send_waiting(self);
    sctp_transport_unref(self);
}

static void
end_channels(SctpTransport *self, const GError *error)
{
    g_autoptr(GPtrArray) unassigned = g_steal_pointer(&self->unassigned);
    self->unassigned = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < unassigned->len; i++)
        data_channel_end(g_ptr_array_index(unassigned, i), error);
    for (guint16 id = channel_table_next(self->table, 0); id != CHANNEL_ID_NONE;
         id = channel_table_next(self->table, id + 1u))
        data_channel_end(channel_table_lookup(self->table, id), error);
}

static void
end(SctpTransport *self, const GError *error)
{
    SctpAssociation *association = g_steal_pointer(&self->association);
    self->is_up = FALSE;
    end_channels(self, error);
    if (association) {
        sctp_association_close(association);
        sctp_association_unref(association);
    }
}

static void
on_down(const GError *error, gpointer user_data)
{
    SctpTransport *self = sctp_transport_hold(user_data);
    gboolean is_closed_by_peer = g_error_matches(error, PIERCE_ERROR, PIERCE_ERROR_PEER_CLOSED);
    end(self, is_closed_by_peer ? NULL : error);
    if (self->funcs)
        self->funcs->on_down(error, self->user_data);
    sctp_transport_unref(self);
}

static const SctpAssociationFuncs association_funcs = {
    .on_packets = on_packets,
    .on_probe = sctp_transport_on_probe,
    .on_packet_bytes = sctp_transport_on_packet_bytes,
    .on_up = on_up,
    .on_down = on_down,
    .on_message = sctp_transport_on_message,
    .on_incoming_reset = sctp_transport_on_incoming_reset,
    .on_outgoing_reset = sctp_transport_on_outgoing_reset,
    .on_writable = sctp_transport_on_writable,
};

SctpTransport *
sctp_transport_new(GMainContext *context, gsize max_message_size, const SctpTransportFuncs *funcs,
                   gpointer user_data)
{
    SctpTransport *self = g_new0(SctpTransport, 1);
    g_ref_count_init(&self->references);
    self->context = g_main_context_ref(context);
    self->funcs = funcs;
    self->user_data = user_data;
    self->max_message_size = max_message_size;
    self->table = channel_table_new();
    self->unassigned = g_ptr_array_new_with_free_func(g_object_unref);
    g_queue_init(&self->waiting);
    g_queue_init(&self->sparse);
    g_queue_init(&self->streamless);
    self->least_rtt_us = G_MAXINT64;
    send_share_init(&self->share, sctp_association_share_of(max_message_size));
    sent_queue_init(&self->sent);
    return self;
}

void
sctp_transport_set_peer_max_message_size(SctpTransport *self, gsize size)
{
    self->peer_max_message_size = size;
}

/* Where messages may be given up, usrsctp cannot do both; see sctp-socket.c. */
static gboolean
decide_interleaving(SctpTransport *self)
{
    if (!self->has_decided)
        self->interleaves = !self->has_limited;
    self->has_decided = TRUE;
    return self->interleaves;
}

const SctpSnapInit *
sctp_transport_get_init(SctpTransport *self)
{
    if (!self->has_init)
        self->has_init = sctp_handshake_describe(self->context, self->max_message_size,
                                                 decide_interleaving(self), &self->init);
    return self->has_init ? &self->init : NULL;
}

/* An INIT is written before it is known who reads it, and asks for as many streams as there may be.
 * Where both sides grant more, they both begin with few all the same. */
static gboolean
connect_with_snap(SctpTransport *self, const SctpTransportParameters *parameters, GError **error)
{
    SctpSnapInit own = *sctp_transport_get_init(self);
    SctpSnapInit peer = *parameters->peer_init;
    if (parameters->is_peer_pierce)
        own.outbound_streams = peer.outbound_streams = SCTP_FEW_STREAMS;
    sctp_association_use_snap(self->association, &own, &peer);
    return sctp_association_connect(self->association, own.outbound_streams, self->interleaves,
                                    error);
}

static gboolean
connect_association(SctpTransport *self, const SctpTransportParameters *parameters, GError **error)
{
    self->association =
        sctp_association_new(self->context, parameters->local_port, parameters->remote_port,
                             self->max_message_size, &association_funcs, self);
    sctp_association_set_path(self->association, self->most_packet_bytes);
    if (parameters->peer_init)
        return connect_with_snap(self, parameters, error);
    return sctp_association_connect(self->association, count_first_streams(self, parameters),
                                    decide_interleaving(self), error);
}

gboolean
sctp_transport_prepare(SctpTransport *self, const SctpTransportParameters *parameters,
                       GError **error)
{
    if (self->association || self->is_started || !self->funcs || !parameters->peer_init)
        return TRUE;
    return connect_association(self, parameters, error);
}

static gboolean
establish(SctpTransport *self, const SctpTransportParameters *parameters, GError **error)
{
    channel_table_set_role(self->table, parameters->role);
    assign_ids(self);
    if (!self->funcs)
        return TRUE;
    if (!self->association && !connect_association(self, parameters, error))
        return FALSE;
    if (parameters->is_peer_pierce)
        sctp_association_allow_bursts(self->association);
    return sctp_association_establish(self->association, error);
}

gboolean
sctp_transport_start(SctpTransport *self, const SctpTransportParameters *parameters, GError **error)
{
    if (self->is_started || !self->funcs)
        return TRUE;
    self->is_started = TRUE;
    sctp_transport_hold(self);
    gboolean is_started = establish(self, parameters, error);
    sctp_transport_unref(self);
    return is_started;
}

void
sctp_transport_receive(SctpTransport *self, const guint8 *packet, gsize size)
{
    if (self->association)
        sctp_association_receive(self->association, packet, size);
}

void
sctp_transport_receive_done(SctpTransport *self)
{
    if (self->association)
        sctp_association_receive_done(self->association);
}

void
sctp_transport_get_stats(SctpTransport *self, SctpTransportStats *stats)
{
    *stats = self->stats;
    stats->association.round_trip_time_ms = -1;
    if (self->association)
        sctp_association_get_stats(self->association, &stats->association);
}

gsize
sctp_transport_get_max_message_size(SctpTransport *self)
{
    return MIN(self->max_message_size, self->peer_max_message_size);
}

gboolean
sctp_transport_has_channels(SctpTransport *self)
{
    return self->has_channels;
}

void
sctp_transport_release(SctpTransport *self, PierceDataChannel *channel)
{
    gint id = pierce_data_channel_get_id(channel);
    if (id >= 0 && channel_table_lookup(self->table, (guint16) id) == channel) {
        channel_table_release(self->table, (guint16) id);
        send_share_move(&self->share, channel->inside, 0);
        channel->inside = 0;
        g_object_unref(channel);
    }
}

void
sctp_transport_close(SctpTransport *self)
{
    if (!self->funcs)
        return;
    sctp_transport_hold(self);
    if (self->association)
        sctp_association_close(self->association); /* on_packets still takes the ABORT */
    self->funcs = NULL;
    end(self, NULL);
    sctp_transport_unref(self);
}

void
sctp_transport_unref(SctpTransport *self)
{
    if (!g_ref_count_dec(&self->references))
        return;
    channel_table_free(self->table);
    g_ptr_array_unref(self->unassigned);
    g_queue_clear_full(&self->waiting, g_object_unref);
    g_queue_clear_full(&self->sparse, g_object_unref);
    g_queue_clear_full(&self->streamless, g_object_unref);
    sent_queue_clear(&self->sent);
    g_main_context_unref(self->context);
    g_free(self);
}
