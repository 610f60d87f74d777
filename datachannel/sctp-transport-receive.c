/* Decides what the peer's messages may do: DCEP opens channels, the rest goes to the channel of its
 * stream.  The bytes of DCEP are dcep's business.  RFC 8832 section 6, RFC 8831 section 6.6. */
#include "datachannel/sctp-transport-internal.h"

#include "datachannel/dcep.h"
#include "datachannel/error.h"
#include "datachannel/text.h"

static void
accept_channel(SctpTransport *self, guint16 stream, const DcepOpen *open)
{
    g_autoptr(GByteArray) ack = g_byte_array_new();
    g_autoptr(PierceDataChannelInit) init = data_channel_init_from_open(open);
    g_autoptr(PierceDataChannel) channel = data_channel_new(self, open->label, init);

    channel_table_claim(self->table, stream, channel);
    g_object_ref(channel);
    self->has_channels = TRUE;
    data_channel_set_id(channel, stream);
    data_channel_acknowledged(channel);
    dcep_ack_write(ack);
    data_channel_send_dcep(channel, ack->data, ack->len);
    data_channel_mark_open(channel);
    if (self->funcs)
        self->funcs->on_channel(channel, self->user_data);
    sctp_transport_announce_open(self, channel);
}

/* RFC 8832 section 6: what is wrong has its stream reset, and the channel that is there with it. */
static void
refuse_dcep(SctpTransport *self, const SctpMessage *message, PierceDataChannel *channel,
            const GError *error)
{
    g_info("stream %u: %s", message->stream, error->message);
    if (channel)
        data_channel_reject(channel, error);
    else
        sctp_transport_reset_stream(self, message->stream);
}

static void
on_open_message(SctpTransport *self, const SctpMessage *message, PierceDataChannel *channel)
{
    g_auto(DcepOpen) open = { 0 };
    g_autoptr(GError) error = NULL;

    if (!dcep_open_parse(&open, message->bytes, message->size, &error)) {
        refuse_dcep(self, message, channel, error);
    } else if (channel || !channel_table_is_peer_id(self->table, message->stream)) {
        g_set_error(&error, PIERCE_ERROR, PIERCE_ERROR_OPERATION,
                    "channel: the peer opened stream %u, which is %s", message->stream,
                    channel ? "in use" : "this side's to open");
        refuse_dcep(self, message, channel, error);
    } else {
        accept_channel(self, message->stream, &open);
    }
}

static void
on_dcep(SctpTransport *self, const SctpMessage *message, PierceDataChannel *channel)
{
    g_autoptr(GError) error = NULL;
    DcepType type;

    if (!dcep_type(message->bytes, message->size, &type, &error)) {
        refuse_dcep(self, message, channel, error);
    } else if (type == DCEP_OPEN) {
        on_open_message(self, message, channel);
    } else if (!dcep_ack_parse(message->bytes, message->size, &error)) {
        refuse_dcep(self, message, channel, error);
    } else if (channel) {
        data_channel_acknowledged(channel);
    }
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
        if (text_is_utf8(message->bytes, message->size))
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

void
sctp_transport_on_message(const SctpMessage *message, gpointer user_data)
{
    SctpTransport *self = sctp_transport_hold(user_data);
    PierceDataChannel *channel = channel_table_lookup(self->table, message->stream);
    if (message->ppid == SCTP_PPID_DCEP)
        on_dcep(self, message, channel);
    else if (channel)
        on_user_message(self, message, channel);
    else
        g_debug("stream %u: message dropped, no channel is there", message->stream);
    sctp_transport_unref(self);
}

void
sctp_transport_on_incoming_reset(guint16 stream, gpointer user_data)
{
    SctpTransport *self = sctp_transport_hold(user_data);
    PierceDataChannel *channel = channel_table_lookup(self->table, stream);
    if (channel)
        data_channel_on_incoming_reset(channel);
    sctp_transport_unref(self);
}

void
sctp_transport_on_outgoing_reset(guint16 stream, gpointer user_data)
{
    SctpTransport *self = sctp_transport_hold(user_data);
    PierceDataChannel *channel = channel_table_lookup(self->table, stream);
    if (channel)
        data_channel_on_outgoing_reset(channel);
    sctp_transport_unref(self);
}
