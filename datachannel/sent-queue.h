/* What was handed to SCTP and is not acknowledged yet, so that each channel can be told how much of
 * its data has arrived. */
#pragma once

#include <glib.h>

typedef struct {
    GQueue messages; /* of what sent-queue.c defines */
    gsize bytes;
} SentQueue;

void sent_queue_init(SentQueue *queue);
void sent_queue_clear(SentQueue *queue);

/* @size is what SCTP counts, @credit what the channel is told. */
void sent_queue_push(SentQueue *queue, guint16 stream, gsize size, gsize credit);

/* SCTP tells only how many bytes are @outstanding in all, so messages are taken off in the order in
 * which they were sent.  TRUE with the next one that has arrived. */
gboolean sent_queue_pop(SentQueue *queue, gsize outstanding, guint16 *stream, gsize *credit);
