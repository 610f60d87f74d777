/* The GObject around a data channel: attributes, signals, its end.  What it does is in
 * data-channel.c. W3C WebRTC section 6.2. */
#include "datachannel/data-channel-internal.h"

#include "datachannel/error.h"

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
    SIGNAL_MESSAGE = DATA_CHANNEL_CLOSE + 1,
    SIGNAL_ERROR,
    N_SIGNALS,
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(PierceDataChannel, pierce_data_channel, G_TYPE_OBJECT)

void
data_channel_emit(PierceDataChannel *self, DataChannelSignal signal)
{
    g_signal_emit(self, signals[signal], 0);
}

void
data_channel_emit_error(PierceDataChannel *self, const GError *error)
{
    g_signal_emit(self, signals[SIGNAL_ERROR], 0, error);
}

void
data_channel_emit_message(PierceDataChannel *self, PierceMessageType type, const guint8 *bytes,
                          gsize size)
{
    if (!g_signal_has_handler_pending(self, signals[SIGNAL_MESSAGE], 0, TRUE))
        return;
    g_autoptr(GBytes) message = g_bytes_new(bytes, size);
    g_signal_emit(self, signals[SIGNAL_MESSAGE], 0, type, message);
}

/* ---- attributes ---- */

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
    data_channel_drop_message_func(self);
    data_channel_clear_queue(self);
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
    signals[DATA_CHANNEL_OPEN] =
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
    signals[DATA_CHANNEL_BUFFERED_AMOUNT_LOW] = g_signal_new(
        "buffered-amount-low", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    /**
     * PierceDataChannel::closing:
     * @self: the channel
     *
     * The peer closes the channel.
     */
    signals[DATA_CHANNEL_CLOSING] =
        g_signal_new("closing", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    /**
     * PierceDataChannel::close:
     * @self: the channel
     *
     * The channel is closed.
     */
    signals[DATA_CHANNEL_CLOSE] =
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
