/* Figures about the running server, in Prometheus' text format and for `/healthz`. */
#pragma once

#include <glib.h>

typedef struct {
    gint64 uptime_s;
    guint n_peers;
    guint n_rooms;
    guint n_connections;
    guint n_websockets;
    guint64 n_accepted;
    guint64 n_turned_away;
    guint64 n_messages;
    guint64 n_relayed;
    guint64 n_refused;
    guint64 n_stun_answered;
    guint64 n_stun_ignored;
} Metrics;

char *metrics_to_text(const Metrics *metrics);
char *metrics_to_health(const Metrics *metrics);
