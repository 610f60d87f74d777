/* Owns one connection's queue and its rate of messages; never the socket, never the meaning. */
#include "signaling/server/session.h"

const SessionLimits session_default_limits = {
    .max_queue_bytes = 256 * 1024,
    .max_messages_per_s = 100,
};

/* One message, in the unit that `tokens` counts: one second gives max_messages_per_s of them. */
#define TOKEN G_GINT64_CONSTANT(1000000)

/* So many messages refused in a row, as a multiple of max_messages_per_s, end the connection. */
#define MAX_REFUSED_FACTOR 20

/* Once this much has been sent the queue's start is dropped, so that it does not grow while it is
 * emptied and filled in turn. */
#define COMPACT_BYTES 32768

void
session_init(Session *session, const SessionLimits *limits, gint64 now_us)
{
    *session = (Session){ .limits = limits,
                          .tokens_at_us = now_us,
                          .tokens = limits->max_messages_per_s * TOKEN };
}

void
session_clear(Session *session)
{
    g_clear_pointer(&session->queue, g_byte_array_unref);
}

SessionRate
session_count_message(Session *session, gint64 now_us)
{
    gint64 rate = session->limits->max_messages_per_s, full = rate * TOKEN;
    gint64 elapsed_us = CLAMP(now_us - session->tokens_at_us, 0, G_USEC_PER_SEC);

    session->tokens = MIN(full, session->tokens + elapsed_us * rate);
    session->tokens_at_us = now_us;
    if (session->tokens >= TOKEN) {
        session->tokens -= TOKEN;
        session->n_refused = 0;
        return SESSION_RATE_OK;
    }
    if (++session->n_refused > rate * MAX_REFUSED_FACTOR)
        return SESSION_RATE_CLOSE;
    return session->n_refused == 1 ? SESSION_RATE_TELL : SESSION_RATE_REFUSE;
}

GByteArray *
session_queue(Session *session)
{
    if (!session->queue)
        session->queue = g_byte_array_new();
    return session->queue;
}

GByteArray *
session_reserve(Session *session, gsize size)
{
    gsize waiting = session_pending(session, NULL);

    if (size > session->limits->max_queue_bytes ||
        waiting > session->limits->max_queue_bytes - size)
        return NULL;
    return session_queue(session);
}

gsize
session_pending(const Session *session, const guint8 **bytes)
{
    if (!session->queue)
        return 0;
    if (bytes)
        *bytes = session->queue->data + session->n_sent;
    return session->queue->len - session->n_sent;
}

void
session_sent(Session *session, gsize size)
{
    g_assert(size <= session_pending(session, NULL));
    session->n_sent += size;
    if (session->n_sent == session->queue->len) {
        session_clear(session);
        session->n_sent = 0;
    } else if (session->n_sent >= COMPACT_BYTES) {
        g_byte_array_remove_range(session->queue, 0, (guint) session->n_sent);
        session->n_sent = 0;
    }
}
