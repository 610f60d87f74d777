/* Owns a snapshot of counters.  peer-connection fills it in; here it is only read and copied. */
#include "datachannel/stats-data.h"

G_DEFINE_BOXED_TYPE(PierceStats, pierce_stats, pierce_stats_copy, pierce_stats_free)

PierceStats *
pierce_stats_copy(const PierceStats *self)
{
    g_return_val_if_fail(self, NULL);
    PierceStats *copy = g_memdup2(self, sizeof *self);
    copy->local_address = g_strdup(self->local_address);
    copy->remote_address = g_strdup(self->remote_address);
    copy->path_note = g_strdup(self->path_note);
    return copy;
}

void
pierce_stats_free(PierceStats *self)
{
    g_return_if_fail(self);
    g_free(self->local_address);
    g_free(self->remote_address);
    g_free(self->path_note);
    g_free(self);
}

const char *
pierce_stats_get_local_candidate_type(const PierceStats *self)
{
    g_return_val_if_fail(self, NULL);
    return self->local_candidate_type;
}

const char *
pierce_stats_get_remote_candidate_type(const PierceStats *self)
{
    g_return_val_if_fail(self, NULL);
    return self->remote_candidate_type;
}

const char *
pierce_stats_get_local_address(const PierceStats *self)
{
    g_return_val_if_fail(self, NULL);
    return self->local_address;
}

const char *
pierce_stats_get_remote_address(const PierceStats *self)
{
    g_return_val_if_fail(self, NULL);
    return self->remote_address;
}

const char *
pierce_stats_get_protocol(const PierceStats *self)
{
    g_return_val_if_fail(self, NULL);
    return self->protocol;
}

const char *
pierce_stats_get_path_note(const PierceStats *self)
{
    g_return_val_if_fail(self, NULL);
    return self->path_note;
}

double
pierce_stats_get_round_trip_time_ms(const PierceStats *self)
{
    g_return_val_if_fail(self, -1);
    return self->round_trip_time_ms;
}

guint64
pierce_stats_get_bytes_sent(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->bytes_sent;
}

guint64
pierce_stats_get_bytes_received(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->bytes_received;
}

guint64
pierce_stats_get_messages_sent(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->messages_sent;
}

guint64
pierce_stats_get_messages_received(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->messages_received;
}

guint64
pierce_stats_get_packets_sent(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->packets_sent;
}

guint64
pierce_stats_get_packets_received(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->packets_received;
}

guint64
pierce_stats_get_packets_discarded(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->packets_discarded;
}

guint64
pierce_stats_get_retransmissions(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->retransmissions;
}

guint
pierce_stats_get_max_packet_size(const PierceStats *self)
{
    g_return_val_if_fail(self, 0);
    return self->max_packet_size;
}

double
pierce_stats_get_setup_time_ms(const PierceStats *self, PierceSetupPhase phase)
{
    g_return_val_if_fail(self, -1);
    g_return_val_if_fail((guint) phase < SETUP_PHASE_COUNT, -1);
    return self->setup_time_ms[phase];
}
