/* Owns the options of a channel to be.  W3C WebRTC section 6.2.1. */
#include "datachannel/data-channel-internal.h"

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
