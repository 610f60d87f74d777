/* What one connection may cost: how many bytes may wait for it, and how many messages it may send.
 * Time is passed in, in monotonic microseconds. */
#pragma once

#include <glib.h>

typedef struct {
    gsize max_queue_bytes;
    guint max_messages_per_s; /* also how many may come at once after a pause */
} SessionLimits;

extern const SessionLimits session_default_limits;

typedef struct {
    const SessionLimits *limits;
    GByteArray *queue; /* NULL while nothing waits */
    gsize n_sent;      /* of queue */
    gint64 tokens_at_us;
    gint64 tokens;   /* in millionths of a message */
    guint n_refused; /* in a row */
} Session;

typedef enum {
    SESSION_RATE_OK,
    SESSION_RATE_TELL,   /* the first one too many: refuse it and say so */
    SESSION_RATE_REFUSE, /* the next ones: refuse without a word */
    SESSION_RATE_CLOSE,  /* it does not stop: close */
} SessionRate;

void session_init(Session *session, const SessionLimits *limits, gint64 now_us);
void session_clear(Session *session);

/* Counts one message of the client. */
SessionRate session_count_message(Session *session, gint64 now_us);

/* Where the next bytes go, NULL where @size more would be too many. */
GByteArray *session_reserve(Session *session, gsize size);

/* As session_reserve(), without the limit: for a close frame and for files of the page. */
GByteArray *session_queue(Session *session);

/* What waits to be sent, and that @size of it is gone. */
gsize session_pending(const Session *session, const guint8 **bytes);
void session_sent(Session *session, gsize size);
