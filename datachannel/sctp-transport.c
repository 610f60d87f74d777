/* Owns the association and a reference to every channel on it.  Decides what the peer's DCEP
 * messages may do; the bytes are dcep's business, a channel's queue and state data-channel's. RFC
 * 8831 section 6, RFC 8832 section 6. */
#include "datachannel/sctp-transport.h"

#include "datachannel/dcep.h"
#include "datachannel/error.h"

typedef struct {
    guint16 stream;
    guint32 size;   /* for SCTP */
    guint32 credit; /* for the channel: an empty message and DCEP do not count */
} Unacknowledged;

struct SctpTransport {
    grefcount references;
    GMainContext *context;
    const SctpTransportFuncs *funcs; /* NULL once closed */
    gpointer user_data;
    SctpAssociation *association; /* NULL before start and after the end */
    ChannelTable *table;
    GPtrArray *unassigned; /* channels that wait for the DTLS role to get an id */
    GQueue waiting;        /* channels with a queue, in turn */
    GQueue unacknowledged; /* of Unacknowledged, in the order in which they were sent */
    gsize unacknowledged_bytes;
    gsize max_message_size;
    gsize peer_max_message_size;
    gboolean is_up;
    gboolean has_channels;
    gboolean has_opened;
    SctpTransportStats stats;
};

static SctpTransport *
hold(SctpTransport *self)
{
    g_ref_count_inc(&self->references);
    return self;
}

/* ---- opening ---- */

static void
announce_open(SctpTransport *self, PierceDataChannel *channel)
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
    gint retransmits = pierce_data_channel_get_max_retransmits(channel);
    gint life_time_ms = pierce_data_channel_get_max_packet_life_time(channel);
    DcepOpen open = {
        .reliability = retransmits >= 0    ? DCEP_MAX_RETRANSMITS
                       : life_time_ms >= 0 ? DCEP_MAX_PACKET_LIFE_TIME
                                           : DCEP_RELIABLE,
        .reliability_parameter = (guint32) MAX(MAX(retransmits, life_time_ms), 0),
        .ordered = pierce_data_channel_get_ordered(channel),
        .label = (char *) pierce_data_channel_get_label(channel),
        .protocol = (char *) pierce_data_channel_get_protocol(channel),
    };
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
    announce_open(self, channel);
    g_object_unref(channel);
}

static void
fail_channel(PierceDataChannel *channel, gint code, const char *message)
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
            fail_channel(channel, PIERCE_ERROR_OPERATION,
                         "channel: no stream is left; close another channel first");
            continue;
        }
        g_object_ref(channel);
        data_channel_set_id(channel, id);
    }
}

static gboolean
check_init(const char *label, const PierceDataChannelInit *init, GError **error)
{
    const char *wrong = !g_utf8_validate(label, -1, NULL) ? "its label is not UTF-8"
                        : strlen(label) > LABEL_MAX_BYTES ? "its label is longer than 65535 bytes"
                        : !g_utf8_validate(init->protocol, -1, NULL) ? "its protocol is not UTF-8"
                        : strlen(init->protocol) > LABEL_MAX_BYTES
                            ? "its protocol is longer than 65535 bytes"
                        : init->is_negotiated && init->id >= SCTP_MAX_STREAMS
                            ? "its id is beyond the 2048 streams a connection has"
                            : NULL;
    if (wrong)
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT, "channel: %s", wrong);
    return !wrong;
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

    if (!check_init(label, chosen, error))
        return NULL;
    g_autoptr(PierceDataChannel) channel = data_channel_new(self, label, chosen);
    if (!take_id(self, channel, chosen, error))
        return NULL;
    self->has_channels = TRUE;
    if (self->is_up)
        open_soon(self, channel);
    return g_steal_pointer(&channel);
}

/* ---- what the peer says ---- */

static PierceDataChannelInit *
init_from_open(const DcepOpen *open)
{
    PierceDataChannelInit *init = pierce_data_channel_init_new();
    guint16 parameter = (guint16) MIN(open->reliability_parameter, G_MAXUINT16);
    pierce_data_channel_init_set_ordered(init, open->ordered);
    pierce_data_channel_init_set_protocol(init, open->protocol);
    if (open->reliability == DCEP_MAX_RETRANSMITS)
        pierce_data_channel_init_set_max_retransmits(init, parameter);
    else if (open->reliability == DCEP_MAX_PACKET_LIFE_TIME)
        pierce_data_channel_init_set_max_packet_life_time(init, parameter);
    return init;
}

static void
accept_channel(SctpTransport *self, guint16 stream, const DcepOpen *open)
{
    static const guint8 ack[] = { DCEP_ACK };
    g_autoptr(PierceDataChannelInit) init = init_from_open(open);
    g_autoptr(PierceDataChannel) channel = data_channel_new(self, open->label, init);

    channel_table_claim(self->table, stream, channel);
    g_object_ref(channel);
    self->has_channels = TRUE;
    data_channel_set_id(channel, stream);
    data_channel_acknowledged(channel);
    data_channel_send_dcep(channel, ack, sizeof ack);
    data_channel_mark_open(channel);
    if (self->funcs)
        self->funcs->on_channel(channel, self->user_data);
    announce_open(self, channel);
}

