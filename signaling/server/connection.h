/* One accepted TCP connection: HTTP requests first, then perhaps a WebSocket.
 *
 *   HTTP --upgrade--> OPEN --close either way--> CLOSING --flushed, or too late--> DEAD
 *     \--last answer----------------------------/                                            */
#pragma once

#include "signaling/message.h"
#include "signaling/server/address-count.h"
#include "signaling/server/http-request.h"
#include "signaling/server/poller.h"
#include "signaling/server/session.h"
#include "signaling/server/tls.h"
#include "signaling/server/ws-frame.h"

typedef enum {
    CONNECTION_HTTP,
    CONNECTION_OPEN,
    CONNECTION_CLOSING,
    CONNECTION_DEAD,
} ConnectionState;

typedef struct Connection Connection;

/* What a connection tells its owner, who may call any function of this header from there. */
typedef struct {
    /* Answer it with connection_answer() or connection_upgrade(). */
    void (*request)(Connection *connection, const HttpRequest *request, gpointer user_data);
    void (*message)(Connection *connection, const char *text, gsize size, gpointer user_data);
    /* The client did what it may not; @close_code 0 means that the connection goes on. */
    void (*refused)(Connection *connection, MessageErrorCode code, const char *text,
                    guint16 close_code, gpointer user_data);
    /* Something waits to be sent: call connection_flush() once this round of news is over. */
    void (*pending)(Connection *connection, gpointer user_data);
    /* The WebSocket has ended; once for each that was upgraded. */
    void (*closed)(Connection *connection, gpointer user_data);
    /* Free it once this round of news is over; once for each. */
    void (*dead)(Connection *connection, gpointer user_data);
} ConnectionFuncs;

typedef struct {
    const ConnectionFuncs *funcs;
    gpointer user_data;
    Poller *poller;
    const SessionLimits *session_limits;
    gsize max_message_bytes;
    guint8 *scratch; /* where every connection reads to first */
    gsize scratch_size;
} ConnectionShared;

struct Connection {
    PollerWatch watch; /* first: the poller gives this back */
    ConnectionShared *shared;
    ConnectionState state;
    TlsSession *tls; /* NULL without TLS */
    Session session;
    WsReader reader;
    GByteArray *unread; /* what could not be used yet, NULL for nothing */
    char *client_id;    /* a GRefString, NULL before the upgrade */
    char *host;         /* what its client calls us, without the port; NULL if unusable */
    gint64 deadline_us; /* it dies then, 0 for never */
    gboolean is_pending;
    gboolean is_shut;     /* for writing */
    gboolean is_ended;    /* the client will send no more */
    gboolean tls_blocked; /* reading waits for the socket to take bytes */
    GIOCondition armed;
    GList link; /* its owner's, as what follows */
    AddressKey address_key;
};

/* Takes @fd, which must not block, and @tls, which may be NULL. */
Connection *connection_new(ConnectionShared *shared, int fd, TlsSession *tls, GError **error);
void connection_free(Connection *connection);

/* Where an HTTP answer is written to, followed by connection_answered(). */
GByteArray *connection_answer(Connection *connection);
void connection_answered(Connection *connection, gboolean keeps_alive);

/* Makes it a WebSocket, known as @client_id. */
void connection_upgrade(Connection *connection, const HttpRequest *request, const char *client_id);

/* Queues a text message.  Where too much waits already the connection is closed instead. */
void connection_send(Connection *connection, const char *text, gsize size);

/* Ends it once all that waits has been sent, within a few seconds.  Does nothing where it ends
 * already. */
void connection_close(Connection *connection, WsCloseCode code, const char *reason);

void connection_flush(Connection *connection);

/* At once, without a word. */
void connection_kill(Connection *connection);
