/* Owns how figures are written, the Prometheus text format 0.0.4 and the JSON of `/healthz`; never
 * gathers one. */
#include "signaling/server/metrics.h"

static void
add(GString *text, const char *name, const char *type, const char *help, guint64 value)
{
    g_string_append_printf(text, "# HELP pierced_%s %s\n# TYPE pierced_%s %s\n", name, help, name,
                           type);
    g_string_append_printf(text, "pierced_%s %" G_GUINT64_FORMAT "\n", name, value);
}

char *
metrics_to_text(const Metrics *m)
{
    GString *text = g_string_sized_new(2048);

    add(text, "uptime_seconds", "gauge", "Time since the start.", (guint64) m->uptime_s);
    add(text, "peers", "gauge", "Peers registered.", m->n_peers);
    add(text, "rooms", "gauge", "Rooms with at least one peer.", m->n_rooms);
    add(text, "connections", "gauge", "TCP connections open.", m->n_connections);
    add(text, "websockets", "gauge", "WebSockets open.", m->n_websockets);
    add(text, "accepted_total", "counter", "TCP connections accepted.", m->n_accepted);
    add(text, "turned_away_total", "counter", "TCP connections of addresses that had too many.",
        m->n_turned_away);
    add(text, "messages_total", "counter", "Messages received.", m->n_messages);
    add(text, "relayed_total", "counter", "Messages passed on to another peer.", m->n_relayed);
    add(text, "refused_total", "counter", "Messages answered with an error.", m->n_refused);
    add(text, "stun_answered_total", "counter", "STUN requests answered.", m->n_stun_answered);
    add(text, "stun_ignored_total", "counter", "Datagrams that were no STUN request.",
        m->n_stun_ignored);
    return g_string_free(text, FALSE);
}

char *
metrics_to_health(const Metrics *m)
{
    return g_strdup_printf("{\"status\":\"ok\",\"peers\":%u,\"rooms\":%u,\"version\":\"%s\","
                           "\"uptime_s\":%" G_GINT64_FORMAT "}\n",
                           m->n_peers, m->n_rooms, PIERCE_VERSION, m->uptime_s);
}
