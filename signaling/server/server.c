/* Owns the parts of pierced and how they fit together; never a socket and never the dialect. */
#include "signaling/server/server.h"

#include "signaling/server/listen-address.h"
#include "signaling/server/registry-memory.h"
#include "signaling/server/ws-server.h"

#include <string.h>

/* A WebSocket that is not registered may stay this much longer than a registration, so that one
 * that expired can register again. */
#define UNREGISTERED_EXTRA_US (30 * G_USEC_PER_SEC)

/* Clients are asked for a heartbeat at least so often, and four times per expiry. */
#define MAX_HEARTBEAT_S 60

struct Server {
    Registry *registry;
    Auth *auth;
    Router *router;
    Web *web;
    TlsContext *tls;
    WsServer *ws;
    char **allowed_origins;
    GSocketAddress *address;
    char *url, *ws_url;
    gint64 started_us;
    guint drain_s;
};

GQuark
server_error_quark(void)
{
    return g_quark_from_static_string("server-error-quark");
}

void
server_config_init(ServerConfig *config)
{
    *config = (ServerConfig){
        .listen = "127.0.0.1:8765",
        .turn_ttl_s = 24 * 60 * 60,
        .expiry_s = (guint) (registry_default_limits.expiry_us / G_USEC_PER_SEC),
        .drain_s = 5,
        .max_message_bytes = (guint) message_default_limits.max_bytes,
        .max_depth = message_default_limits.max_depth,
        .max_name_bytes = (guint) message_default_limits.max_name_bytes,
        .max_info_bytes = 8192,
        .max_queue_bytes = (guint) session_default_limits.max_queue_bytes,
        .max_messages_per_s = session_default_limits.max_messages_per_s,
        .max_connections = 16000,
        .max_peers = registry_default_limits.max_peers,
        .max_room_peers = registry_default_limits.max_room_peers,
    };
}

static gboolean
answer_health(Server *self, const HttpRequest *request, GByteArray *out)
{
    const RegistryFuncs *funcs = self->registry->funcs;
    g_autofree char *body = g_strdup_printf(
        "{\"status\":\"ok\",\"peers\":%u,\"rooms\":%u,\"version\":\"%s\",\"uptime_s\":"
        "%" G_GINT64_FORMAT "}\n",
        funcs->count_peers(self->registry), funcs->count_rooms(self->registry), PIERCE_VERSION,
        (g_get_monotonic_time() - self->started_us) / G_USEC_PER_SEC);
    WebAnswer answer = { .status = 200,
                         .type = "application/json",
                         .extra = "Cache-Control: no-store\r\n",
                         .body = (const guint8 *) body,
                         .size = strlen(body) };

    web_write(request, &answer, out);
    return TRUE;
}

static gboolean
on_answer(const HttpRequest *request, GByteArray *out, gpointer data)
{
    gboolean reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;

    return reads && strcmp(request->path, "/healthz") == 0 && answer_health(data, request, out);
}

/* Turns what @cause says into an error of ours. */
static gboolean
fail(GError **error, ServerError code, const char *hint, GError *cause)
{
    g_set_error(error, SERVER_ERROR, code, "%s%s", cause->message, hint);
    g_error_free(cause);
    return FALSE;
}

static gboolean
check_exposure(const Server *self, const ServerConfig *config, GError **error)
{
    if (listen_address_is_loopback(self->address) || config->is_open || auth_is_on(self->auth))
        return TRUE;
    g_set_error(error, SERVER_ERROR, SERVER_ERROR_USAGE,
                "%s can be reached from other machines, and no tokens are configured: anyone could "
                "register.  Say --open to allow that, or give --token-file",
                config->listen);
    return FALSE;
}

static gboolean
load_parts(Server *self, const ServerConfig *config, GError **error)
{
    GError *cause = NULL;

    self->address = listen_address_parse(config->listen, &cause);
    if (!self->address)
        return fail(error, SERVER_ERROR_USAGE, "", cause);
    if (!check_exposure(self, config, error))
        return FALSE;
    if (!config->tls_certificate != !config->tls_key) {
        g_set_error(error, SERVER_ERROR, SERVER_ERROR_USAGE,
                    "TLS needs both --tls-cert and --tls-key");
        return FALSE;
    }
    if (config->tls_certificate) {
        self->tls = tls_context_new(config->tls_certificate, config->tls_key, &cause);
        if (!self->tls)
            return fail(error, SERVER_ERROR_LISTEN, "", cause);
    }
    self->web = web_new(config->web_directory, &cause);
    if (!self->web)
        return fail(error, SERVER_ERROR_LISTEN, "; see --web-dir", cause);
    return TRUE;
}

