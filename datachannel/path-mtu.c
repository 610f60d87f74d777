/* Owns nothing, and has no clock.  RFC 8899 section 5.2, with its names:
 *
 *     begin --> probing ----- the link's size, or all between, is settled --> complete
 *                 ^  an answer raises PLPMTU; MAX_PROBES without one lower       |  |
 *                 |  what is searched below                                      |  |
 *                 +----------------- RAISE_US later ----------------------------+  |
 *     doubt: probes PLPMTU itself; MAX_PROBES without an answer: back to base, search anew below it
 *
 * The link's own size is tried first, as most paths are as wide as their first link.  Below it are
 * the sizes that tunnels leave, tried by halves. */
#include "datachannel/path-mtu.h"

#define MAX_PROBES 3
#define PROBE_TIMER_US (400 * G_TIME_SPAN_MILLISECOND)
#define CONFIRM_TIMER_US (200 * G_TIME_SPAN_MILLISECOND) /* where data already does not arrive */
#define LEAST_CONFIRM_INTERVAL_US (300 * G_TIME_SPAN_MILLISECOND)
#define RAISE_US (600 * G_TIME_SPAN_SECOND) /* PMTU_RAISE_TIMER */

/* Packets that fill MTUs of 9000, 4352, 2304, 1500, 1492 (PPPoE), 1480, 1460, 1440, 1420
 * (WireGuard), 1400 ... 1300, after 85 bytes of IPv6, UDP and DTLS. */
static const guint16 steps[] = { 1208, 1228, 1248, 1268, 1288, 1312, 1332, 1352,
                                 1372, 1392, 1404, 1412, 2216, 4264, 8912 };

void
path_mtu_init(PathMtu *self, gsize least)
{
    *self = (PathMtu){ .least = least,
                       .most = least,
                       .bytes = least,
                       .too_many = G_MAXSIZE,
                       .deadline_us = PATH_MTU_NEVER };
}

static void
probe(PathMtu *self, gsize bytes, gint64 now_us)
{
    self->probed = bytes;
    self->tries = 0;
    self->deadline_us = now_us;
}

/* The middle one of the steps that are left; 0 where none is. */
static gsize
middle_step(const PathMtu *self)
{
    guint first = 0;
    while (first < G_N_ELEMENTS(steps) && steps[first] <= self->bytes)
        first++;
    guint end = first;
    while (end < G_N_ELEMENTS(steps) && steps[end] < MIN(self->too_many, self->most))
        end++;
    return first < end ? steps[first + (end - first) / 2] : 0;
}

static void
search(PathMtu *self, gint64 now_us)
{
    gsize next = self->most < self->too_many ? self->most : middle_step(self);
    if (next > self->bytes) {
        probe(self, next, now_us);
        return;
    }
    self->probed = 0;
    self->too_many = G_MAXSIZE; /* the path may have become wider by then */
    self->deadline_us = self->bytes < self->most ? now_us + RAISE_US : PATH_MTU_NEVER;
}

void
path_mtu_begin(PathMtu *self, gsize most, gint64 now_us)
{
    path_mtu_init(self, self->least);
    self->most = MAX(most, self->least);
    search(self, now_us);
}

static void
fail(PathMtu *self, gint64 now_us)
{
    self->too_many = self->probed;
    if (self->probed <= self->bytes) /* what had arrived before */
        self->bytes = self->least;
    search(self, now_us);
}

gsize
path_mtu_poll(PathMtu *self, gint64 now_us)
{
    if (now_us < self->deadline_us)
        return 0;
    if (self->probed == 0) {
        search(self, now_us);
        if (self->probed == 0)
            return 0;
    }
    if (self->tries == MAX_PROBES) {
        fail(self, now_us);
        return path_mtu_poll(self, now_us);
    }
    self->tries++;
    self->deadline_us = now_us + (self->probed > self->bytes ? PROBE_TIMER_US : CONFIRM_TIMER_US);
    return self->probed;
}

void
path_mtu_arrived(PathMtu *self, gsize bytes, gint64 now_us)
{
    if (bytes < self->least || bytes > self->most)
        return;
    if (bytes >= self->bytes) {
        self->bytes = bytes;
        self->confirmed_us = now_us;
    }
    if (bytes >= self->too_many)
        self->too_many = G_MAXSIZE;
    if (self->probed != 0 && self->probed <= bytes)
        search(self, now_us);
}

void
path_mtu_refused(PathMtu *self, gsize bytes, gint64 now_us)
{
    if (bytes != self->probed)
        return;
    fail(self, now_us);
}

void
path_mtu_doubt(PathMtu *self, gint64 now_us)
{
    gboolean is_asked = self->probed != 0 && self->probed <= self->bytes;
    if (self->bytes == self->least || is_asked ||
        now_us - self->confirmed_us < LEAST_CONFIRM_INTERVAL_US)
        return;
    self->confirmed_us = now_us;
    probe(self, self->bytes, now_us);
}
