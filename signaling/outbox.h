/* What a signalling client has to say: a bounded queue, and how much of it a server takes in a
 * second.  Pure: time comes in. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** OUTBOX_MAX_QUEUED: the messages that are kept for a server that is away. */
#define OUTBOX_MAX_QUEUED 256
/** OUTBOX_PER_SECOND: the rate at which they go out; pierced allows 100 unless told otherwise. */
#define OUTBOX_PER_SECOND 80

typedef struct {
    GQueue queue;  /* of text */
    double credit; /* how many messages could be sent at credit_us */
    gint64 credit_us;
} Outbox;

void outbox_init(Outbox *self, gint64 now_us);
void outbox_clear(Outbox *self);

/* Takes @text.  FALSE if the queue is full: @text is then freed. */
gboolean outbox_push(Outbox *self, char *text);

/* The next message that may be sent now, to be freed, or NULL. */
char *outbox_pop(Outbox *self, gint64 now_us);

/* Lets everything go now that is queued. */
void outbox_hurry(Outbox *self);

/* When outbox_pop() will give the next message, or G_MAXINT64 if there is none. */
gint64 outbox_next_us(const Outbox *self);

G_END_DECLS
