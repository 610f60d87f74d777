/* What each message makes the server say, and to whom.  No sockets and no clock: bytes and the time
 * go in, deliveries come out. */
#pragma once

#include "signaling/message.h"
#include "signaling/server/auth.h"
#include "signaling/server/registry.h"

typedef struct {
    char *client_id; /* a GRefString, owned */
    GBytes *text;    /* one JSON text; owned */
    /* The connection ends after the text, with this WsCloseCode and static reason; 0 to go on. */
    guint16 close_code;
    const char *close_reason;
} Delivery;

/* Appends MessageIceServer to @servers for a client that just registered; the strings may be kept
 * in @strings, which frees them. */
typedef void (*RouterIceServersFunc)(const char *client_id, GArray *servers, GPtrArray *strings,
                                     gpointer user_data);

typedef struct {
    MessageLimits message_limits;
    gsize max_info_bytes; /* of what a client says about itself when it registers */
    guint heartbeat_s;    /* what clients are told */
    guint expires_s;
    Registry *registry;               /* borrowed */
    const Auth *auth;                 /* borrowed */
    RouterIceServersFunc ice_servers; /* may be NULL */
    gpointer ice_servers_data;
} RouterConfig;

typedef struct {
    guint64 n_messages;
    guint64 n_relayed;
    guint64 n_refused;
} RouterCounts;

typedef struct Router Router;

Router *router_new(const RouterConfig *config);
void router_free(Router *router);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Router, router_free)

/* An empty list of Delivery, which owns what is in it.  g_array_set_size(list, 0) empties it. */
GArray *router_new_deliveries(void);

/* A message from the connection that was given the id @client_id, a GRefString. */
void router_receive(Router *router, char *client_id, const char *text, gsize size, gint64 now_us,
                    GArray *deliveries);

/* That connection is gone. */
void router_disconnected(Router *router, char *client_id, GArray *deliveries);

/* Ends the registrations whose time is over. */
void router_expire(Router *router, gint64 now_us, GArray *deliveries);

/* Refuses something on behalf of the connection itself, which then ends unless @close_code is 0. */
void router_refuse(Router *router, char *client_id, MessageErrorCode code, const char *text,
                   guint16 close_code, GArray *deliveries);

const RouterCounts *router_get_counts(const Router *router);
