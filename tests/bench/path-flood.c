/* Makes the path anew for each run, with the same seed: each peer meets the same losses. */
#include "tests/bench/path-flood.h"

#include "tests/bench/link.h"
#include "tests/bench/plain-flow.h"

#define LINK_BYTES_PER_S (100e6 / 8)
#define QUEUE_US 100000 /* what a home router holds, and the usual advice for 100 ms */
#define SEED 1
#define START_SECONDS 3
#define HIGH_WATER_BYTES (8 * 1024 * 1024) /* more than any of the paths holds */

static LongPath *
open_path(const Workload *workload, GError **error)
{
    DelayLineConditions conditions = {
        .bytes_per_s = (guint64) LINK_BYTES_PER_S,
        .queue_us = QUEUE_US,
        .delay_us = (gint64) workload->rtt_ms * G_TIME_SPAN_MILLISECOND / 2,
        .loss_ppm = workload->loss_ppm,
    };
    return long_path_new(&conditions, SEED, error);
}

static double
throughput(const LinkCounts *from, const LinkCounts *to)
{
    return (to->received_bytes - from->received_bytes) / (to->time_us - from->time_us);
}

static gboolean
flood(Link *link, const Workload *workload, const WorkloadOptions *options, double *values,
      GError **error)
{
    LinkCounts start, from, to;
    if (!link_connect(link, "c", LINK_RELIABLE, error) ||
        !link_get_counts(link, LINK_ANSWERER, &start, error))
        return FALSE;
    link_tell(link, LINK_OFFERER, "flood c %" G_GSIZE_FORMAT " %d", workload->message_bytes,
              HIGH_WATER_BYTES);
    if (!link_run(link, START_SECONDS, error) ||
        !link_get_counts(link, LINK_ANSWERER, &from, error) ||
        !link_run(link, options->seconds, error) ||
        !link_get_counts(link, LINK_ANSWERER, &to, error))
        return FALSE;
    values[0] = throughput(&from, &to);
    values[2] = throughput(&start, &from);
    return TRUE;
}

gboolean
path_flood_run(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
               double *values, GError **error)
{
    LongPath *path = open_path(workload, error);
    if (!path)
        return FALSE;
    double capacity = plain_flow_measure(path, LINK_BYTES_PER_S, error);
    Link *link = capacity > 0 ? link_new(peer, path, error) : NULL;
    gboolean is_done = link && flood(link, workload, options, values, error);
    g_clear_pointer(&link, link_free);
    long_path_free(path);
    if (is_done)
        values[1] = 100 * values[0] / (capacity / 1e6);
    return is_done;
}
