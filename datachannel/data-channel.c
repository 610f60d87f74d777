/* Owns one channel's queue and state.  Never touches SCTP but through sctp-transport.
 * W3C WebRTC section 6.2, RFC 8831 section 6.
 *
 *   connecting --association up--> open --close, or the peer's reset--> closing --both reset-->
 * closed
 *        +------------- close, or the association's end, from any state ---------------------->
 * closed
 */
#include "datachannel/data-channel-internal.h"

#include "datachannel/error.h"
#include "datachannel/sctp-transport.h"

typedef struct {
    SctpPpid ppid;
    GBytes *bytes;
} QueuedMessage;

struct _PierceDataChannel {
    GObject parent_instance;
    SctpTransport *transport; /* NULL once closed */
    char *label;
    PierceDataChannelInit *init;
    gint id;
    PierceDataChannelState state;
    gboolean is_acknowledged;
    gboolean is_waiting; /* for room in the association */
    gboolean has_sent_reset;
    gboolean has_reset_outgoing;
    gboolean has_reset_incoming;
    GError *error; /* to be emitted before close */
    GQueue queue;  /* of QueuedMessage */
    guint64 buffered_amount;
    guint64 low_threshold;
    PierceMessageFunc message_func;
    gpointer message_data;
    GDestroyNotify message_destroy;
};

enum {
    PROP_LABEL = 1,
    PROP_PROTOCOL,
    PROP_ORDERED,
    PROP_ID,
    PROP_READY_STATE,
    PROP_BUFFERED_AMOUNT,
    PROP_BUFFERED_AMOUNT_LOW_THRESHOLD,
    N_PROPERTIES,
};

enum {
    SIGNAL_OPEN,
    SIGNAL_MESSAGE,
    SIGNAL_BUFFERED_AMOUNT_LOW,
    SIGNAL_CLOSING,
    SIGNAL_CLOSE,
    SIGNAL_ERROR,
    N_SIGNALS,
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(PierceDataChannel, pierce_data_channel, G_TYPE_OBJECT)

static void
queued_message_free(gpointer data)
{
    QueuedMessage *queued = data;
    g_bytes_unref(queued->bytes);
    g_free(queued);
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
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_READY_STATE]);
}

static void
drop_message_func(PierceDataChannel *self)
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

gboolean
data_channel_send_queued(PierceDataChannel *self)
{
    while (self->transport && !g_queue_is_empty(&self->queue)) {
        QueuedMessage *queued = g_queue_peek_head(&self->queue);
        gsize size;
        const guint8 *bytes = g_bytes_get_data(queued->bytes, &size);
        SctpMessage message = make_message(self, queued->ppid, bytes, size);
        if (sctp_transport_send(self->transport, &message) != SCTP_SENT)
            return FALSE;
        queued_message_free(g_queue_pop_head(&self->queue));
    }
    if (self->transport)
        reset_if_sent(self);
    return TRUE;
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

gboolean
pierce_data_channel_send(PierceDataChannel *self, const guint8 *data, gsize size_bytes,
                         GError **error)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self) && (data || size_bytes == 0), FALSE);
    return send_message(self, size_bytes ? SCTP_PPID_BINARY : SCTP_PPID_BINARY_EMPTY, data,
                        size_bytes, error);
}

gboolean
pierce_data_channel_send_text(PierceDataChannel *self, const char *text, GError **error)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self) && text, FALSE);
    gsize size = strlen(text);
    if (!g_utf8_validate_len(text, size, NULL)) {
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT,
                    "text for channel \"%s\" is not UTF-8; send it as bytes", self->label);
        return FALSE;
    }
    return send_message(self, size ? SCTP_PPID_STRING : SCTP_PPID_STRING_EMPTY,
                        (const guint8 *) text, size, error);
}