/* RFC 8832 section 6: an OPEN on a stream of ours or on one in use, or one that cannot be read, has
 * its stream reset, and the channel that is there with it. */
static void
on_open_message(SctpTransport *self, const SctpMessage *message, PierceDataChannel *channel)
{
    g_auto(DcepOpen) open = { 0 };
    g_autoptr(GError) error = NULL;

    if (!dcep_open_parse(&open, message->bytes, message->size, &error)) {
        g_debug("stream %u: %s", message->stream, error->message);
    } else if (channel) {
        g_set_error(&error, PIERCE_ERROR, PIERCE_ERROR_OPERATION,
                    "channel: the peer opened stream %u, which is in use", message->stream);
        data_channel_reject(channel, error);
        return;
    } else if (channel_table_is_peer_id(self->table, message->stream)) {
        accept_channel(self, message->stream, &open);
        return;
    }
    if (!channel)
        sctp_association_reset_stream(self->association, message->stream);
    else
        data_channel_reject(channel, error);
}

static void
on_dcep(SctpTransport *self, const SctpMessage *message, PierceDataChannel *channel)
{
    if (message->size == 1 && message->bytes[0] == DCEP_ACK) {
        if (channel)
            data_channel_acknowledged(channel);
        return;
    }
    on_open_message(self, message, channel);
}

static void
reject_message(PierceDataChannel *channel, const SctpMessage *message, const char *why)
{
    g_autoptr(GError) error =
        g_error_new(PIERCE_ERROR, PIERCE_ERROR_OPERATION,
                    "channel: the peer sent %s (protocol identifier %u)", why, message->ppid);
    data_channel_reject(channel, error);
}

static void
on_user_message(SctpTransport *self, const SctpMessage *message, PierceDataChannel *channel)
{
    self->stats.messages_received++;
    self->stats.bytes_received += message->size;
    switch (message->ppid) {
    case SCTP_PPID_STRING:
    case SCTP_PPID_STRING_EMPTY:
        if (g_utf8_validate_len((const char *) message->bytes, message->size, NULL))
            data_channel_receive(channel, PIERCE_MESSAGE_TYPE_TEXT, message->bytes, message->size);
        else
            reject_message(channel, message, "text that is not UTF-8");
        break;
    case SCTP_PPID_BINARY:
    case SCTP_PPID_BINARY_EMPTY:
        data_channel_receive(channel, PIERCE_MESSAGE_TYPE_BINARY, message->bytes, message->size);
        break;
    case SCTP_PPID_DCEP:
    case SCTP_PPID_BINARY_PARTIAL:
    case SCTP_PPID_STRING_PARTIAL:
    default:
        reject_message(channel, message, "a kind of message that data channels do not have");
        break;
    }
}

static void
on_message(const SctpMessage *message, gpointer user_data)
{
    SctpTransport *self = hold(user_data);
    PierceDataChannel *channel = channel_table_lookup(self->table, message->stream);
    if (message->ppid == SCTP_PPID_DCEP)
        on_dcep(self, message, channel);
    else if (channel)
        on_user_message(self, message, channel);
    else
        g_debug("stream %u: message dropped, no channel is there", message->stream);
    sctp_transport_unref(self);
}

static void
on_incoming_reset(guint16 stream, gpointer user_data)
{
    SctpTransport *self = hold(user_data);
    PierceDataChannel *channel = channel_table_lookup(self->table, stream);
    if (channel)
        data_channel_on_incoming_reset(channel);
    sctp_transport_unref(self);
}

static void
on_outgoing_reset(guint16 stream, gpointer user_data)
{
    SctpTransport *self = hold(user_data);
    PierceDataChannel *channel = channel_table_lookup(self->table, stream);
    if (channel)
        data_channel_on_outgoing_reset(channel);
    sctp_transport_unref(self);
}

/* ---- sending ---- */

SctpSendResult
sctp_transport_send(SctpTransport *self, const SctpMessage *message)
{
    if (!self->association)
        return self->funcs ? SCTP_FULL : SCTP_BROKEN;
    SctpSendResult result = sctp_association_send(self->association, message);
    if (result != SCTP_SENT)
        return result;
    gsize size = MAX(message->size, 1);
    Unacknowledged *sent = g_new(Unacknowledged, 1);
    *sent = (Unacknowledged){
        .stream = message->stream,
        .size = (guint32) size,
        .credit = message->ppid == SCTP_PPID_DCEP ? 0 : (guint32) message->size,
    };
    g_queue_push_tail(&self->unacknowledged, sent);
    self->unacknowledged_bytes += size;
    if (message->ppid != SCTP_PPID_DCEP) {
        self->stats.messages_sent++;
        self->stats.bytes_sent += message->size;
    }
    return SCTP_SENT;
}

