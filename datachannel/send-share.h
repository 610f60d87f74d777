/* Who may put a message into the association now, and how much may be under way.  A channel with
 * little of its own inside must not wait behind one that keeps the association full: it finds room
 * when the full ones find none, and while there is such a one less is under way before it. */
#pragma once

#include <glib.h>

typedef struct {
    gsize share;           /* bytes up to which full channels find room */
    gsize full_bytes;      /* that full channels have inside */
    gint64 quick_until_us; /* 0 when nobody is in a hurry */
    gint64 looked_us;
    gsize arrived;       /* bytes since then */
    double bytes_per_ms; /* that arrived lately */
    guint32 window;      /* 0 for no bound */
} SendShare;

void send_share_init(SendShare *self, gsize share);

/* Whether a channel with @inside bytes of its own in the association has little there. */
gboolean send_share_is_sparse(gsize inside);

/* Whether such a channel may add @size to the @total there is. */
gboolean send_share_admits(const SendShare *self, gsize inside, gsize total, gsize size);

/* A channel's bytes inside have changed. */
void send_share_move(SendShare *self, gsize before, gsize after);

/* Whether a message of a channel with @inside has full ones before it. */
gboolean send_share_has_to_be_quick(const SendShare *self, gsize inside);

/* From now on, for a while: TRUE if that is news. */
gboolean send_share_be_quick(SendShare *self, gint64 now_us);

/* The peer has acknowledged @bytes more. */
void send_share_on_arrived(SendShare *self, gsize bytes);

/* Whether it is time for set_rtt. */
gboolean send_share_is_due(const SendShare *self, gint64 now_us);

/* @rtt_us: the shortest round trip seen.  TRUE where window has changed. */
gboolean send_share_set_rtt(SendShare *self, gint64 rtt_us, gint64 now_us);
