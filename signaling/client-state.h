/* When a signalling client connects, registers, sends a heartbeat, gives up on a server and tries
 * again.  Pure: time and random numbers come in, an action and the next deadline go out.
 *
 *            START                OPENED                  REGISTERED
 *     idle --------> connecting ---------> registering ---------------> registered
 *                       ^  |                    |                        |    | ^
 *                  TICK |  | LOST, TICK         | LOST, TICK        LOST |    | | ALIVE, TICK
 *                       |  v                    v                        |    v |
 *                      waiting <-----------------------------------------+  heartbeat
 *
 *     CLOSE leads from each of them to closed, which is final. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CLIENT_STATE_NEVER G_MAXINT64

typedef enum {
    CLIENT_PHASE_IDLE,
    CLIENT_PHASE_CONNECTING,
    CLIENT_PHASE_REGISTERING,
    CLIENT_PHASE_REGISTERED,
    CLIENT_PHASE_WAITING,
    CLIENT_PHASE_CLOSED,
} ClientPhase;

typedef enum {
    CLIENT_EVENT_START,
    CLIENT_EVENT_OPENED,     /* the WebSocket is open */
    CLIENT_EVENT_REGISTERED, /* register_success came */
    CLIENT_EVENT_ALIVE,      /* any other message came */
    CLIENT_EVENT_LOST,       /* no connection, or it ended, or the registration was refused */
    CLIENT_EVENT_TICK,       /* the deadline may have passed */
    CLIENT_EVENT_CLOSE,
} ClientEvent;

typedef enum {
    CLIENT_ACTION_NONE,
    CLIENT_ACTION_CONNECT,
    CLIENT_ACTION_REGISTER,
    CLIENT_ACTION_HEARTBEAT,
    CLIENT_ACTION_DROP, /* the server is silent: drop the connection, a new one follows by TICK */
} ClientAction;

typedef struct {
    ClientPhase phase;
    guint failures;               /* since the last stable registration */
    gboolean heartbeat_is_due;    /* a heartbeat was sent and nothing came since */
    gint64 heartbeat_interval_us; /* 0 for none */
    gint64 registered_us;         /* when the present registration began */
    gint64 deadline_us;           /* when to send CLIENT_EVENT_TICK, CLIENT_STATE_NEVER for never */
} ClientState;

void client_state_init(ClientState *self);

/* The server's wish, from register_success; outside 1 s to 1 h it is moved to the nearest end. */
void client_state_set_heartbeat(ClientState *self, gint64 interval_us);

/* @random: uniform over all of guint32, used when the event leads to waiting. */
ClientAction client_state_handle(ClientState *self, ClientEvent event, gint64 now_us,
                                 guint32 random);

G_END_DECLS
