/* Owns the parts of pierced and how they fit together; never a socket and never the dialect. */
#include "signaling/server/server.h"

#include "signaling/server/listen-address.h"
#include "signaling/server/metrics.h"
#include "signaling/server/registry-memory.h"
#include "signaling/server/stun-server.h"
#include "signaling/server/turn-credential.h"
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
    StunServer *stun;
    gboolean offers_stun; /* to clients, as one of their ICE servers */
    char *tls_certificate, *tls_key;
    char *public_host;
    char **allowed_origins;
    char **turn_uris;
    char *turn_secret;
    guint turn_ttl_s;
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
        .max_per_address = 1000,
        .max_peers = registry_default_limits.max_peers,
        .max_room_peers = registry_default_limits.max_room_peers,
    };
}

static char *
gather_metrics(Server *self, char *(*print)(const Metrics *metrics))
{
    const RegistryFuncs *funcs = self->registry->funcs;
    const RouterCounts *router = router_get_counts(self->router);
    WsServerCounts ws = ws_server_get_counts(self->ws);
    StunServerCounts stun = { 0 };

    if (self->stun)
        stun = stun_server_get_counts(self->stun);
    Metrics metrics = {
        .uptime_s = (g_get_monotonic_time() - self->started_us) / G_USEC_PER_SEC,
        .n_peers = funcs->count_peers(self->registry),
        .n_rooms = funcs->count_rooms(self->registry),
        .n_connections = ws.n_connections,
        .n_websockets = ws.n_websockets,
        .n_accepted = ws.n_accepted,
        .n_turned_away = ws.n_turned_away,
        .n_messages = router->n_messages,
        .n_relayed = router->n_relayed,
        .n_refused = router->n_refused,
        .n_stun_answered = stun.n_answered,
        .n_stun_ignored = stun.n_ignored,
    };
    return print(&metrics);
}

static gboolean
on_answer(const HttpRequest *request, GByteArray *out, gpointer data)
{
    g_autofree char *body = NULL;
    const char *type = "application/json";

    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
        return FALSE;
    if (strcmp(request->path, "/healthz") == 0) {
        body = gather_metrics(data, metrics_to_health);
    } else if (strcmp(request->path, "/metrics") == 0) {
        body = gather_metrics(data, metrics_to_text);
        type = "text/plain; version=0.0.4; charset=utf-8";
    } else {
        return FALSE;
    }
    WebAnswer answer = { .status = 200,
                         .type = type,
                         .extra = "Cache-Control: no-store\r\n",
                         .body = (const guint8 *) body,
                         .size = strlen(body) };
    web_write(request, &answer, out);
    return TRUE;
}

/* Our own STUN responder, named as the client names us: only it knows by which name it gets here.
 */
static void
add_own_stun(Server *self, const char *client_id, GArray *servers, GPtrArray *strings)
{
    const char *host =
        self->public_host ? self->public_host : ws_server_get_host(self->ws, client_id);
    MessageIceServer server = { 0 };

    if (!self->stun || !self->offers_stun || !host)
        return;
    g_ptr_array_add(strings, g_strdup_printf("stun:%s:%u", host, stun_server_get_port(self->stun)));
    server.uri = g_ptr_array_index(strings, strings->len - 1);
    g_array_append_val(servers, server);
}

static void
on_ice_servers(const char *client_id, GArray *servers, GPtrArray *strings, gpointer data)
{
    Server *self = data;

    add_own_stun(self, client_id, servers, strings);
    if (!self->turn_uris || !self->turn_secret)
        return;
    char *username =
        turn_credential_username(client_id, g_get_real_time() / G_USEC_PER_SEC, self->turn_ttl_s);
    char *credential = turn_credential_password(self->turn_secret, username);
    g_ptr_array_add(strings, username);
    g_ptr_array_add(strings, credential);
    for (char **uri = self->turn_uris; *uri; uri++) {
        MessageIceServer server = { *uri, username, credential };
        g_array_append_val(servers, server);
    }
}

/* Turns what @cause says into an error of ours. */
static gboolean
fail(GError **error, ServerError code, const char *hint, GError *cause)
{
    g_set_error(error, SERVER_ERROR, (gint) code, "%s%s", cause->message, hint);
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

G_GNUC_PRINTF(2, 3)
static gboolean
refuse(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, SERVER_ERROR, SERVER_ERROR_USAGE, message);
    return FALSE;
}

/* What clients or other programs would stumble over later, far from who wrote it. */
static gboolean
check_settings(const ServerConfig *config, GError **error)
{
    if (config->turn_uris && !config->turn_secret)
        return refuse(error, "--turn-uri needs the TURN server's secret: --turn-secret-file, or "
                             "PIERCE_TURN_SECRET in the environment");
    for (char **uri = config->turn_uris; uri && *uri; uri++) {
        if (!g_str_has_prefix(*uri, "turn:") && !g_str_has_prefix(*uri, "turns:"))
            return refuse(
                error, "--turn-uri \"%s\" is none; write for example turn:turn.example.org", *uri);
    }
    for (char **origin = config->allowed_origins; origin && *origin; origin++) {
        if (strcmp(*origin, "*") != 0 && !http_is_origin(*origin))
            return refuse(error,
                          "--allow-origin \"%s\" is no origin; write for example "
                          "https://example.org, without a slash at the end, or * for all",
                          *origin);
    }
    if (config->public_host && !http_is_name(config->public_host))
        return refuse(error,
                      "--public-host \"%s\" is neither a name nor an address; write for example "
                      "peers.example.org, 192.0.2.1 or [2001:db8::1]",
                      config->public_host);
    if (!config->tls_certificate != !config->tls_key)
        return refuse(error, "TLS needs both --tls-cert and --tls-key");
    return TRUE;
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
    if (!check_settings(config, error))
        return FALSE;
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
        .ice_servers = on_ice_servers,
        .ice_servers_data = self,
    };
    self->router = router_new(&router);
}

