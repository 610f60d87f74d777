/* Owns the client's WebSocket, and is the only file that knows libsoup.  Never retries and never
 * looks into a message.  RFC 6455.
 *
 * libsoup and not libwebsockets: that one resolves names with a blocking call, which would stall
 * every data channel of the program's loop while the server's name cannot be resolved, and its
 * context cannot be destroyed from inside its own callbacks. */
#include "signaling/ws-client.h"

#include <libsoup/soup.h>
#include <string.h>

struct _WsClient {
    GUri *uri;
    char *display_url;
    SoupSession *session;
    SoupWebsocketConnection *connection;
    GCancellable *connecting; /* while connecting; cancelled means that self may be gone */
    GError *failure;          /* what the connection reported before it closed */
    gboolean closing;         /* ws_client_close() was called */
    const WsClientEvents *events;
    gpointer user_data;
};

typedef struct {
    WsClient *self; /* valid unless cancellable is cancelled */
    GCancellable *cancellable;
    SoupMessage *message;
} Attempt;

static void
attempt_free(Attempt *attempt)
{
    g_object_unref(attempt->cancellable);
    g_object_unref(attempt->message);
    g_free(attempt);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Attempt, attempt_free)

static void
drop_connection(WsClient *self)
{
    if (!self->connection)
        return;
    g_signal_handlers_disconnect_by_data(self->connection, self);
    if (soup_websocket_connection_get_state(self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close(self->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
    g_clear_object(&self->connection);
}

static void
report_closed(WsClient *self, GError *error)
{
    g_autoptr(GError) owned = error;
    const WsClientEvents *events = self->events;
    gpointer user_data = self->user_data;

    self->closing = FALSE;
    events->on_closed(owned, user_data);
}

static void
on_message(SoupWebsocketConnection *connection, gint type, GBytes *bytes, WsClient *self)
{
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);

    /* The dialect has text only; RFC 6455 section 5.6 leaves binary to the application. */
    if (type == SOUP_WEBSOCKET_DATA_TEXT)
        self->events->on_text(text ? text : "", size, self->user_data);
}

static void
on_error(SoupWebsocketConnection *connection, GError *error, WsClient *self)
{
    g_clear_error(&self->failure);
    self->failure = g_error_copy(error);
}

/* RFC 6455 section 7.4. */
static GError *
describe_close(WsClient *self)
{
    guint code = soup_websocket_connection_get_close_code(self->connection);
    const char *reason = soup_websocket_connection_get_close_data(self->connection);

    if (self->failure)
        return g_error_new(G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "the connection to %s broke: %s",
                           self->display_url, self->failure->message);
    if (!code || code == SOUP_WEBSOCKET_CLOSE_ABNORMAL)
        return g_error_new(G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                           "%s ended the connection without a reason", self->display_url);
    return g_error_new(G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                       "%s ended the connection: %s (code %u)", self->display_url,
                       reason && *reason ? reason : "no reason given", code);
}

static void
on_closed(SoupWebsocketConnection *connection, WsClient *self)
{
    GError *error = self->closing ? NULL : describe_close(self);

    g_clear_error(&self->failure);
    drop_connection(self);
    report_closed(self, error);
}

static GError *
describe_refusal(WsClient *self, SoupMessage *message, const GError *error)
{
    guint status = soup_message_get_status(message);

    if (g_error_matches(error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
        return g_error_new(G_IO_ERROR, G_IO_ERROR_FAILED,
                           "%s shows a certificate that this system does not trust; install that "
                           "of its authority (update-ca-certificates)",
                           self->display_url);
    if (error->domain == G_TLS_ERROR)
        return g_error_new(G_IO_ERROR, G_IO_ERROR_FAILED,
                           "%s does not speak TLS as it should (%s); without TLS it is ws://",
                           self->display_url, error->message);
    if (status && status != SOUP_STATUS_SWITCHING_PROTOCOLS)
        return g_error_new(G_IO_ERROR, G_IO_ERROR_FAILED,
                           "%s answered %u %s instead of opening a WebSocket", self->display_url,
                           status, soup_message_get_reason_phrase(message));
    return g_error_new(G_IO_ERROR, G_IO_ERROR_FAILED, "cannot connect to %s: %s", self->display_url,
                       error->message);
}

static void
on_connected(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(Attempt) attempt = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(SoupWebsocketConnection) connection =
        soup_session_websocket_connect_finish(SOUP_SESSION(source), result, &error);
    WsClient *self = attempt->self;

    if (g_cancellable_is_cancelled(attempt->cancellable))
        return;
    g_clear_object(&self->connecting);
    if (!connection) {
        report_closed(self, describe_refusal(self, attempt->message, error));
        return;
    }
    soup_websocket_connection_set_max_incoming_payload_size(connection, WS_CLIENT_MAX_MESSAGE);
    g_signal_connect(connection, "message", G_CALLBACK(on_message), self);
    g_signal_connect(connection, "error", G_CALLBACK(on_error), self);
    g_signal_connect(connection, "closed", G_CALLBACK(on_closed), self);
    self->connection = g_steal_pointer(&connection);
    self->events->on_open(self->user_data);
}

/* libsoup wants ws or wss; the path of `http://host` is the root. */
static GUri *
parse_url(const char *url, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, SOUP_HTTP_URI_FLAGS, NULL);
    const char *scheme = uri ? g_uri_get_scheme(uri) : "";
    gboolean is_secure = strcmp(scheme, "wss") == 0 || strcmp(scheme, "https") == 0;
    gboolean is_plain = strcmp(scheme, "ws") == 0 || strcmp(scheme, "http") == 0;

    if ((!is_secure && !is_plain) || !g_uri_get_host(uri) || !*g_uri_get_host(uri)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "\"%s\" is not a server's address; it looks like ws://host:8765/ or "
                    "wss://host/",
                    url);
        return NULL;
    }
    const char *path = g_uri_get_path(uri);
    return g_uri_build(SOUP_HTTP_URI_FLAGS, is_secure ? "wss" : "ws", g_uri_get_userinfo(uri),
                       g_uri_get_host(uri), g_uri_get_port(uri), *path ? path : "/",
                       g_uri_get_query(uri), NULL);
}

WsClient *
ws_client_new(const char *url, const WsClientEvents *events, gpointer user_data, GError **error)
{
    g_autoptr(GUri) uri = parse_url(url, error);

    if (!uri)
        return NULL;
    WsClient *self = g_new0(WsClient, 1);
    self->display_url = g_uri_to_string_partial(uri, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY);
    self->uri = g_steal_pointer(&uri);
    self->session = soup_session_new();
    self->events = events;
    self->user_data = user_data;
    return self;
}

void
ws_client_free(WsClient *self)
{
    ws_client_drop(self);
    g_clear_error(&self->failure);
    g_object_unref(self->session);
    g_uri_unref(self->uri);
    g_free(self->display_url);
    g_free(self);
}

const char *
ws_client_get_url(WsClient *self)
{
    return self->display_url;
}

void
ws_client_connect(WsClient *self)
{
    Attempt *attempt = g_new0(Attempt, 1);

    ws_client_drop(self);
    self->connecting = g_cancellable_new();
    attempt->self = self;
    attempt->cancellable = g_object_ref(self->connecting);
    attempt->message = soup_message_new_from_uri(SOUP_METHOD_GET, self->uri);
    soup_message_add_flags(attempt->message, SOUP_MESSAGE_NO_REDIRECT);
    soup_message_disable_feature(attempt->message, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
    soup_session_websocket_connect_async(self->session, attempt->message, NULL, NULL,
                                         G_PRIORITY_DEFAULT, self->connecting, on_connected,
                                         attempt);
}

void
ws_client_send(WsClient *self, const char *text)
{
    if (self->connection &&
        soup_websocket_connection_get_state(self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_send_text(self->connection, text);
}

void
ws_client_close(WsClient *self)
{
    if (!self->connection)
        return;
    self->closing = TRUE;
    if (soup_websocket_connection_get_state(self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close(self->connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
}

void
ws_client_drop(WsClient *self)
{
    if (self->connecting)
        g_cancellable_cancel(self->connecting);
    g_clear_object(&self->connecting);
    g_clear_error(&self->failure);
    self->closing = FALSE;
    drop_connection(self);
}
