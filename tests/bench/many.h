/* What is measured of many pairs at once. */
#pragma once

#include "tests/bench/workload.h"

/* Holds workload->pairs idle pairs in one process. */
gboolean many_run_memory(const Workload *workload, const char *const *peer,
                         const WorkloadOptions *options, double *values, GError **error);

/* Has workload->pairs pairs between two processes send at once. */
gboolean many_run_flood(const Workload *workload, const char *const *peer,
                        const WorkloadOptions *options, double *values, GError **error);