static const char *
listen_hint(const GError *cause)
{
    if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        return ": is another pierced running?  --listen chooses another port, port 0 any that is "
               "free";
    if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
        return ": ports below 1024 need a privilege; --listen chooses another port";
    return ": --listen needs an address of this machine";
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
        .max_per_address = config->max_per_address,
        .idle_us = (gint64) config->expiry_s * G_USEC_PER_SEC + UNREGISTERED_EXTRA_US,
        .tls = self->tls,
        .router = self->router,
        .registry = self->registry,
        .web = self->web,
        .answer = on_answer,
        .user_data = self,
    };

    self->ws = ws_server_new(&ws, &cause);
    if (!self->ws)
        return fail(error, SERVER_ERROR_LISTEN, listen_hint(cause), cause);
    g_clear_object(&self->address);
    self->address = ws_server_get_address(self->ws, &cause);
    if (!self->address)
        return fail(error, SERVER_ERROR_LISTEN, "", cause);
    g_autofree char *where = listen_address_print(self->address);
    self->url = g_strdup_printf("%s://%s/", self->tls ? "https" : "http", where);
    self->ws_url = g_strdup_printf("%s://%s/", self->tls ? "wss" : "ws", where);
    return TRUE;
}

/* Where STUN is answered if nothing else is said: the port of signalling, which may be taken by
 * another program's UDP; signalling works without. */
static gboolean
answer_stun(Server *self, const ServerConfig *config, GError **error)
{
    g_autoptr(GSocketAddress) address = NULL;
    g_autoptr(GInetAddress) other = NULL;
    GError *cause = NULL;

    if (config->no_stun)
        return TRUE;
    address =
        config->stun ? listen_address_parse(config->stun, &cause) : g_object_ref(self->address);
    if (!address)
        return fail(error, SERVER_ERROR_USAGE, "", cause);
    other = config->stun_other ? g_inet_address_new_from_string(config->stun_other) : NULL;
    if (config->stun_other && !other) {
        g_set_error(error, SERVER_ERROR, SERVER_ERROR_USAGE,
                    "--stun-other \"%s\" is not an IP address", config->stun_other);
        return FALSE;
    }
    self->stun = stun_server_new(address, other, &cause);
    self->offers_stun = config->stun || !listen_address_is_loopback(address);
    if (self->stun)
        return TRUE;
    if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
        return fail(error, SERVER_ERROR_USAGE, "", cause);
    if (config->stun || config->stun_other)
        return fail(error, SERVER_ERROR_LISTEN, "; --stun chooses another place, --no-stun none",
                    cause);
    g_warning("STUN is not answered: %s; --stun chooses another place", cause->message);
    g_error_free(cause);
    return TRUE;
}

static void
copy_settings(Server *self, const ServerConfig *config)
{
    self->drain_s = config->drain_s;
    self->allowed_origins = g_strdupv(config->allowed_origins);
    self->tls_certificate = g_strdup(config->tls_certificate);
    self->tls_key = g_strdup(config->tls_key);
    self->public_host = g_strdup(config->public_host);
    self->turn_uris = g_strdupv(config->turn_uris);
    self->turn_secret = g_strdup(config->turn_secret);
    self->turn_ttl_s = config->turn_ttl_s;
}

gboolean
server_reload_certificate(Server *self, GError **error)
{
    GError *cause = NULL;

    if (!self->tls)
        return refuse(error, "there is no certificate to read anew: see --tls-cert");
    if (!tls_context_load(self->tls, self->tls_certificate, self->tls_key, &cause))
        return fail(error, SERVER_ERROR_LISTEN, "; the old certificate stays", cause);
    return TRUE;
}

Server *
server_new(const ServerConfig *config, GError **error)
{
    g_autoptr(Server) self = g_new0(Server, 1);

    self->started_us = g_get_monotonic_time();
    copy_settings(self, config);
    self->auth = auth_new(config->tokens);
    if (!load_parts(self, config, error))
        return NULL;
    make_router(self, config);
    if (!listen_for_clients(self, config, error) || !answer_stun(self, config, error))
        return NULL;
    return g_steal_pointer(&self);
}

void
server_free(Server *self)
{
    g_clear_pointer(&self->stun, stun_server_free);
    g_clear_pointer(&self->ws, ws_server_free);
    g_clear_pointer(&self->router, router_free);
    g_clear_pointer(&self->registry, registry_free);
    g_clear_pointer(&self->auth, auth_free);
    g_clear_pointer(&self->web, web_free);
    g_clear_pointer(&self->tls, tls_context_free);
    g_clear_object(&self->address);
    g_strfreev(self->allowed_origins);
    g_strfreev(self->turn_uris);
    g_free(self->turn_secret);
    g_free(self->tls_certificate);
    g_free(self->tls_key);
    g_free(self->public_host);
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
