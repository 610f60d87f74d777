/* Owns the list.  Never asks SCTP anything: its user does. */
#include "datachannel/sent-queue.h"

void
sent_queue_init(SentQueue *queue)
{
    *queue = (SentQueue){ .messages = G_QUEUE_INIT };
}

void
sent_queue_clear(SentQueue *queue)
{
    g_queue_clear_full(&queue->messages, g_free);
    queue->bytes = 0;
}

void
sent_queue_push(SentQueue *queue, guint16 stream, gsize size, gsize credit)
{
    SentMessage *message = g_new(SentMessage, 1);
    *message = (SentMessage){ stream, size, credit };
    g_queue_push_tail(&queue->messages, message);
    queue->bytes += size;
}

gboolean
sent_queue_pop(SentQueue *queue, gsize outstanding, SentMessage *message)
{
    const SentMessage *oldest = g_queue_peek_head(&queue->messages);
    if (!oldest || (outstanding > 0 && queue->bytes - oldest->size < outstanding))
        return FALSE;
    g_autofree SentMessage *arrived = g_queue_pop_head(&queue->messages);
    queue->bytes -= arrived->size;
    *message = *arrived;
    return TRUE;
}
