/* Decides whose message goes into the association next: send-share says who finds room, and the
 * others wait in turn.  A channel's own queue is data-channel's.  RFC 8831 section 6.6, RFC 8260
 * section 3: inside, usrsctp takes a packet's worth of each stream in turn. */
#include "datachannel/sctp-transport-internal.h"

#include "datachannel/error.h"

#define NO_STREAM "channel: the peer does not allow as many streams; close another channel first"

/* ---- one message ---- */

/* usrsctp's own round trip counts what queues before a message, and after SNAP what never was. */
static void
see_round_trip(SctpTransport *self)
{
    if (self->lone_since_us > 0)
        self->least_rtt_us = MIN(self->least_rtt_us, g_get_monotonic_time() - self->lone_since_us);
    self->lone_since_us = 0;
}

static void
bound_window(SctpTransport *self, gint64 now_us)
{
    if (send_share_set_rtt(&self->share, self->least_rtt_us, now_us))
        sctp_association_bound_window(self->association, self->share.window);
}

static void
be_quick(SctpTransport *self)
{
    gint64 now_us = g_get_monotonic_time();
    if (send_share_be_quick(&self->share, now_us))
        bound_window(self, now_us);
}

static void
move_inside(SctpTransport *self, PierceDataChannel *channel, gsize inside)
{
    send_share_move(&self->share, channel->inside, inside);
    channel->inside = inside;
}

static gboolean
is_turn_of(SctpTransport *self, gsize inside, gsize size)
{
    const GQueue *before = send_share_is_sparse(inside) ? &self->sparse : &self->waiting;
    return send_share_admits(&self->share, inside, self->sent.bytes, size) &&
           (self->is_serving || g_queue_is_empty((GQueue *) before));
}

static void
count_sent(SctpTransport *self, PierceDataChannel *channel, const SctpMessage *message)
{
    gboolean is_dcep = message->ppid == SCTP_PPID_DCEP;
    gsize size = MAX(message->size, 1);
    if (self->sent.bytes == 0)
        self->lone_since_us = g_get_monotonic_time();
    sent_queue_push(&self->sent, message->stream, size, is_dcep ? 0 : message->size);
    if (channel) {
        if (send_share_has_to_be_quick(&self->share, channel->inside))
            be_quick(self);
        move_inside(self, channel, channel->inside + size);
    }
    if (!is_dcep) {
        self->stats.messages_sent++;
        self->stats.bytes_sent += message->size;
    }
}

SctpSendResult
sctp_transport_send(SctpTransport *self, const SctpMessage *message)
{
    if (!self->association)
        return self->funcs ? SCTP_FULL : SCTP_BROKEN;
    PierceDataChannel *channel = channel_table_lookup(self->table, message->stream);
    if (!is_turn_of(self, channel ? channel->inside : 0, message->size))
        return SCTP_FULL;
    SctpSendResult result = sctp_association_send(self->association, message);
    if (result == SCTP_SENT)
        count_sent(self, channel, message);
    return result;
}

void
sctp_transport_reset_stream(SctpTransport *self, guint16 stream)
{
    if (self->association)
        sctp_association_reset_stream(self->association, stream);
}

/* ---- the queues ---- */

static gboolean
has_stream(SctpTransport *self, PierceDataChannel *channel)
{
    return self->association && (guint) pierce_data_channel_get_id(channel) <
                                    sctp_association_get_streams(self->association);
}

/* Makes sure that the channel's stream exists; FALSE where it never will.  Asks for all that are
 * wanted at once, as a request takes a round trip and there can be only one. */
static gboolean
ensure_stream(SctpTransport *self, PierceDataChannel *channel)
{
    guint16 id = (guint16) pierce_data_channel_get_id(channel);
    guint16 highest = MIN(channel_table_highest(self->table), SCTP_MAX_STREAMS - 1);
    return has_stream(self, channel) ||
           sctp_association_add_streams(self->association, MAX(id, highest));
}

void
sctp_transport_wait_for_room(SctpTransport *self, PierceDataChannel *channel)
{
    if (data_channel_is_waiting(channel))
        return;
    data_channel_set_waiting(channel, TRUE);
    GQueue *queue = !has_stream(self, channel)              ? &self->streamless
                    : send_share_is_sparse(channel->inside) ? &self->sparse
                                                            : &self->waiting;
    g_queue_push_tail(queue, g_object_ref(channel));
    if (self->is_up && self->association)
        ensure_stream(self, channel); /* asked for now, as nothing else may be on its way */
}

/* Those that have their stream by now go to the other queues. */
static void
sort_streamless(SctpTransport *self)
{
    for (guint left = self->streamless.length; left > 0 && self->association; left--) {
        g_autoptr(PierceDataChannel) channel = g_queue_pop_head(&self->streamless);
        data_channel_set_waiting(channel, FALSE);
        if (data_channel_get_transport(channel) != self)
            continue;
        if (ensure_stream(self, channel))
            sctp_transport_wait_for_room(self, channel);
        else
            sctp_transport_fail_channel(channel, PIERCE_ERROR_OPERATION, NO_STREAM);
    }
}

/* Each channel in turn, until one finds no room: its turn comes first when there is some. */
static void
serve(SctpTransport *self, GQueue *queue)
{
    while (self->association && !g_queue_is_empty(queue)) {
        g_autoptr(PierceDataChannel) channel = g_queue_pop_head(queue);
        data_channel_set_waiting(channel, FALSE);
        if (data_channel_get_transport(channel) != self)
            continue;
        switch (data_channel_send_turn(channel)) {
        case DATA_CHANNEL_HAS_SENT_ALL:
            break;
        case DATA_CHANNEL_HAS_MORE:
            sctp_transport_wait_for_room(self, channel);
            break;
        case DATA_CHANNEL_HAS_NO_ROOM:
            data_channel_set_waiting(channel, TRUE);
            g_queue_push_head(queue, g_object_ref(channel));
            return;
        }
    }
}

void
sctp_transport_send_waiting(SctpTransport *self)
{
    self->is_serving = TRUE;
    sort_streamless(self);
    serve(self, &self->sparse);
    serve(self, &self->waiting);
    self->is_serving = FALSE;
}

/* ---- what has arrived ---- */

static void
credit_acknowledged(SctpTransport *self)
{
    SentMessage message;
    if (self->sent.bytes == 0)
        return;
    gsize outstanding = sctp_association_get_unacknowledged(self->association);
    while (self->association && sent_queue_pop(&self->sent, outstanding, &message)) {
        PierceDataChannel *channel = channel_table_lookup(self->table, message.stream);
        see_round_trip(self);
        send_share_on_arrived(&self->share, message.size);
        if (!channel)
            continue;
        move_inside(self, channel, channel->inside - MIN(message.size, channel->inside));
        data_channel_credit(channel, message.credit);
    }
}

void
sctp_transport_on_writable(gpointer user_data)
{
    SctpTransport *self = sctp_transport_hold(user_data);
    credit_acknowledged(self);
    if (self->association && self->share.quick_until_us > 0) {
        gint64 now_us = g_get_monotonic_time();
        if (send_share_is_due(&self->share, now_us))
            bound_window(self, now_us);
    }
    sctp_transport_send_waiting(self);
    sctp_transport_unref(self);
}
