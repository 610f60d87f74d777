/* Setting up over a long path: what counts there is how often the two have to wait for each other.
 */
#pragma once

#include "tests/bench/workload.h"

/* From the answer's arrival at the offerer to the first message's arrival at the answerer: the
 * median in milliseconds, the same in round trips, and the longest in milliseconds.  Signalling
 * takes as long as a packet does. */
gboolean far_setup_run(const Workload *workload, const char *const *peer,
                       const WorkloadOptions *options, double *values, GError **error);
