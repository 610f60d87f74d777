/* Listens, and carries messages between WebSockets and the router. */
#pragma once

#include "signaling/server/connection.h"
#include "signaling/server/router.h"
#include "signaling/server/web.h"

typedef struct {
    GSocketAddress *address;
    const char *const *allowed_origins; /* NULL-terminated */
    SessionLimits session_limits;
    gsize max_message_bytes;
    guint max_connections;
    guint max_per_address;
    gint64 idle_us;  /* a WebSocket that is not registered lasts so long */
    TlsContext *tls; /* NULL without */
    Router *router;
    Registry *registry;
    Web *web;
    /* Answers paths that are not files, `/healthz`; FALSE for one that it does not know. */
    gboolean (*answer)(const HttpRequest *request, GByteArray *out, gpointer user_data);
    gpointer user_data;
} WsServerConfig;

typedef struct {
    guint n_connections;
    guint n_websockets;
    guint64 n_accepted;
    guint64 n_turned_away; /* had too many already */
} WsServerCounts;

typedef struct WsServer WsServer;

/* Starts to listen.  What @config points to must outlive it. */
WsServer *ws_server_new(const WsServerConfig *config, GError **error);
void ws_server_free(WsServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WsServer, ws_server_free)

/* Where it listens, the port as the kernel chose it. */
GSocketAddress *ws_server_get_address(WsServer *self, GError **error);

/* The name or address, without the port, by which a client reached us; NULL where it said none that
 * can be used. */
const char *ws_server_get_host(const WsServer *self, const char *client_id);

WsServerCounts ws_server_get_counts(const WsServer *self);

/* Stops to listen, tells all clients that the server goes away, and calls @on_drained when the last
 * one is gone or @deadline_us has passed. */
void ws_server_drain(WsServer *self, gint64 deadline_us, void (*on_drained)(gpointer user_data),
                     gpointer user_data);
