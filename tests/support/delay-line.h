/* One direction of a long line: a router's queue in front of a link of some rate, the time that
 * light takes, and losses that have nothing to do with the queue.  Pure. */
#pragma once

#include <glib.h>

typedef struct {
    guint64 bytes_per_s; /* of the link; packets count whole */
    gint64 queue_us;     /* what would wait longer than this is dropped, as a full router does */
    gint64 delay_us;     /* added to each packet that the link has taken */
    guint loss_ppm;      /* lost after the link, each by itself: parts in a million */
    gsize mtu;           /* of the link; 0 for whatever comes.  See delay_line_set_mtu. */
} DelayLineConditions;

typedef struct {
    guint64 carried; /* packets that came out */
    guint64 lost;    /* at random */
    guint64 refused; /* by the full queue */
    guint64 too_large;
} DelayLineCounts;

typedef struct DelayLine DelayLine;

/* Loses the same packets again for the same @seed. */
DelayLine *delay_line_new(const DelayLineConditions *conditions, guint32 seed);
void delay_line_free(DelayLine *self);

/* Takes a copy of a packet that comes at @now_us, or drops it. */
void delay_line_push(DelayLine *self, const guint8 *bytes, gsize size, gint64 now_us);

/* IPv4 packets that are larger are broken up where they allow it, RFC 791 section 3.2.  Others, and
 * those that do not allow it, are lost without a word, as behind many a firewall. */
void delay_line_set_mtu(DelayLine *self, gsize mtu);

/* The next packet that is out at @now_us, in the order they went in; NULL if there is none. */
GBytes *delay_line_pop(DelayLine *self, gint64 now_us);

/* When the next packet comes out; -1 if none is under way. */
gint64 delay_line_get_due_us(DelayLine *self);

void delay_line_get_counts(DelayLine *self, DelayLineCounts *counts);