void
sctp_transport_wait_for_room(SctpTransport *self, PierceDataChannel *channel)
{
    if (!data_channel_is_waiting(channel)) {
        data_channel_set_waiting(channel, TRUE);
        g_queue_push_tail(&self->waiting, g_object_ref(channel));
    }
}

void
sctp_transport_reset_stream(SctpTransport *self, guint16 stream)
{
    if (self->association)
        sctp_association_reset_stream(self->association, stream);
}

/* Tells each channel how many of its bytes arrived.  SCTP tells only how much is outstanding in
 * all, so that is taken off in the order in which it was sent. */
static void
credit_acknowledged(SctpTransport *self)
{
    if (g_queue_is_empty(&self->unacknowledged))
        return;
    gsize outstanding = sctp_association_get_unacknowledged(self->association);
    while (self->association && !g_queue_is_empty(&self->unacknowledged)) {
        Unacknowledged *oldest = g_queue_peek_head(&self->unacknowledged);
        if (outstanding > 0 && self->unacknowledged_bytes - oldest->size < outstanding)
            break;
        g_autofree Unacknowledged *sent = g_queue_pop_head(&self->unacknowledged);
        self->unacknowledged_bytes -= sent->size;
        PierceDataChannel *channel = channel_table_lookup(self->table, sent->stream);
        if (channel)
            data_channel_credit(channel, sent->credit);
    }
}

/* Makes sure that the channel's stream exists; FALSE where it never will. */
static gboolean
ensure_stream(SctpTransport *self, PierceDataChannel *channel)
{
    guint id = (guint) pierce_data_channel_get_id(channel);
    return id < sctp_association_get_streams(self->association) ||
           sctp_association_add_streams(self->association, (guint16) id);
}

/* Sends from the queues in turn, as far as there is room. */
static void
send_waiting(SctpTransport *self)
{
    guint turns = self->waiting.length;
    for (; turns > 0 && self->association && !g_queue_is_empty(&self->waiting); turns--) {
        g_autoptr(PierceDataChannel) channel = g_queue_pop_head(&self->waiting);
        data_channel_set_waiting(channel, FALSE);
        if (data_channel_get_transport(channel) != self)
            continue;
        if (!ensure_stream(self, channel))
            fail_channel(channel, PIERCE_ERROR_OPERATION,
                         "channel: the peer does not allow as many streams; close another channel "
                         "first");
        else if (!data_channel_send_queued(channel))
            sctp_transport_wait_for_room(self, channel);
    }
}

static void
on_writable(gpointer user_data)
{
    SctpTransport *self = hold(user_data);
    credit_acknowledged(self);
    send_waiting(self);
    sctp_transport_unref(self);
}

/* ---- life ---- */

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
    SctpTransport *self = hold(user_data);
    self->is_up = TRUE;
    self->funcs->on_up(self->user_data);
    for (guint16 id = channel_table_next(self->table, 0); id != CHANNEL_ID_NONE && self->is_up;
         id = channel_table_next(self->table, id + 1u))
        open_channel(self, channel_table_lookup(self->table, id));
    if (self->association)
        send_waiting(self);
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
    SctpTransport *self = hold(user_data);
    gboolean is_closed_by_peer = g_error_matches(error, PIERCE_ERROR, PIERCE_ERROR_PEER_CLOSED);
    end(self, is_closed_by_peer ? NULL : error);
    if (self->funcs)
        self->funcs->on_down(error, self->user_data);
    sctp_transport_unref(self);
}

static const SctpAssociationFuncs association_funcs = {
    .on_packets = on_packets,
    .on_up = on_up,
    .on_down = on_down,
    .on_message = on_message,
    .on_incoming_reset = on_incoming_reset,
    .on_outgoing_reset = on_outgoing_reset,
    .on_writable = on_writable,
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
    g_queue_init(&self->unacknowledged);
    return self;
}

void
sctp_transport_set_peer_max_message_size(SctpTransport *self, gsize size)
{
    self->peer_max_message_size = size;
}

gboolean
sctp_transport_start(SctpTransport *self, const SctpTransportParameters *parameters, GError **error)
{
    if (self->association || !self->funcs)
        return TRUE;
    channel_table_set_role(self->table, parameters->role);
    assign_ids(self);
    if (!self->funcs)
        return TRUE;
    self->association =
        sctp_association_new(self->context, parameters->local_port, parameters->remote_port,
                             self->max_message_size, &association_funcs, self);
    return sctp_association_connect(self->association, error);
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
        g_object_unref(channel);
    }
}

void
sctp_transport_close(SctpTransport *self)
{
    if (!self->funcs)
        return;
    hold(self);
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
    g_queue_clear_full(&self->unacknowledged, g_free);
    g_main_context_unref(self->context);
    g_free(self);
}
