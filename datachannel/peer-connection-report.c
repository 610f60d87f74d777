/* Tells how a connection stands and came to be: numbers for programs, lines for people.  Never
 * tells credentials. */
#include "datachannel/peer-connection-internal.h"

#include "datachannel/stats.h"

void
peer_connection_mark_phase(PiercePeerConnection *self, PierceSetupPhase phase)
{
    if (self->phase_ended_us[phase] == 0 && self->started_us != 0)
        self->phase_ended_us[phase] = g_get_monotonic_time();
}

static void
add_path(PiercePeerConnection *self, PierceStats *stats)
{
    Path *path = self->ice ? ice_transport_get_path(self->ice) : NULL;
    PathInfo info = { 0 };
    if (!path)
        return;
    path->funcs->describe(path, &info);
    stats->local_candidate_type = info.local_type;
    stats->remote_candidate_type = info.remote_type;
    stats->protocol = info.protocol;
    stats->local_address = address_to_string_with_port(&info.local);
    stats->remote_address = address_to_string_with_port(&info.remote);
    stats->path_note = g_strdup(info.note);
}

static void
add_transports(PiercePeerConnection *self, PierceStats *stats)
{
    SctpTransportStats sctp;
    DtlsTransportStats dtls;
    sctp_transport_get_stats(self->sctp, &sctp);
    dtls_transport_get_stats(self->dtls, &dtls);
    stats->round_trip_time_ms = sctp.association.round_trip_time_ms;
    stats->retransmissions = sctp.association.retransmissions;
    stats->bytes_sent = sctp.bytes_sent;
    stats->bytes_received = sctp.bytes_received;
    stats->messages_sent = sctp.messages_sent;
    stats->messages_received = sctp.messages_received;
    stats->packets_sent = dtls.packets_sent;
    stats->packets_received = dtls.packets_received;
    stats->packets_discarded = dtls.packets_discarded;
    stats->max_packet_size = (guint) sctp.association.packet_bytes;
}

static void
add_phases(PiercePeerConnection *self, PierceStats *stats)
{
    for (guint i = 0; i < SETUP_PHASE_COUNT; i++) {
        gint64 ended_us = self->phase_ended_us[i];
        stats->setup_time_ms[i] =
            ended_us ? (double) (ended_us - self->started_us) / G_TIME_SPAN_MILLISECOND : -1;
    }
}

PierceStats *
pierce_peer_connection_get_stats(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), NULL);
    if (self->last_stats)
        return pierce_stats_copy(self->last_stats);
    PierceStats *stats = g_new0(PierceStats, 1);
    add_path(self, stats);
    add_transports(self, stats);
    add_phases(self, stats);
    return stats;
}

const GError *
pierce_peer_connection_get_error(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), NULL);
    return self->error;
}

static void
report_states(PiercePeerConnection *self, GString *text)
{
    g_string_append_printf(
        text, "connection: %s (signalling %s, ICE %s, DTLS %s)\n",
        pierce_enum_nick(PIERCE_TYPE_PEER_CONNECTION_STATE, (gint) self->connection_state),
        pierce_enum_nick(PIERCE_TYPE_SIGNALING_STATE, (gint) self->signaling_state),
        pierce_enum_nick(PIERCE_TYPE_ICE_CONNECTION_STATE, (gint) self->ice_state),
        pierce_enum_nick(PIERCE_TYPE_DTLS_TRANSPORT_STATE, (gint) self->dtls_state));
    if (self->error)
        g_string_append_printf(text, "why: %s\n", self->error->message);
}

static void
report_candidates(PiercePeerConnection *self, GString *text)
{
    IceAgentCounts counts = { 0 };
    gboolean is_complete;
    if (!self->ice || !ice_transport_has_generation(self->ice))
        return;
    ice_transport_get_counts(self->ice, &counts);
    g_string_append_printf(text,
                           "candidates: %u local, %u remote, %u names nobody answered for, %u "
                           "dropped; checks of the peer %s\n",
                           counts.local_candidates, counts.remote_candidates,
                           counts.unresolved_names, counts.dropped_candidates,
                           counts.heard_from_peer ? "arrived" : "did not arrive");
    for (const char *const *candidate = ice_transport_get_candidates(self->ice, &is_complete);
         *candidate; candidate++)
        g_string_append_printf(text, "  local %s\n", *candidate);
    for (guint i = 0; self->has_remote && i < self->remote.candidates->len; i++)
        g_string_append_printf(text, "  remote %s\n",
                               (const char *) g_ptr_array_index(self->remote.candidates, i));
}

static void
report_path(const PierceStats *stats, GString *text)
{
    if (!stats->local_address)
        return;
    g_string_append_printf(text, "path: %s %s -> %s %s over %s, %s, packets of up to %u bytes\n",
                           stats->local_candidate_type, stats->local_address,
                           stats->remote_candidate_type, stats->remote_address, stats->protocol,
                           stats->path_note, stats->max_packet_size);
}

static void
report_phases(const PierceStats *stats, GString *text)
{
    g_string_append(text, "set-up:");
    for (gint i = 0; i < SETUP_PHASE_COUNT; i++) {
        const char *nick = pierce_enum_nick(PIERCE_TYPE_SETUP_PHASE, i);
        if (stats->setup_time_ms[i] < 0)
            g_string_append_printf(text, " %s -", nick);
        else
            g_string_append_printf(text, " %s %.1f ms", nick, stats->setup_time_ms[i]);
    }
    g_string_append_c(text, '\n');
}

char *
pierce_peer_connection_get_report(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), NULL);
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(self);
    GString *text = g_string_new(NULL);
    report_states(self, text);
    report_path(stats, text);
    report_candidates(self, text);
    report_phases(stats, text);
    g_string_append_printf(text,
                           "traffic: %" G_GUINT64_FORMAT " datagrams out, %" G_GUINT64_FORMAT
                           " in, %" G_GUINT64_FORMAT " discarded, %" G_GUINT64_FORMAT
                           " chunks sent again\n",
                           stats->packets_sent, stats->packets_received, stats->packets_discarded,
                           stats->retransmissions);
    return g_string_free(text, FALSE);
}
