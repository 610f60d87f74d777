/* RTCDataChannel: messages to and from the peer, in their own stream. */
#pragma once

#include "datachannel/types.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PIERCE_TYPE_DATA_CHANNEL_INIT (pierce_data_channel_init_get_type())

PIERCE_EXPORT GType pierce_data_channel_init_get_type(void) G_GNUC_CONST;

/**
 * pierce_data_channel_init_new:
 *
 * RTCDataChannelInit with the W3C's defaults: ordered, reliable, opened in band, no protocol.
 *
 * Returns: (transfer full): new options
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceDataChannelInit *pierce_data_channel_init_new(void);

/**
 * pierce_data_channel_init_copy:
 * @self: options
 *
 * Returns: (transfer full): a copy
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceDataChannelInit *
pierce_data_channel_init_copy(const PierceDataChannelInit *self);

/**
 * pierce_data_channel_init_free:
 * @self: (transfer full): options
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_init_free(PierceDataChannelInit *self);

/**
 * pierce_data_channel_init_set_ordered:
 * @self: options
 * @ordered: whether messages are delivered in the order in which they were sent
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_init_set_ordered(PierceDataChannelInit *self,
                                                        gboolean ordered);

/**
 * pierce_data_channel_init_set_max_retransmits:
 * @self: options
 * @count: how often a lost message is sent again, 0 to 65535
 *
 * Makes the channel partially reliable.  Excludes a life time.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_init_set_max_retransmits(PierceDataChannelInit *self,
                                                                guint16 count);

/**
 * pierce_data_channel_init_set_max_packet_life_time:
 * @self: options
 * @life_time_ms: for how long a lost message is sent again, 0 to 65535 milliseconds
 *
 * Makes the channel partially reliable.  Excludes a count of retransmissions.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_init_set_max_packet_life_time(PierceDataChannelInit *self,
                                                                     guint16 life_time_ms);

/**
 * pierce_data_channel_init_set_protocol:
 * @self: options
 * @protocol: the subprotocol's name, UTF-8, up to 65535 bytes
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_init_set_protocol(PierceDataChannelInit *self,
                                                         const char *protocol);

/**
 * pierce_data_channel_init_set_negotiated:
 * @self: options
 * @id: the stream both sides use, 0 to 65534
 *
 * Both sides create the channel with this id themselves, so that nothing is sent to open it.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_init_set_negotiated(PierceDataChannelInit *self, guint16 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PierceDataChannelInit, pierce_data_channel_init_free)

#define PIERCE_TYPE_DATA_CHANNEL (pierce_data_channel_get_type())

/**
 * PierceDataChannel:
 *
 * Made by pierce_peer_connection_create_data_channel(), or by the peer and then announced by the
 * connection's `data-channel` signal.  Belongs to the connection's #GMainContext.
 *
 * Signals: `open`, `message` ({type #PierceMessageType}, {data #GBytes}), `buffered-amount-low`,
 * `closing`, `close`, and `error` ({error #GError}) before `close` when the channel ended by a
 * failure.  Properties, read-only: `label`, `protocol`, `ordered`, `id`, `ready-state`,
 * `buffered-amount`; and `buffered-amount-low-threshold`, which can be set.
 *
 * Since: 0.1
 */
PIERCE_EXPORT
G_DECLARE_FINAL_TYPE(PierceDataChannel, pierce_data_channel, PIERCE, DATA_CHANNEL, GObject)

/**
 * PierceMessageFunc:
 * @channel: the channel
 * @type: text or binary
 * @data: (array length=size_bytes): the message, valid during the call; text is valid UTF-8
 * @size_bytes: its size, may be 0
 * @user_data: what was given with the function
 *
 * Takes a message: see pierce_data_channel_set_message_func().
 *
 * Since: 0.1
 */
typedef void (*PierceMessageFunc)(PierceDataChannel *channel, PierceMessageType type,
                                  const guint8 *data, gsize size_bytes, gpointer user_data);