static void
make_router(Server *self, const ServerConfig *config)
{
    RegistryLimits limits = { .max_peers = config->max_peers,
                              .max_room_peers = config->max_room_peers,
                              .expiry_us = (gint64) config->expiry_s * G_USEC_PER_SEC };
    self->registry = registry_memory_new(&limits);
    RouterConfig router = {
        .message_limits = { .max_bytes = config->max_message_bytes,
                            .max_depth = config->max_depth,
                            .max_name_bytes = config->max_name_bytes },
        .max_info_bytes = config->max_info_bytes,
        .heartbeat_s = CLAMP(config->expiry_s / 4, 1, MAX_HEARTBEAT_S),
        .expires_s = config->expiry_s,
        .registry = self->registry,
        .auth = self->auth,
    };
    self->router = router_new(&router);
}

static gboolean
listen_for_clients(Server *self, const ServerConfig *config, GError **error)
{
    GError *cause = NULL;
    WsServerConfig ws = {
        .address = self->address,
        .allowed_origins = (const char *const *) self->allowed_origins,
        .session_limits = { .max_queue_bytes = config->max_queue_bytes,
                            .max_messages_per_s = config->max_messages_per_s },
        .max_message_bytes = config->max_message_bytes,
        .max_connections = config->max_connections,
        .idle_us = (gint64) config->expiry_s * G_USEC_PER_SEC + UNREGISTERED_EXTRA_US,
        .tls = self->tls,
        .router = self->router,
        .registry = self->registry,
        .web = self->web,
        .answer = on_answer,
        .user_data = self,
    };

    self->ws = ws_server_new(&ws, &cause);
    if (!self->ws) {
        g_autofree char *hint = g_strdup_printf(
            " (%s): is another pierced running?  --listen chooses another address and port, port "
            "0 any that is free",
            config->listen);
        return fail(error, SERVER_ERROR_LISTEN, hint, cause);
    }
    g_clear_object(&self->address);
    self->address = ws_server_get_address(self->ws, &cause);
    if (!self->address)
        return fail(error, SERVER_ERROR_LISTEN, "", cause);
    g_autofree char *where = listen_address_print(self->address);
    self->url = g_strdup_printf("%s://%s/", self->tls ? "https" : "http", where);
    self->ws_url = g_strdup_printf("%s://%s/", self->tls ? "wss" : "ws", where);
    return TRUE;
}

Server *
server_new(const ServerConfig *config, GError **error)
{
    g_autoptr(Server) self = g_new0(Server, 1);

    self->started_us = g_get_monotonic_time();
    self->drain_s = config->drain_s;
    self->allowed_origins = g_strdupv(config->allowed_origins);
    self->auth = auth_new(config->tokens);
    if (!load_parts(self, config, error))
        return NULL;
    make_router(self, config);
    if (!listen_for_clients(self, config, error))
        return NULL;
    return g_steal_pointer(&self);
}

void
server_free(Server *self)
{
    g_clear_pointer(&self->ws, ws_server_free);
    g_clear_pointer(&self->router, router_free);
    g_clear_pointer(&self->registry, registry_free);
    g_clear_pointer(&self->auth, auth_free);
    g_clear_pointer(&self->web, web_free);
    g_clear_pointer(&self->tls, tls_context_free);
    g_clear_object(&self->address);
    g_strfreev(self->allowed_origins);
    g_free(self->url);
    g_free(self->ws_url);
    g_free(self);
}

const char *
server_get_url(const Server *self)
{
    return self->url;
}

const char *
server_get_ws_url(const Server *self)
{
    return self->ws_url;
}

void
server_drain(Server *self, void (*on_drained)(gpointer user_data), gpointer user_data)
{
    ws_server_drain(self->ws, g_get_monotonic_time() + (gint64) self->drain_s * G_USEC_PER_SEC,
                    on_drained, user_data);
}
