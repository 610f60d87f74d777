/* How large packets may be on a path, found out by sending some: Datagram Packetization Layer Path
 * MTU Discovery, RFC 8899.  Sizes are those of SCTP packets; times are monotonic microseconds. */
#pragma once

#include <glib.h>

#define PATH_MTU_NEVER G_MAXINT64

typedef struct {
    gsize least;    /* BASE_PLPMTU: always believed to arrive */
    gsize most;     /* MAX_PLPMTU: what the link takes */
    gsize bytes;    /* PLPMTU: what is known to arrive */
    gsize too_many; /* the least size that did not arrive; above most where there was none */
    gsize probed;   /* PROBED_SIZE; 0 where no answer is awaited */
    guint tries;    /* PROBE_COUNT */
    gint64 deadline_us;
    gint64 confirmed_us; /* when bytes was last looked at */
} PathMtu;

/* Nothing is probed before begin. */
void path_mtu_init(PathMtu *self, gsize least);

/* A new path, or the same one anew: falls back to the least size, and searches up to @most. */
void path_mtu_begin(PathMtu *self, gsize most, gint64 now_us);

/* The size of the probe to send now, 0 for none.  Call it when deadline_us has come, and again
 * until it is 0. */
gsize path_mtu_poll(PathMtu *self, gint64 now_us);

/* A probe of that size has arrived at the peer, as it says. */
void path_mtu_arrived(PathMtu *self, gsize bytes, gint64 now_us);

/* The system refused to send a packet of that size. */
void path_mtu_refused(PathMtu *self, gsize bytes, gint64 now_us);

/* Data had to be sent again: whether large packets still arrive is asked, but not all the time. */
void path_mtu_doubt(PathMtu *self, gint64 now_us);
