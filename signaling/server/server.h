/* pierced: signalling, the page, STUN and TURN credentials in one process.
 *
 * The one header of the server that apps/pierced includes.  It is not installed. */
#pragma once

#include <glib.h>

typedef enum {
    SERVER_ERROR_USAGE,  /* the configuration makes no sense */
    SERVER_ERROR_LISTEN, /* it does, and cannot be had */
} ServerError;

#define SERVER_ERROR (server_error_quark())
GQuark server_error_quark(void);

/* server_config_init() fills in the defaults; strings are borrowed, NULL for none. */
typedef struct {
    const char *listen; /* ADDRESS:PORT, port 0 for any */
    gboolean is_open;   /* listen beyond loopback without tokens */
    const char *tls_certificate;
    const char *tls_key;
    const char *web_directory;
    char **allowed_origins; /* NULL-terminated */
    const char *tokens;     /* as auth_new() takes them */

    gboolean no_stun;
    const char *stun;        /* ADDRESS:PORT, NULL for where `listen` is */
    const char *stun_other;  /* a second address, for RFC 5780 */
    const char *public_host; /* what clients call this server, for its own STUN URI */
    char **turn_uris;
    const char *turn_secret;
    guint turn_ttl_s;

    guint expiry_s;
    guint drain_s;
    guint max_message_bytes;
    guint max_depth;
    guint max_name_bytes;
    guint max_info_bytes;
    guint max_queue_bytes;
    guint max_messages_per_s;
    guint max_connections;
    guint max_per_address; /* of them */
    guint max_peers;
    guint max_room_peers;
} ServerConfig;

void server_config_init(ServerConfig *config);

typedef struct Server Server;

/* Listens on the thread-default context.  @config may go after this, what it points to too. */
Server *server_new(const ServerConfig *config, GError **error);
void server_free(Server *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Server, server_free)

/* `http://127.0.0.1:8765/` and `ws://127.0.0.1:8765/`, with the port that the kernel chose. */
const char *server_get_url(const Server *server);
const char *server_get_ws_url(const Server *server);

/* Reads the files of the certificate and its key anew, for the connections to come.  Where they
 * cannot be used the server goes on with the old ones. */
gboolean server_reload_certificate(Server *server, GError **error);

/* Stops to listen, tells the clients, and calls @on_drained when all are gone, at the latest after
 * drain_s. */
void server_drain(Server *server, void (*on_drained)(gpointer user_data), gpointer user_data);
