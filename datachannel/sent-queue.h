/* What was handed to SCTP and is not acknowledged yet, so that each channel can be told how much of
 * its data has arrived. */
#pragma once

#include <glib.h>

typedef struct {
    guint16 stream;
    gsize size;   /* what SCTP counts */
    gsize credit; /* what the channel is told */
} SentMessage;

typedef struct {
    GQueue messages; /* of what sent-queue.c defines */
    gsize bytes;
} SentQueue;

void sent_queue_init(SentQueue *queue);
void sent_queue_clear(SentQueue *queue);

void sent_queue_push(SentQueue *queue, guint16 stream, gsize size, gsize credit);

/* SCTP tells only how many bytes are @outstanding in all, so messages are taken off in the order in
 * which they were sent.  TRUE with the next @message that has arrived. */
gboolean sent_queue_pop(SentQueue *queue, gsize outstanding, SentMessage *message);
