/* A channel's queue and state; the object around them is data-channel-object's.  Never touches SCTP
 * but through sctp-transport.  W3C WebRTC section 6.2, RFC 8831 section 6.
 *
 *   connecting --association up--> open --close, or the peer's reset--> closing --both reset-->
 * closed
 *        +------------- close, or the association's end, from any state ---------------------->
 * closed
 */
#include "datachannel/data-channel-internal.h"

#include "datachannel/error.h"
#include "datachannel/sctp-transport.h"
#include "datachannel/text.h"

/* What a channel sends before the next one's turn comes: small messages would cost more each. */
#define TURN_BYTES (16 * 1024)

typedef struct {
    SctpPpid ppid;
    GBytes *bytes;
} QueuedMessage;

static void
queued_message_free(gpointer data)
{
    QueuedMessage *queued = data;
    g_bytes_unref(queued->bytes);
    g_free(queued);
}

void
data_channel_clear_queue(PierceDataChannel *self)
{
    g_queue_clear_full(&self->queue, queued_message_free);
}

static void
set_state(PierceDataChannel *self, PierceDataChannelState state)
{
    if (self->state == state)
        return;
    g_debug("channel %d: %s -> %s", self->id,
            pierce_enum_nick(PIERCE_TYPE_DATA_CHANNEL_STATE, (gint) self->state),
            pierce_enum_nick(PIERCE_TYPE_DATA_CHANNEL_STATE, (gint) state));
    self->state = state;
    g_object_notify(G_OBJECT(self), "ready-state");
}

void
data_channel_drop_message_func(PierceDataChannel *self)
{
    GDestroyNotify destroy = self->message_destroy;
    gpointer data = self->message_data;
    self->message_func = NULL;
    self->message_data = NULL;
    self->message_destroy = NULL;
    if (destroy)
        destroy(data);
}

/* ---- sending ---- */

static SctpMessage
make_message(PierceDataChannel *self, SctpPpid ppid, const guint8 *bytes, gsize size)
{
    /* RFC 8832 section 6: in order and reliably until the peer has said that it knows the channel
     */
    gboolean is_plain = ppid == SCTP_PPID_DCEP;
    return (SctpMessage){
        .stream = (guint16) self->id,
        .ppid = ppid,
        .is_unordered = self->init->is_unordered && self->is_acknowledged && !is_plain,
        .reliability = is_plain ? SCTP_RELIABLE : self->init->reliability,
        .reliability_parameter = self->init->reliability_parameter,
        .bytes = bytes,
        .size = size,
    };
}

static void
enqueue(PierceDataChannel *self, SctpPpid ppid, const guint8 *bytes, gsize size)
{
    QueuedMessage *queued = g_new(QueuedMessage, 1);
    queued->ppid = ppid;
    queued->bytes = g_bytes_new(bytes, size);
    g_queue_push_tail(&self->queue, queued);
    sctp_transport_wait_for_room(self->transport, self);
}

/* Resets our side once nothing is left to be sent. */
static void
reset_if_sent(PierceDataChannel *self)
{
    if (self->state != PIERCE_DATA_CHANNEL_STATE_CLOSING || self->has_sent_reset ||
        !g_queue_is_empty(&self->queue))
        return;
    self->has_sent_reset = TRUE;
    sctp_transport_reset_stream(self->transport, (guint16) self->id);
}

DataChannelTurn
data_channel_send_turn(PierceDataChannel *self)
{
    for (gsize sent = 0; self->transport && !g_queue_is_empty(&self->queue);) {
        QueuedMessage *queued = g_queue_peek_head(&self->queue);
        gsize size;
        const guint8 *bytes = g_bytes_get_data(queued->bytes, &size);
        SctpMessage message = make_message(self, queued->ppid, bytes, size);
        if (sent > 0 && sent + size > TURN_BYTES)
            return DATA_CHANNEL_HAS_MORE;
        if (sctp_transport_send(self->transport, &message) != SCTP_SENT)
            return DATA_CHANNEL_HAS_NO_ROOM;
        sent += MAX(size, 1);
        queued_message_free(g_queue_pop_head(&self->queue));
    }
    if (self->transport)
        reset_if_sent(self);
    return DATA_CHANNEL_HAS_SENT_ALL;
}

static gboolean
send_or_queue(PierceDataChannel *self, SctpPpid ppid, const guint8 *bytes, gsize size)
{
    if (g_queue_is_empty(&self->queue)) {
        SctpMessage message = make_message(self, ppid, bytes, size);
        switch (sctp_transport_send(self->transport, &message)) {
        case SCTP_SENT:
            return TRUE;
        case SCTP_BROKEN:
            return FALSE;
        case SCTP_FULL:
            break;
        }
    }
    enqueue(self, ppid, bytes, size);
    return TRUE;
}

