/* Owns the messages that wait for the server, and the credit by which they leave: a token bucket
 * that holds one second's worth.  Never sends anything itself. */
#include "signaling/outbox.h"

void
outbox_init(Outbox *self, gint64 now_us)
{
    g_queue_init(&self->queue);
    self->credit = OUTBOX_PER_SECOND;
    self->credit_us = now_us;
}

void
outbox_clear(Outbox *self)
{
    g_queue_clear_full(&self->queue, g_free);
}

gboolean
outbox_push(Outbox *self, char *text)
{
    if (self->queue.length >= OUTBOX_MAX_QUEUED) {
        g_free(text);
        return FALSE;
    }
    g_queue_push_tail(&self->queue, text);
    return TRUE;
}

char *
outbox_pop(Outbox *self, gint64 now_us)
{
    double earned = (double) (now_us - self->credit_us) * OUTBOX_PER_SECOND / G_TIME_SPAN_SECOND;

    self->credit = MAX(self->credit, MIN(self->credit + earned, OUTBOX_PER_SECOND));
    self->credit_us = now_us;
    if (self->credit < 1 || g_queue_is_empty(&self->queue))
        return NULL;
    self->credit -= 1;
    return g_queue_pop_head(&self->queue);
}

void
outbox_hurry(Outbox *self)
{
    self->credit = MAX(self->credit, self->queue.length);
}

gint64
outbox_next_us(const Outbox *self)
{
    if (!self->queue.head)
        return G_MAXINT64;
    double missing = MAX(1 - self->credit, 0);
    /* Rounded up, so that the message is really due then. */
    return self->credit_us + (gint64) (missing * G_TIME_SPAN_SECOND / OUTBOX_PER_SECOND) + 1;
}
