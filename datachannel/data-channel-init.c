/* Owns the options of a channel to be, and knows how DCEP writes them.  W3C WebRTC section 6.2.1,
 * RFC 8832 section 5.1. */
#include "datachannel/data-channel-internal.h"
#include "datachannel/error.h"

G_DEFINE_BOXED_TYPE(PierceDataChannelInit, pierce_data_channel_init, pierce_data_channel_init_copy,
                    pierce_data_channel_init_free)

PierceDataChannelInit *
pierce_data_channel_init_new(void)
{
    PierceDataChannelInit *self = g_new0(PierceDataChannelInit, 1);
    self->protocol = g_strdup("");
    return self;
}

PierceDataChannelInit *
pierce_data_channel_init_copy(const PierceDataChannelInit *self)
{
    g_return_val_if_fail(self, NULL);
    PierceDataChannelInit *copy = g_memdup2(self, sizeof *self);
    copy->protocol = g_strdup(self->protocol);
    return copy;
}

void
pierce_data_channel_init_free(PierceDataChannelInit *self)
{
    g_return_if_fail(self);
    g_free(self->protocol);
    g_free(self);
}

void
pierce_data_channel_init_set_ordered(PierceDataChannelInit *self, gboolean ordered)
{
    g_return_if_fail(self);
    self->is_unordered = !ordered;
}

void
pierce_data_channel_init_set_max_retransmits(PierceDataChannelInit *self, guint16 count)
{
    g_return_if_fail(self);
    self->reliability = SCTP_LIMITED_RETRANSMITS;
    self->reliability_parameter = count;
}

void
pierce_data_channel_init_set_max_packet_life_time(PierceDataChannelInit *self, guint16 life_time_ms)
{
    g_return_if_fail(self);
    self->reliability = SCTP_LIMITED_LIFE_TIME;
    self->reliability_parameter = life_time_ms;
}

void
pierce_data_channel_init_set_protocol(PierceDataChannelInit *self, const char *protocol)
{
    g_return_if_fail(self && protocol);
    g_free(self->protocol);
    self->protocol = g_strdup(protocol);
}

void
pierce_data_channel_init_set_negotiated(PierceDataChannelInit *self, guint16 id)
{
    g_return_if_fail(self);
    self->is_negotiated = TRUE;
    self->id = id;
}

gboolean
data_channel_init_check(const PierceDataChannelInit *self, const char *label, GError **error)
{
    const char *wrong = !g_utf8_validate(label, -1, NULL) ? "its label is not UTF-8"
                        : strlen(label) > LABEL_MAX_BYTES ? "its label is longer than 65535 bytes"
                        : !g_utf8_validate(self->protocol, -1, NULL) ? "its protocol is not UTF-8"
                        : strlen(self->protocol) > LABEL_MAX_BYTES
                            ? "its protocol is longer than 65535 bytes"
                        : self->is_negotiated && self->id >= SCTP_MAX_STREAMS
                            ? "its id is beyond the 2048 streams a connection has"
                            : NULL;
    if (wrong)
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT, "channel: %s", wrong);
    return !wrong;
}

PierceDataChannelInit *
data_channel_init_from_open(const DcepOpen *open)
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

void
data_channel_init_fill_open(const PierceDataChannelInit *self, DcepOpen *open)
{
    static const DcepReliability reliabilities[] = {
        [SCTP_RELIABLE] = DCEP_RELIABLE,
        [SCTP_LIMITED_RETRANSMITS] = DCEP_MAX_RETRANSMITS,
        [SCTP_LIMITED_LIFE_TIME] = DCEP_MAX_PACKET_LIFE_TIME,
    };
    *open = (DcepOpen){ .reliability = reliabilities[self->reliability],
                        .reliability_parameter = self->reliability_parameter,
                        .ordered = !self->is_unordered,
                        .protocol = self->protocol };
}
