/* One process does the work and measures itself; the other one of the link is idle. */
#include "tests/bench/scaling.h"

#include "tests/bench/link.h"

#define MOST_SECONDS 120
#define PAIRS 4

/* Says @line, and takes the number that is answered behind @word. */
static gboolean
ask(Link *link, const char *line, const char *word, double *value, GError **error)
{
    link_tell(link, LINK_OFFERER, "%s", line);
    g_auto(GStrv) words = link_wait(link, LINK_OFFERER, word, MOST_SECONDS, error);
    if (!words)
        return FALSE;
    *value = words[1] ? g_ascii_strtod(words[1], NULL) : 0;
    return TRUE;
}

static gboolean
ask_costs(Link *link, const Workload *workload, double seconds, double *values, GError **error)
{
    guint count = 1;
    for (guint i = 0; i < workload->n_metrics; i++, count *= 10) {
        g_autofree char *line =
            g_strdup_printf("cost %s %u %d", workload->scaled, count, (int) (seconds * 1000));
        if (!ask(link, line, "cost", &values[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean
scaling_run_cost(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
                 double *values, GError **error)
{
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && ask_costs(link, workload, options->seconds, values, error);
    g_clear_pointer(&link, link_free);
    return is_done;
}

static gboolean
ask_rates(Link *link, double seconds, double *values, GError **error)
{
    for (guint threads = 1; threads <= 2; threads++) {
        g_autofree char *line =
            g_strdup_printf("threads %u %d %d", threads, PAIRS, (int) (seconds * 1000));
        if (!ask(link, line, "threads", &values[threads - 1], error))
            return FALSE;
    }
    values[2] = values[1] / values[0];
    return TRUE;
}

gboolean
scaling_run_threads(const Workload *workload, const char *const *peer,
                    const WorkloadOptions *options, double *values, GError **error)
{
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && ask_rates(link, options->seconds, values, error);
    g_clear_pointer(&link, link_free);
    return is_done;
}
