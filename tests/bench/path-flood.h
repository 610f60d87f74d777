/* One pair at the two ends of a long path, one of them sending as fast as it can. */
#pragma once

#include "tests/bench/workload.h"

/* Throughput in MB/s once 3 s are over, its share of what the path gives in percent, and the mean
 * throughput of those first 3 s. */
gboolean path_flood_run(const Workload *workload, const char *const *peer,
                        const WorkloadOptions *options, double *values, GError **error);
