/* What a path gives to whoever just sends: the yardstick for those who have to find out. */
#pragma once

#include "tests/support/long-path.h"

/* Sends full UDP datagrams from one end of @path, faster than @bytes_per_s, for about a second, and
 * measures what arrives at the other.  In bytes of payload per second; 0 with @error set if that
 * fails. */
double plain_flow_measure(LongPath *path, double bytes_per_s, GError **error);
