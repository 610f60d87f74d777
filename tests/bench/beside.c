/* The same pings twice: alone, then beside the flood, so that the ratio of the two depends on
 * nothing but what the flood puts in their way. */
#include "tests/bench/beside.h"

#include "tests/bench/link.h"

#define HIGH_WATER_BYTES (1024 * 1024)
#define PING_BYTES 64
#define ANSWER_SECONDS 30
#define WARM_UP_SECONDS 0.5
#define FIRST_TIME_AT 2 /* after "pings ID" */

static GArray *
get_pings(Link *link, const WorkloadOptions *options, GError **error)
{
    GArray *times = g_array_new(FALSE, FALSE, sizeof(double));
    link_tell(link, LINK_OFFERER, "ping c.ping %d %d", PING_BYTES, (int) (options->seconds * 1000));
    g_auto(GStrv) words =
        link_wait(link, LINK_OFFERER, "pings", options->seconds + ANSWER_SECONDS, error);
    for (guint i = FIRST_TIME_AT; words && i < g_strv_length(words); i++) {
        double time_us = g_ascii_strtod(words[i], NULL);
        g_array_append_val(times, time_us);
    }
    if (!words)
        g_clear_pointer(&times, g_array_unref);
    return times;
}

static gboolean
measure(Link *link, const Workload *workload, const WorkloadOptions *options, double *values,
        GError **error)
{
    LinkCounts from, to;
    if (!link_connect(link, "c", LINK_BOTH, error))
        return FALSE;
    link_tell(link, LINK_ANSWERER, "echo c.ping");
    if (!link_get_counts(link, LINK_ANSWERER, &from, error)) /* it echoes once it has answered */
        return FALSE;
    g_autoptr(GArray) idle = get_pings(link, options, error);
    if (!idle)
        return FALSE;
    link_tell(link, LINK_OFFERER, "flood c %" G_GSIZE_FORMAT " %d", workload->message_bytes,
              HIGH_WATER_BYTES);
    if (!link_run(link, WARM_UP_SECONDS, error) ||
        !link_get_counts(link, LINK_ANSWERER, &from, error))
        return FALSE;
    g_autoptr(GArray) beside = get_pings(link, options, error);
    if (!beside || !link_get_counts(link, LINK_ANSWERER, &to, error))
        return FALSE;
    values[0] = percentile(idle, 0.5);
    values[1] = percentile(idle, 0.95);
    values[2] = percentile(beside, 0.5);
    values[3] = percentile(beside, 0.95);
    values[4] = values[3] / values[1];
    values[5] = (to.received_bytes - from.received_bytes) / (to.time_us - from.time_us);
    return TRUE;
}

gboolean
beside_run(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
           double *values, GError **error)
{
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && measure(link, workload, options, values, error);
    g_clear_pointer(&link, link_free);
    return is_done;
}