void
data_channel_credit(PierceDataChannel *self, gsize size)
{
    gboolean was_above = self->buffered_amount > self->low_threshold;
    self->buffered_amount -= MIN(size, self->buffered_amount);
    if (was_above && self->buffered_amount <= self->low_threshold &&
        self->state == PIERCE_DATA_CHANNEL_STATE_OPEN)
        g_signal_emit(self, signals[SIGNAL_BUFFERED_AMOUNT_LOW], 0);
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
    if (g_signal_has_handler_pending(self, signals[SIGNAL_MESSAGE], 0, TRUE)) {
        g_autoptr(GBytes) message = g_bytes_new(bytes, size);
        g_signal_emit(self, signals[SIGNAL_MESSAGE], 0, type, message);
    }
    g_object_unref(self);
}

/* ---- opening and closing ---- */

void
data_channel_set_id(PierceDataChannel *self, guint16 id)
{
    self->id = id;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_ID]);
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
        g_signal_emit(self, signals[SIGNAL_OPEN], 0);
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
    g_queue_clear_full(&self->queue, queued_message_free);
    if (transport)
        sctp_transport_release(transport, self);
    set_state(self, PIERCE_DATA_CHANNEL_STATE_CLOSED);
    if (self->error)
        g_signal_emit(self, signals[SIGNAL_ERROR], 0, self->error);
    g_signal_emit(self, signals[SIGNAL_CLOSE], 0);
    drop_message_func(self);
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
        g_queue_clear_full(&self->queue, queued_message_free); /* nobody would read it */
        set_state(self, PIERCE_DATA_CHANNEL_STATE_CLOSING);
        g_signal_emit(self, signals[SIGNAL_CLOSING], 0);
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
    g_queue_clear_full(&self->queue, queued_message_free);
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

/* ---- attributes ---- */

void
pierce_data_channel_set_message_func(PierceDataChannel *self, PierceMessageFunc func,
                                     gpointer user_data, GDestroyNotify destroy)
{
    g_return_if_fail(PIERCE_IS_DATA_CHANNEL(self));
    drop_message_func(self);
    self->message_func = func;
    self->message_data = user_data;
    self->message_destroy = destroy;
}

const char *
pierce_data_channel_get_label(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), "");
    return self->label;
}

const char *
pierce_data_channel_get_protocol(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), "");
    return self->init->protocol;
}

gboolean
pierce_data_channel_get_ordered(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), TRUE);
    return !self->init->is_unordered;
}

static gint
get_limit(PierceDataChannel *self, SctpReliability reliability)
{
    return self->init->reliability == reliability ? self->init->reliability_parameter : -1;
}

gint
pierce_data_channel_get_max_retransmits(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), -1);
    return get_limit(self, SCTP_LIMITED_RETRANSMITS);
}

gint
pierce_data_channel_get_max_packet_life_time(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), -1);
    return get_limit(self, SCTP_LIMITED_LIFE_TIME);
}

gboolean
pierce_data_channel_get_negotiated(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), FALSE);
    return self->init->is_negotiated;
}

gint
pierce_data_channel_get_id(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), -1);
    return self->id;
}

PierceDataChannelState
pierce_data_channel_get_ready_state(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), PIERCE_DATA_CHANNEL_STATE_CLOSED);
    return self->state;
}

guint64
pierce_data_channel_get_buffered_amount(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), 0);
    return self->buffered_amount;
}

guint64
pierce_data_channel_get_buffered_amount_low_threshold(PierceDataChannel *self)
{
    g_return_val_if_fail(PIERCE_IS_DATA_CHANNEL(self), 0);
    return self->low_threshold;
}

void
pierce_data_channel_set_buffered_amount_low_threshold(PierceDataChannel *self,
                                                      guint64 threshold_bytes)
{
    g_return_if_fail(PIERCE_IS_DATA_CHANNEL(self));
    self->low_threshold = threshold_bytes;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_BUFFERED_AMOUNT_LOW_THRESHOLD]);
}

/* ---- class ---- */