/**
 * pierce_data_channel_send_text:
 * @self: a channel
 * @text: the message, UTF-8
 * @error: return location for an error
 *
 * Sends text.  What the network does not take yet is queued and counted by `buffered-amount`.
 *
 * Returns: %FALSE with %PIERCE_ERROR_INVALID_STATE if the channel is not open,
 *   %PIERCE_ERROR_MESSAGE_TOO_LARGE, or %PIERCE_ERROR_INVALID_ARGUMENT for what is not UTF-8
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_data_channel_send_text(PierceDataChannel *self, const char *text,
                                                     GError **error);

/**
 * pierce_data_channel_send:
 * @self: a channel
 * @data: (array length=size_bytes): the message
 * @size_bytes: its size, may be 0
 * @error: return location for an error
 *
 * Sends bytes, as pierce_data_channel_send_text() sends text.
 *
 * Returns: %FALSE with %PIERCE_ERROR_INVALID_STATE or %PIERCE_ERROR_MESSAGE_TOO_LARGE
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_data_channel_send(PierceDataChannel *self, const guint8 *data,
                                                gsize size_bytes, GError **error);

/**
 * pierce_data_channel_send_message:
 * @self: a channel
 * @type: text or binary
 * @data: (array length=size_bytes): the message; text has to be UTF-8, and may hold U+0000
 * @size_bytes: its size, may be 0
 * @error: return location for an error
 *
 * Sends a message as a #PierceMessageFunc gets one.
 *
 * Returns: %FALSE with the errors of pierce_data_channel_send_text()
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_data_channel_send_message(PierceDataChannel *self,
                                                        PierceMessageType type, const guint8 *data,
                                                        gsize size_bytes, GError **error);

/**
 * pierce_data_channel_set_message_func:
 * @self: a channel
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): called for each message
 * @user_data: passed to @func
 * @destroy: (nullable): called when @func is replaced or the channel ends
 *
 * The fast way to receive; the `message` signal is the convenient one and comes after it.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_set_message_func(PierceDataChannel *self,
                                                        PierceMessageFunc func, gpointer user_data,
                                                        GDestroyNotify destroy);

/**
 * pierce_data_channel_close:
 * @self: a channel
 *
 * Sends what is queued, then resets the stream in both directions (RFC 8831 section 6.7).  May be
 * called at any time, any number of times.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_close(PierceDataChannel *self);

/**
 * pierce_data_channel_get_label:
 * @self: a channel
 *
 * Returns: (transfer none): its label
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_data_channel_get_label(PierceDataChannel *self);

/**
 * pierce_data_channel_get_protocol:
 * @self: a channel
 *
 * Returns: (transfer none): its subprotocol, may be empty
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_data_channel_get_protocol(PierceDataChannel *self);

/**
 * pierce_data_channel_get_ordered:
 * @self: a channel
 *
 * Returns: whether messages arrive in order
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_data_channel_get_ordered(PierceDataChannel *self);

/**
 * pierce_data_channel_get_max_retransmits:
 * @self: a channel
 *
 * Returns: how often a lost message is sent again, or -1 for no limit
 *
 * Since: 0.1
 */
PIERCE_EXPORT gint pierce_data_channel_get_max_retransmits(PierceDataChannel *self);

/**
 * pierce_data_channel_get_max_packet_life_time:
 * @self: a channel
 *
 * Returns: for how many milliseconds a lost message is sent again, or -1 for no limit
 *
 * Since: 0.1
 */
PIERCE_EXPORT gint pierce_data_channel_get_max_packet_life_time(PierceDataChannel *self);

/**
 * pierce_data_channel_get_negotiated:
 * @self: a channel
 *
 * Returns: whether both sides created it
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_data_channel_get_negotiated(PierceDataChannel *self);

/**
 * pierce_data_channel_get_id:
 * @self: a channel
 *
 * Returns: its stream, or -1 while the DTLS role is not known
 *
 * Since: 0.1
 */
PIERCE_EXPORT gint pierce_data_channel_get_id(PierceDataChannel *self);

/**
 * pierce_data_channel_get_ready_state:
 * @self: a channel
 *
 * Returns: its state
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceDataChannelState pierce_data_channel_get_ready_state(PierceDataChannel *self);

/**
 * pierce_data_channel_get_buffered_amount:
 * @self: a channel
 *
 * Returns: how many bytes given to send are not yet acknowledged by the peer
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_data_channel_get_buffered_amount(PierceDataChannel *self);

/**
 * pierce_data_channel_get_buffered_amount_low_threshold:
 * @self: a channel
 *
 * Returns: the amount in bytes at which `buffered-amount-low` is emitted, 0 by default
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64
pierce_data_channel_get_buffered_amount_low_threshold(PierceDataChannel *self);

/**
 * pierce_data_channel_set_buffered_amount_low_threshold:
 * @self: a channel
 * @threshold_bytes: the amount at or below which the buffered amount has to fall for
 *   `buffered-amount-low`
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_data_channel_set_buffered_amount_low_threshold(PierceDataChannel *self,
                                                                         guint64 threshold_bytes);

G_END_DECLS
