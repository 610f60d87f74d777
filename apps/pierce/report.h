/* What a session tells of its peers: events with --json, lines for people without. */
#pragma once

#include "json-line.h"
#include "session.h"

void report_registered(Session *session, const char *client_id, gboolean is_again);
void report_server_lost(Session *session, const GError *error);
void report_connected(SessionPeer *peer);
void report_channel(SessionPeer *peer, PierceDataChannel *channel);
void report_path_lost(SessionPeer *peer);
/* If it is another than was last told. */
void report_path(SessionPeer *peer);
void report_gone(SessionPeer *peer, const GError *error);
void report_error(Session *session, const char *code, const char *message);

/* The path in use: a member "path" of an event, or words. */
void report_add_path(JsonLine *line, PiercePeerConnection *connection);
char *report_describe_path(PiercePeerConnection *connection);
