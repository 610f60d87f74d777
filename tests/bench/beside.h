/* How long a small message takes on one channel while another one is kept full. */
#pragma once

#include "tests/bench/workload.h"

gboolean beside_run(const Workload *workload, const char *const *peer,
                    const WorkloadOptions *options, double *values, GError **error);
