/* Two network namespaces, one at each end of an emulated line: what runs in one reaches the other
 * late, at a bounded rate, and not always.  In user space, on TUN devices, because the kernel's
 * netem is not everywhere. */
#pragma once

#include "tests/support/delay-line.h"

typedef struct LongPath LongPath;

/* @conditions hold in each direction: a round trip takes twice their delay.  Starts the thread that
 * carries the packets.  NULL with @error set where that is not allowed. */
LongPath *long_path_new(const DelayLineConditions *conditions, guint32 seed, GError **error);

/* Stops the thread; the namespaces end with the last process in them. */
void long_path_free(LongPath *self);

/* Moves the calling thread into the namespace at @end, 0 or 1.  What it opens there stays there.
 * Legal after fork(): allocates nothing. */
gboolean long_path_enter(const LongPath *self, guint end);

/* Moves it back. */
gboolean long_path_leave(const LongPath *self);

/* From now on the line takes packets of at most @mtu bytes, and tells nobody: see
 * delay_line_set_mtu. */
void long_path_set_mtu(LongPath *self, gsize mtu);

/* The IPv4 address at @end. */
const char *long_path_get_address(const LongPath *self, guint end);
