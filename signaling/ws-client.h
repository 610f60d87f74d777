/* One WebSocket to a server, text messages only (RFC 6455), on the caller's #GMainContext.
 *
 * Connecting waits for nothing here: names are resolved and TLS is shaken without blocking.  The
 * caller decides how long that may take and when to try again. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** WS_CLIENT_MAX_MESSAGE: the largest message taken from the server, in bytes. */
#define WS_CLIENT_MAX_MESSAGE (256 * 1024)

typedef struct _WsClient WsClient;

/* None of them comes out of a call of a function below, and any of these may be called inside. */
typedef struct {
    void (*on_open)(gpointer user_data);
    void (*on_text)(const char *text, gsize size, gpointer user_data);
    /* Not connected, or no longer: @error says why, %NULL after ws_client_close(). */
    void (*on_closed)(const GError *error, gpointer user_data);
} WsClientEvents;

/* @url: ws, wss, http or https.  %NULL with G_IO_ERROR_INVALID_ARGUMENT if it is none of them. */
WsClient *ws_client_new(const char *url, const WsClientEvents *events, gpointer user_data,
                        GError **error);

/* Calls nothing back, now or later. */
void ws_client_free(WsClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WsClient, ws_client_free)

/* The server as it was named, for messages: without credentials, if it held any. */
const char *ws_client_get_url(WsClient *self);

/* Ends with on_open or on_closed, unless ws_client_drop() comes first. */
void ws_client_connect(WsClient *self);

/* Without effect if not open. */
void ws_client_send(WsClient *self, const char *text);

/* Sends what is queued, says goodbye, and calls on_closed when the server has answered. */
void ws_client_close(WsClient *self);

/* Gives the connection up at once, without a callback. */
void ws_client_drop(WsClient *self);

G_END_DECLS
