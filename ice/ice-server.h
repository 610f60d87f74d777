/* The URI of a STUN or TURN server, RFC 7064 and RFC 7065. */
#pragma once

#include <glib.h>

typedef enum {
    ICE_SERVER_STUN,
    ICE_SERVER_STUNS, /* STUN over TLS */
    ICE_SERVER_TURN,
    ICE_SERVER_TURNS, /* TURN over TLS, or over DTLS where the transport is UDP */
} IceServerScheme;

typedef enum {
    ICE_SERVER_UDP,
    ICE_SERVER_TCP,
} IceServerTransport;

typedef struct {
    IceServerScheme scheme;
    char *host;   /* a name, an IPv4 address, or an IPv6 address without its brackets */
    guint16 port; /* the scheme's default, 3478 or 5349, where the URI has none */
    IceServerTransport transport; /* UDP for stun and turn, TCP for stuns and turns by default */
} IceServer;

#define ICE_SERVER_ERROR (ice_server_error_quark())
typedef enum {
    ICE_SERVER_ERROR_INVALID,
} IceServerError;

GQuark ice_server_error_quark(void);

void ice_server_clear(IceServer *server);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IceServer, ice_server_clear)

/* Fills @server from @uri.  FALSE with @error set, and @server cleared, where the URI is wrong: the
 * message says in which part and what would be right.  All four schemes parse, whether or not they
 * can be used. */
gboolean ice_server_parse(IceServer *server, const char *uri, GError **error);

/* The URI again, with the port, and the transport where it is not the scheme's default. */
char *ice_server_print(const IceServer *server);