void
data_channel_send_dcep(PierceDataChannel *self, const guint8 *bytes, gsize size)
{
    send_or_queue(self, SCTP_PPID_DCEP, bytes, size);
}

static gboolean
check_sendable(PierceDataChannel *self, gsize size, GError **error)
{
    if (self->state != PIERCE_DATA_CHANNEL_STATE_OPEN) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE,
                    "channel \"%s\" is %s; send after its open signal", self->label,
                    pierce_enum_nick(PIERCE_TYPE_DATA_CHANNEL_STATE, (gint) self->state));
        return FALSE;
    }
    gsize most = sctp_transport_get_max_message_size(self->transport);
    if (size > most) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_MESSAGE_TOO_LARGE,
                    "message of %" G_GSIZE_FORMAT " bytes: the connection takes at most "
                    "%" G_GSIZE_FORMAT "; send it in parts",
                    size, most);
        return FALSE;
    }
    return TRUE;
}

static gboolean
send_message(PierceDataChannel *self, SctpPpid ppid, const guint8 *bytes, gsize size,
             GError **error)
{
    if (!check_sendable(self, size, error))
        return FALSE;
    self->buffered_amount += size;
    if (send_or_queue(self, ppid, bytes, size))
        return TRUE;
    self->buffered_amount -= size;
    g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE,
                "channel \"%s\": the association has ended", self->label);
    return FALSE;
}

static gboolean
send_text(PierceDataChannel *self, const guint8 *text, gsize size, GError **error)
{
    if (!text_is_utf8(text, size)) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT,
                    "text for channel \"%s\" is not UTF-8; send it as bytes", self->label);
        return FALSE;
    }
    return send_message(self, size ? SCTP_PPID_STRING : SCTP_PPID_STRING_EMPTY, text, size, error);
}

gboolean
pierce_data_channel_send_message(PierceDataChannel *self, PierceMessageType type,
                                 const guint8 *data, gsize size_bytes, GError **error)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self) && (data || size_bytes == 0), FALSE);
    if (type == PIERCE_MESSAGE_TYPE_TEXT)
        return send_text(self, data, size_bytes, error);
    return send_message(self, size_bytes ? SCTP_PPID_BINARY : SCTP_PPID_BINARY_EMPTY, data,
                        size_bytes, error);
}

gboolean
pierce_data_channel_send(PierceDataChannel *self, const guint8 *data, gsize size_bytes,
                         GError **error)
{
    return pierce_data_channel_send_message(self, PIERCE_MESSAGE_TYPE_BINARY, data, size_bytes,
                                            error);
}

gboolean
pierce_data_channel_send_text(PierceDataChannel *self, const char *text, GError **error)
{
    g_return_val_if_fail(text, FALSE);
    return pierce_data_channel_send_message(self, PIERCE_MESSAGE_TYPE_TEXT, (const guint8 *) text,
                                            strlen(text), error);
}

void
data_channel_credit(PierceDataChannel *self, gsize size)
{
    gboolean was_above = self->buffered_amount > self->low_threshold;
    self->buffered_amount -= MIN(size, self->buffered_amount);
    if (was_above && self->buffered_amount <= self->low_threshold &&
        self->state == PIERCE_DATA_CHANNEL_STATE_OPEN)
        data_channel_emit(self, DATA_CHANNEL_BUFFERED_AMOUNT_LOW);
}

/* ---- receiving ---- */

void
data_channel_receive(PierceDataChannel *self, PierceMessageType type, const guint8 *bytes,
                     gsize size)
{
    self->is_acknowledged = TRUE; /* who answers on the stream knows the channel */
    if (self->state != PIERCE_DATA_CHANNEL_STATE_OPEN)
        return;
    g_object_ref(self);
    if (self->message_func)
        self->message_func(self, type, bytes, size, self->message_data);
    data_channel_emit_message(self, type, bytes, size);
    g_object_unref(self);
}

/* ---- opening and closing ---- */

void
data_channel_set_id(PierceDataChannel *self, guint16 id)
{
    self->id = id;
    g_object_notify(G_OBJECT(self), "id");
}

void
data_channel_mark_open(PierceDataChannel *self)
{
    if (self->state == PIERCE_DATA_CHANNEL_STATE_CONNECTING)
        set_state(self, PIERCE_DATA_CHANNEL_STATE_OPEN);
}

