/* Asks the answerer again and again whether the message is there, so that the peers need no word of
 * their own for it; asking takes a thousandth of what is measured. */
#include "tests/bench/far-setup.h"

#include "tests/bench/link.h"

#define BYTES_PER_S (1000 * 1000 * 1000 / 8)
#define QUEUE_US 100000
#define SEED 1
#define MOST_CONNECTIONS 20 /* each takes a second or more */
#define WARM_UP_CONNECTIONS 2
#define MESSAGE_BYTES 64
#define OPEN_SECONDS 20
#define POLL_SECONDS 0.001

static LongPath *
open_path(guint rtt_ms, GError **error)
{
    DelayLineConditions conditions = {
        .bytes_per_s = BYTES_PER_S,
        .queue_us = QUEUE_US,
        .delay_us = (gint64) rtt_ms * G_TIME_SPAN_MILLISECOND / 2,
    };
    return long_path_new(&conditions, SEED, error);
}

static gboolean
wait_for_message(Link *link, const LinkCounts *before, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + OPEN_SECONDS * G_TIME_SPAN_SECOND;
    LinkCounts counts = *before;
    while (counts.received <= before->received) {
        if (g_get_monotonic_time() > deadline_us) {
            g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no message arrived");
            return FALSE;
        }
        if (!link_run(link, POLL_SECONDS, error) ||
            !link_get_counts(link, LINK_ANSWERER, &counts, error))
            return FALSE;
    }
    return TRUE;
}

/* The time in milliseconds, -1 with @error set. */
static double
set_up_once(Link *link, GError **error)
{
    LinkCounts none = { 0 };
    link_tell(link, LINK_ANSWERER, "connect c answer");
    link_tell(link, LINK_OFFERER, "connect c reliable");
    g_auto(GStrv) opened = link_wait(link, LINK_OFFERER, "open", OPEN_SECONDS, error);
    if (!opened)
        return -1;
    link_tell(link, LINK_OFFERER, "ping c %d 1", MESSAGE_BYTES); /* which begins with a message */
    if (!wait_for_message(link, &none, error))
        return -1;
    double ms = (double) (g_get_monotonic_time() - link_get_answer_us(link)) / 1e3;
    link_tell(link, LINK_OFFERER, "close c");
    link_tell(link, LINK_ANSWERER, "close c");
    g_auto(GStrv) last = link_wait(link, LINK_ANSWERER, "open", OPEN_SECONDS, error);
    return last ? ms : -1;
}

static gboolean
set_up_all(Link *link, guint count, GArray *times, GError **error)
{
    for (guint i = 0; i < WARM_UP_CONNECTIONS + count; i++) {
        double ms = set_up_once(link, error);
        if (ms < 0)
            return FALSE;
        if (i >= WARM_UP_CONNECTIONS)
            g_array_append_val(times, ms);
    }
    return TRUE;
}

gboolean
far_setup_run(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
              double *values, GError **error)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
    LongPath *path = open_path(workload->rtt_ms, error);
    if (!path)
        return FALSE;
    Link *link = link_new(peer, path, error);
    if (link)
        link_delay_signaling(link, (gint64) workload->rtt_ms * G_TIME_SPAN_MILLISECOND / 2);
    gboolean is_done =
        link && set_up_all(link, MIN(options->connections, MOST_CONNECTIONS), times, error);
    g_clear_pointer(&link, link_free);
    long_path_free(path);
    values[0] = percentile(times, 0.5);
    values[1] = values[0] / workload->rtt_ms;
    values[2] = percentile(times, 1);
    return is_done;
}
