/* Owns numbers.  Never touches SCTP or a channel: sctp-transport-send does. */
#include "datachannel/send-share.h"

#define SPARSE_BYTES (16 * 1024)
/* With less than that of others under way nothing waits long. */
#define FULL_BYTES (64 * 1024)
#define QUICK_US G_TIME_SPAN_SECOND
#define LOOK_US (10 * G_TIME_SPAN_MILLISECOND)

/* Over a longer path a full window is what it takes, and SCTP decides. */
#define LONG_RTT_US (5 * G_TIME_SPAN_MILLISECOND)
#define LEAST_WINDOW (40 * 1024)
#define WINDOW_RTTS 3
#define RATE_KEPT 0.9

void
send_share_init(SendShare *self, gsize share)
{
    *self = (SendShare){ .share = share };
}

gboolean
send_share_is_sparse(gsize inside)
{
    return inside <= SPARSE_BYTES;
}

gboolean
send_share_admits(const SendShare *self, gsize inside, gsize total, gsize size)
{
    return send_share_is_sparse(inside) || total + size <= self->share;
}

void
send_share_move(SendShare *self, gsize before, gsize after)
{
    if (!send_share_is_sparse(before))
        self->full_bytes -= before;
    if (!send_share_is_sparse(after))
        self->full_bytes += after;
}

/* ---- hurry ---- */

gboolean
send_share_has_to_be_quick(const SendShare *self, gsize inside)
{
    return send_share_is_sparse(inside) && self->full_bytes >= FULL_BYTES;
}

gboolean
send_share_be_quick(SendShare *self, gint64 now_us)
{
    gboolean is_news = self->quick_until_us == 0;
    self->quick_until_us = now_us + QUICK_US;
    return is_news;
}

void
send_share_on_arrived(SendShare *self, gsize bytes)
{
    self->arrived += bytes;
}

gboolean
send_share_is_due(const SendShare *self, gint64 now_us)
{
    return self->quick_until_us > 0 && now_us - self->looked_us >= LOOK_US;
}

static void
see_rate(SendShare *self, gint64 now_us)
{
    double elapsed_ms = (double) (now_us - self->looked_us) / G_TIME_SPAN_MILLISECOND;
    double rate = elapsed_ms > 0 ? (double) self->arrived / elapsed_ms : 0;
    self->bytes_per_ms = MAX(rate, self->bytes_per_ms * RATE_KEPT);
    self->looked_us = now_us;
    self->arrived = 0;
}

gboolean
send_share_set_rtt(SendShare *self, gint64 rtt_us, gint64 now_us)
{
    guint32 before = self->window;
    see_rate(self, now_us);
    if (now_us >= self->quick_until_us)
        self->quick_until_us = 0;
    gint64 rtt_ms = rtt_us / G_TIME_SPAN_MILLISECOND; /* below one it is the machine's own */
    self->window = 0;
    if (self->quick_until_us > 0 && rtt_us < LONG_RTT_US)
        self->window =
            LEAST_WINDOW + (guint32) (WINDOW_RTTS * (double) rtt_ms * self->bytes_per_ms);
    return self->window != before;
}
