/* Decides what the peer's messages may do: DCEP opens channels, the rest goes to the channel of its
 * stream.  The bytes of DCEP are dcep's business.  RFC 8832 section 6, RFC 8831 section 6.6. */
#include "datachannel/sctp-transport-internal.h"

#include "datachannel/dcep.h"
#include "datachannel/error.h"

static void
accept_channel(SctpTransport *self, guint16 stream, const DcepOpen *open)
{
    static const guint8 ack[] = { DCEP_ACK };
    g_autoptr(PierceDataChannelInit) init = data_channel_init_from_open(open);
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
    sctp_transport_announce_open(self, channel);
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
