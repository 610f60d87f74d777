/* Owns the wording of what happens to connections.  Never changes any. */
#include "report.h"

#include <string.h>

/* The phases as `setup_ms` names them. */
static const struct {
    const char *key;
    PierceSetupPhase phase;
} phases[] = {
    { "gather", PIERCE_SETUP_PHASE_GATHER }, { "ice", PIERCE_SETUP_PHASE_ICE },
    { "dtls", PIERCE_SETUP_PHASE_DTLS },     { "sctp", PIERCE_SETUP_PHASE_SCTP },
    { "open", PIERCE_SETUP_PHASE_OPEN },
};

static void
add_candidate(JsonLine *line, const char *key, const char *type, const char *address)
{
    json_open(line, key);
    json_text(line, "type", type);
    json_text(line, "address", address);
    json_close(line);
}

void
report_add_path(JsonLine *line, PiercePeerConnection *connection)
{
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(connection);

    json_open(line, "path");
    add_candidate(line, "local", pierce_stats_get_local_candidate_type(stats),
                  pierce_stats_get_local_address(stats));
    add_candidate(line, "remote", pierce_stats_get_remote_candidate_type(stats),
                  pierce_stats_get_remote_address(stats));
    json_text(line, "protocol", pierce_stats_get_protocol(stats));
    json_text(line, "note", pierce_stats_get_path_note(stats));
    json_close(line);
}

char *
report_describe_path(PiercePeerConnection *connection)
{
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(connection);

    if (!pierce_stats_get_local_candidate_type(stats))
        return NULL;
    return g_strdup_printf(
        "%s %s -> %s %s over %s", pierce_stats_get_local_candidate_type(stats),
        pierce_stats_get_local_address(stats), pierce_stats_get_remote_candidate_type(stats),
        pierce_stats_get_remote_address(stats), pierce_stats_get_protocol(stats));
}

void
report_registered(Session *session, const char *client_id, gboolean is_again)
{
    const Options *options = session->options;
    JsonLine line;

    if (options->json) {
        json_begin(&line, "registered");
        json_text(&line, "client_id", client_id);
        json_text(&line, "name", options->name);
        json_print(&line);
        return;
    }
    if (is_again)
        terminal_notice(&session->terminal, STYLE_NOTICE, "* the server is back");
    else
        terminal_notice(&session->terminal, STYLE_NOTICE, "* registered as %s at %s%s%s",
                        options->name, options->server, options->room ? ", in room " : "",
                        options->room ? options->room : "");
}

void
report_server_lost(Session *session, const GError *error)
{
    JsonLine line;

    if (session->options->json) {
        json_begin(&line, "server_lost");
        json_text(&line, "message", error->message);
        json_print(&line);
        return;
    }
    terminal_notice(&session->terminal, STYLE_NOTICE, "* %s; %strying again", error->message,
                    session->was_registered ? "open connections go on; " : "");
}

void
report_connected(SessionPeer *peer)
{
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(peer->connection);
    JsonLine line;

    g_free(peer->path);
    peer->path = report_describe_path(peer->connection);
    if (!peer->session->options->json) {
        terminal_notice(&peer->session->terminal, STYLE_NOTICE, "* connected to %s: %s",
                        session_peer_name(peer), peer->path ? peer->path : "path not known");
        return;
    }
    json_begin(&line, "connected");
    json_text(&line, "peer_id", peer->client_id);
    json_text(&line, "peer_name", peer->name);
    report_add_path(&line, peer->connection);
    json_open(&line, "setup_ms");
    for (gsize i = 0; i < G_N_ELEMENTS(phases); i++)
        json_ms(&line, phases[i].key, pierce_stats_get_setup_time_ms(stats, phases[i].phase));
    json_close(&line);
    json_print(&line);
}

static void
add_limit(JsonLine *line, const char *key, gint value)
{
    if (value < 0)
        json_text(line, key, NULL);
    else
        json_int(line, key, value);
}

void
report_channel(SessionPeer *peer, PierceDataChannel *channel)
{
    JsonLine line;

    if (!peer->session->options->json)
        return;
    json_begin(&line, "channel");
    json_text(&line, "peer_id", peer->client_id);
    json_text(&line, "label", pierce_data_channel_get_label(channel));
    json_int(&line, "id", pierce_data_channel_get_id(channel));
    json_bool(&line, "ordered", pierce_data_channel_get_ordered(channel));
    json_text(&line, "protocol", pierce_data_channel_get_protocol(channel));
    json_bool(&line, "negotiated", pierce_data_channel_get_negotiated(channel));
    add_limit(&line, "max_retransmits", pierce_data_channel_get_max_retransmits(channel));
    add_limit(&line, "max_packet_life_time", pierce_data_channel_get_max_packet_life_time(channel));
    json_print(&line);
}

void
report_path_lost(SessionPeer *peer)
{
    JsonLine line;

    if (!peer->session->options->json) {
        terminal_notice(&peer->session->terminal, STYLE_NOTICE,
                        "* the path to %s is lost; looking for another", session_peer_name(peer));
        return;
    }
    json_begin(&line, "path_lost");
    json_text(&line, "peer_id", peer->client_id);
    json_print(&line);
}

void
report_path(SessionPeer *peer)
{
    g_autofree char *path = report_describe_path(peer->connection);
    JsonLine line;

    if (!path || g_strcmp0(path, peer->path) == 0)
        return;
    g_free(peer->path);
    peer->path = g_steal_pointer(&path);
    if (!peer->session->options->json) {
        terminal_notice(&peer->session->terminal, STYLE_NOTICE, "* the path to %s is now %s",
                        session_peer_name(peer), peer->path);
        return;
    }
    json_begin(&line, "path");
    json_text(&line, "peer_id", peer->client_id);
    report_add_path(&line, peer->connection);
    json_print(&line);
}

void
report_gone(SessionPeer *peer, const GError *error)
{
    g_autofree char *report = error ? pierce_peer_connection_get_report(peer->connection) : NULL;
    JsonLine line;

    if (peer->session->options->json) {
        json_begin(&line, "closed");
        json_text(&line, "peer_id", peer->client_id);
        json_text(&line, "peer_name", peer->name);
        json_text(&line, "reason",
                  error                      ? error->message
                  : peer->session->is_ending ? "ended here"
                                             : "ended by peer");
        if (report)
            json_text(&line, "report", report);
        json_print(&line);
        return;
    }
    if (error)
        terminal_notice(&peer->session->terminal, STYLE_ERROR, "* no connection to %s:\n%s",
                        session_peer_name(peer), report);
    else if (!peer->session->is_ending)
        terminal_notice(&peer->session->terminal, STYLE_NOTICE, "* %s has left",
                        session_peer_name(peer));
}

void
report_error(Session *session, const char *code, const char *message)
{
    JsonLine line;

    if (!session->options->json) {
        terminal_notice(&session->terminal, STYLE_ERROR, "%s: %s", g_get_prgname(), message);
        return;
    }
    json_begin(&line, "error");
    json_text(&line, "code", code);
    json_text(&line, "message", message);
    json_print(&line);
}