void
data_channel_open(PierceDataChannel *self)
{
    data_channel_mark_open(self);
    if (self->state == PIERCE_DATA_CHANNEL_STATE_OPEN)
        data_channel_emit(self, DATA_CHANNEL_OPEN);
}

void
data_channel_acknowledged(PierceDataChannel *self)
{
    self->is_acknowledged = TRUE;
}

static void
end_if_reset(PierceDataChannel *self)
{
    if (self->has_reset_incoming && self->has_reset_outgoing)
        data_channel_end(self, NULL);
}

void
data_channel_end(PierceDataChannel *self, const GError *error)
{
    if (self->state == PIERCE_DATA_CHANNEL_STATE_CLOSED)
        return;
    g_object_ref(self);
    SctpTransport *transport = g_steal_pointer(&self->transport);
    if (!self->error && error)
        self->error = g_error_copy(error);
    data_channel_clear_queue(self);
    if (transport)
        sctp_transport_release(transport, self);
    set_state(self, PIERCE_DATA_CHANNEL_STATE_CLOSED);
    if (self->error)
        data_channel_emit_error(self, self->error);
    data_channel_emit(self, DATA_CHANNEL_CLOSE);
    data_channel_drop_message_func(self);
    g_object_unref(self);
}

void
pierce_data_channel_close(PierceDataChannel *self)
{
    g_return_if_fail(PIERCE_IS_DATA_CHANNEL(self));
    switch (self->state) {
    case PIERCE_DATA_CHANNEL_STATE_CONNECTING:
        data_channel_end(self, NULL);
        break;
    case PIERCE_DATA_CHANNEL_STATE_OPEN:
        set_state(self, PIERCE_DATA_CHANNEL_STATE_CLOSING);
        reset_if_sent(self);
        break;
    case PIERCE_DATA_CHANNEL_STATE_CLOSING:
    case PIERCE_DATA_CHANNEL_STATE_CLOSED:
        break;
    }
}

void
data_channel_on_incoming_reset(PierceDataChannel *self)
{
    g_object_ref(self);
    self->has_reset_incoming = TRUE;
    if (self->state == PIERCE_DATA_CHANNEL_STATE_OPEN ||
        self->state == PIERCE_DATA_CHANNEL_STATE_CONNECTING) {
        data_channel_clear_queue(self); /* nobody would read it */
        set_state(self, PIERCE_DATA_CHANNEL_STATE_CLOSING);
        data_channel_emit(self, DATA_CHANNEL_CLOSING);
        if (self->transport)
            reset_if_sent(self);
    }
    end_if_reset(self);
    g_object_unref(self);
}

void
data_channel_on_outgoing_reset(PierceDataChannel *self)
{
    self->has_reset_outgoing = TRUE;
    end_if_reset(self);
}

void
data_channel_reject(PierceDataChannel *self, const GError *error)
{
    if (!self->error)
        self->error = g_error_copy(error);
    data_channel_clear_queue(self);
    if (self->state == PIERCE_DATA_CHANNEL_STATE_CONNECTING)
        data_channel_end(self, NULL);
    else
        pierce_data_channel_close(self);
}

SctpTransport *
data_channel_get_transport(PierceDataChannel *self)
{
    return self->transport;
}

gboolean
data_channel_is_waiting(PierceDataChannel *self)
{
    return self->is_waiting;
}

void
data_channel_set_waiting(PierceDataChannel *self, gboolean is_waiting)
{
    self->is_waiting = is_waiting;
}

PierceDataChannel *
data_channel_new(SctpTransport *transport, const char *label, const PierceDataChannelInit *init)
{
    PierceDataChannel *self = g_object_new(PIERCE_TYPE_DATA_CHANNEL, NULL);
    self->transport = transport;
    self->label = g_strdup(label);
    self->init = pierce_data_channel_init_copy(init);
    self->is_acknowledged = init->is_negotiated;
    return self;
}

void
pierce_data_channel_set_message_func(PierceDataChannel *self, PierceMessageFunc func,
                                     gpointer user_data, GDestroyNotify destroy)
{
    g_return_if_fail(PIERCE_IS_DATA_CHANNEL(self));
    data_channel_drop_message_func(self);
    self->message_func = func;
    self->message_data = user_data;
    self->message_destroy = destroy;
}

void
data_channel_fill_open(PierceDataChannel *self, DcepOpen *open)
{
    data_channel_init_fill_open(self->init, open);
    open->label = self->label;
}
