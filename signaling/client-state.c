/* Owns the order of a signalling client's life and its back-off; never looks at a clock, a socket
 * or a message.  Back-off is exponential with full jitter, so that the clients of a server that
 * restarts do not all come back at the same moment. */
#include "signaling/client-state.h"

#define FIRST_DELAY_US (250 * G_TIME_SPAN_MILLISECOND)
#define LARGEST_DELAY_US (30 * G_TIME_SPAN_SECOND)
#define CONNECT_TIMEOUT_US (10 * G_TIME_SPAN_SECOND)
#define REGISTER_TIMEOUT_US (10 * G_TIME_SPAN_SECOND)
/* A server that does not answer a heartbeat for this long is gone, whatever TCP still believes. */
#define HEARTBEAT_TIMEOUT_US (10 * G_TIME_SPAN_SECOND)
/* A registration that lasted this long shows that the server works: the next delay is short. */
#define STABLE_US (10 * G_TIME_SPAN_SECOND)

static gint64
delay(guint failures, guint32 random)
{
    gint64 ceiling = FIRST_DELAY_US;

    for (guint i = 1; i < failures && ceiling < LARGEST_DELAY_US; i++)
        ceiling *= 2;
    ceiling = MIN(ceiling, LARGEST_DELAY_US);
    return (gint64) ((guint64) ceiling * random >> 32);
}

static void
set_phase(ClientState *self, ClientPhase phase, gint64 deadline_us)
{
    self->phase = phase;
    self->deadline_us = deadline_us;
    self->heartbeat_is_due = FALSE;
}

static gint64
next_heartbeat(const ClientState *self, gint64 now_us)
{
    return self->heartbeat_interval_us ? now_us + self->heartbeat_interval_us : CLIENT_STATE_NEVER;
}

static void
wait_to_retry(ClientState *self, gint64 now_us, guint32 random)
{
    if (self->phase == CLIENT_PHASE_REGISTERED && now_us - self->registered_us >= STABLE_US)
        self->failures = 0;
    if (self->failures < G_MAXUINT)
        self->failures++;
    set_phase(self, CLIENT_PHASE_WAITING, now_us + delay(self->failures, random));
}

static ClientAction
handle_tick(ClientState *self, gint64 now_us, guint32 random)
{
    if (now_us < self->deadline_us)
        return CLIENT_ACTION_NONE;

    switch (self->phase) {
    case CLIENT_PHASE_WAITING:
        set_phase(self, CLIENT_PHASE_CONNECTING, now_us + CONNECT_TIMEOUT_US);
        return CLIENT_ACTION_CONNECT;
    case CLIENT_PHASE_REGISTERED:
        if (!self->heartbeat_is_due) {
            self->heartbeat_is_due = TRUE;
            self->deadline_us = now_us + HEARTBEAT_TIMEOUT_US;
            return CLIENT_ACTION_HEARTBEAT;
        }
        wait_to_retry(self, now_us, random);
        return CLIENT_ACTION_DROP;
    case CLIENT_PHASE_CONNECTING:
    case CLIENT_PHASE_REGISTERING:
        wait_to_retry(self, now_us, random);
        return CLIENT_ACTION_DROP;
    case CLIENT_PHASE_IDLE:
    case CLIENT_PHASE_CLOSED:
        break;
    }
    return CLIENT_ACTION_NONE;
}

static gboolean
has_connection(const ClientState *self)
{
    return self->phase == CLIENT_PHASE_CONNECTING || self->phase == CLIENT_PHASE_REGISTERING ||
           self->phase == CLIENT_PHASE_REGISTERED;
}

void
client_state_init(ClientState *self)
{
    *self = (ClientState){ .phase = CLIENT_PHASE_IDLE, .deadline_us = CLIENT_STATE_NEVER };
}

void
client_state_set_heartbeat(ClientState *self, gint64 interval_us)
{
    self->heartbeat_interval_us = CLAMP(interval_us, G_TIME_SPAN_SECOND, G_TIME_SPAN_HOUR);
}

ClientAction
client_state_handle(ClientState *self, ClientEvent event, gint64 now_us, guint32 random)
{
    switch (event) {
    case CLIENT_EVENT_START:
        if (self->phase != CLIENT_PHASE_IDLE)
            break;
        set_phase(self, CLIENT_PHASE_CONNECTING, now_us + CONNECT_TIMEOUT_US);
        return CLIENT_ACTION_CONNECT;
    case CLIENT_EVENT_OPENED:
        if (self->phase != CLIENT_PHASE_CONNECTING)
            break;
        set_phase(self, CLIENT_PHASE_REGISTERING, now_us + REGISTER_TIMEOUT_US);
        return CLIENT_ACTION_REGISTER;
    case CLIENT_EVENT_REGISTERED:
        if (self->phase != CLIENT_PHASE_REGISTERING)
            break;
        self->registered_us = now_us;
        set_phase(self, CLIENT_PHASE_REGISTERED, next_heartbeat(self, now_us));
        break;
    case CLIENT_EVENT_ALIVE:
        if (!self->heartbeat_is_due)
            break;
        self->heartbeat_is_due = FALSE;
        self->deadline_us = next_heartbeat(self, now_us);
        break;
    case CLIENT_EVENT_LOST:
        if (has_connection(self))
            wait_to_retry(self, now_us, random);
        break;
    case CLIENT_EVENT_TICK:
        return handle_tick(self, now_us, random);
    case CLIENT_EVENT_CLOSE:
        set_phase(self, CLIENT_PHASE_CLOSED, CLIENT_STATE_NEVER);
        break;
    }
    return CLIENT_ACTION_NONE;
}
