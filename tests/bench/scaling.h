/* What becomes of pierce when there is more of something.  The others are not asked. */
#pragma once

#include "tests/bench/workload.h"

/* What a message costs with 1, 10, 100 and 1,000 of workload->scaled. */
gboolean scaling_run_cost(const Workload *workload, const char *const *peer,
                          const WorkloadOptions *options, double *values, GError **error);

/* Four pairs in one process, on one thread and on two. */
gboolean scaling_run_threads(const Workload *workload, const char *const *peer,
                             const WorkloadOptions *options, double *values, GError **error);