static void
pierce_data_channel_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    PierceDataChannel *self = PIERCE_DATA_CHANNEL(object);
    switch (id) {
    case PROP_LABEL:
        g_value_set_string(value, self->label);
        break;
    case PROP_PROTOCOL:
        g_value_set_string(value, self->init->protocol);
        break;
    case PROP_ORDERED:
        g_value_set_boolean(value, !self->init->is_unordered);
        break;
    case PROP_ID:
        g_value_set_int(value, self->id);
        break;
    case PROP_READY_STATE:
        g_value_set_enum(value, (gint) self->state);
        break;
    case PROP_BUFFERED_AMOUNT:
        g_value_set_uint64(value, self->buffered_amount);
        break;
    case PROP_BUFFERED_AMOUNT_LOW_THRESHOLD:
        g_value_set_uint64(value, self->low_threshold);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
pierce_data_channel_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    if (id == PROP_BUFFERED_AMOUNT_LOW_THRESHOLD)
        pierce_data_channel_set_buffered_amount_low_threshold(PIERCE_DATA_CHANNEL(object),
                                                              g_value_get_uint64(value));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void
pierce_data_channel_finalize(GObject *object)
{
    PierceDataChannel *self = PIERCE_DATA_CHANNEL(object);
    drop_message_func(self);
    g_queue_clear_full(&self->queue, queued_message_free);
    g_clear_error(&self->error);
    g_clear_pointer(&self->init, pierce_data_channel_init_free);
    g_free(self->label);
    G_OBJECT_CLASS(pierce_data_channel_parent_class)->finalize(object);
}

static void
install_properties(GObjectClass *object_class)
{
    const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    properties[PROP_LABEL] = g_param_spec_string("label", NULL, NULL, "", readable);
    properties[PROP_PROTOCOL] = g_param_spec_string("protocol", NULL, NULL, "", readable);
    properties[PROP_ORDERED] = g_param_spec_boolean("ordered", NULL, NULL, TRUE, readable);
    properties[PROP_ID] = g_param_spec_int("id", NULL, NULL, -1, G_MAXUINT16, -1, readable);
    properties[PROP_READY_STATE] =
        g_param_spec_enum("ready-state", NULL, NULL, PIERCE_TYPE_DATA_CHANNEL_STATE,
                          PIERCE_DATA_CHANNEL_STATE_CONNECTING, readable);
    properties[PROP_BUFFERED_AMOUNT] =
        g_param_spec_uint64("buffered-amount", NULL, NULL, 0, G_MAXUINT64, 0, readable);
    properties[PROP_BUFFERED_AMOUNT_LOW_THRESHOLD] =
        g_param_spec_uint64("buffered-amount-low-threshold", NULL, NULL, 0, G_MAXUINT64, 0,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
pierce_data_channel_class_init(PierceDataChannelClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GType type = G_TYPE_FROM_CLASS(class);

    object_class->get_property = pierce_data_channel_get_property;
    object_class->set_property = pierce_data_channel_set_property;
    object_class->finalize = pierce_data_channel_finalize;
    install_properties(object_class);

    /**
     * PierceDataChannel::open:
     * @self: the channel
     *
     * The channel may be used.
     */
    signals[SIGNAL_OPEN] =
        g_signal_new("open", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    /**
     * PierceDataChannel::message:
     * @self: the channel
     * @type: text or binary
     * @data: the message
     *
     * A message came.  Costs an allocation; pierce_data_channel_set_message_func() does not.
     */
    signals[SIGNAL_MESSAGE] = g_signal_new("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 2, PIERCE_TYPE_MESSAGE_TYPE, G_TYPE_BYTES);
    /**
     * PierceDataChannel::buffered-amount-low:
     * @self: the channel
     *
     * The buffered amount has fallen to the threshold.
     */
    signals[SIGNAL_BUFFERED_AMOUNT_LOW] = g_signal_new(
        "buffered-amount-low", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    /**
     * PierceDataChannel::closing:
     * @self: the channel
     *
     * The peer closes the channel.
     */
    signals[SIGNAL_CLOSING] =
        g_signal_new("closing", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    /**
     * PierceDataChannel::close:
     * @self: the channel
     *
     * The channel is closed.
     */
    signals[SIGNAL_CLOSE] =
        g_signal_new("close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    /**
     * PierceDataChannel::error:
     * @self: the channel
     * @error: why it ends
     *
     * The channel ends by a failure; `close` follows.
     */
    signals[SIGNAL_ERROR] = g_signal_new("error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
pierce_data_channel_init(PierceDataChannel *self)
{
    self->id = -1;
    g_queue_init(&self->queue);
}
