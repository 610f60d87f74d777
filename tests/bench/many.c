/* Many pairs at once.  A figure counts only where every single one of them is open. */
#include "tests/bench/many.h"

#include "tests/bench/link.h"

#define FLOOD_BYTES 16384
#define HIGH_WATER_BYTES (64 * 1024)
#define WARM_UP_FRACTION 0.5
#define ANSWER_SECONDS 30
#define PAIRS_PER_UNIT 100 /* of time: with more, each is measured longer */
#define WARM_UP_PAIRS 5
#define HOLD_SECONDS 30
#define HOLD_SECONDS_PER_PAIR 0.2
#define SETTLE_SECONDS 0.5 /* until what set-up took is given back */

/* ---- memory ---- */

static gboolean
hold(Link *link, guint count, GError **error)
{
    double seconds = HOLD_SECONDS + count * HOLD_SECONDS_PER_PAIR;
    link_tell(link, LINK_OFFERER, "hold %u", count);
    g_auto(GStrv) words = link_wait(link, LINK_OFFERER, "held", seconds, error);
    return words && link_run(link, SETTLE_SECONDS, error);
}

/* Both processes are counted, but the other one does nothing. */
gboolean
many_run_memory(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
                double *values, GError **error)
{
    double before = 0;
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && hold(link, WARM_UP_PAIRS, error);
    if (is_done) {
        before = link_get_resident_bytes(link);
        is_done = hold(link, workload->pairs, error);
    }
    if (is_done)
        values[0] = (link_get_resident_bytes(link) - before) / workload->pairs / 1e3;
    g_clear_pointer(&link, link_free);
    return is_done;
}

/* ---- sending ---- */

typedef struct {
    double bytes, time_us;
} Count;

static gboolean
connect_all(Link *link, guint pairs, GError **error)
{
    for (guint i = 0; i < pairs; i++) {
        g_autofree char *id = g_strdup_printf("%u", i);
        if (!link_connect(link, id, FALSE, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
take_count(char **words, Count *counts, guint pairs, GError **error)
{
    guint64 pair = G_MAXUINT64;
    if (g_strv_length(words) != 6 ||
        !g_ascii_string_to_unsigned(words[1], 10, 0, pairs - 1, &pair, NULL)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "bad counts");
        return FALSE;
    }
    counts[pair].bytes = g_ascii_strtod(words[4], NULL);
    counts[pair].time_us = g_ascii_strtod(words[5], NULL);
    return TRUE;
}

static gboolean
get_counts(Link *link, Count *counts, guint pairs, GError **error)
{
    for (guint i = 0; i < pairs; i++)
        link_tell(link, LINK_ANSWERER, "counts %u", i);
    for (guint i = 0; i < pairs; i++) {
        g_auto(GStrv) words = link_wait(link, LINK_ANSWERER, "counts", ANSWER_SECONDS, error);
        if (!words || !take_count(words, counts, pairs, error))
            return FALSE;
    }
    return TRUE;
}

/* Each pair's rate by its own clock readings, as it takes a while to ask all of them. */
static void
evaluate(const Count *from, const Count *to, guint pairs, double *values)
{
    g_autoptr(GArray) rates = g_array_new(FALSE, FALSE, sizeof(double));
    values[0] = 0;
    for (guint i = 0; i < pairs; i++) {
        double rate = (to[i].bytes - from[i].bytes) / (to[i].time_us - from[i].time_us);
        g_array_append_val(rates, rate);
        values[0] += rate;
    }
    double median = percentile(rates, 0.5);
    values[1] = median > 0 ? percentile(rates, 0) / median : 0;
}

static gboolean
flood_all(Link *link, guint pairs, double seconds, double *values, GError **error)
{
    g_autofree Count *from = g_new0(Count, pairs), *to = g_new0(Count, pairs);
    if (!connect_all(link, pairs, error))
        return FALSE;
    for (guint i = 0; i < pairs; i++)
        link_tell(link, LINK_OFFERER, "flood %u %d %d", i, FLOOD_BYTES, HIGH_WATER_BYTES);
    if (!link_run(link, WARM_UP_FRACTION * seconds, error) || !get_counts(link, from, pairs, error))
        return FALSE;
    double cpu_seconds = link_get_cpu_seconds(link);
    if (!link_run(link, seconds, error))
        return FALSE;
    cpu_seconds = link_get_cpu_seconds(link) - cpu_seconds;
    if (!get_counts(link, to, pairs, error))
        return FALSE;
    evaluate(from, to, pairs, values);
    values[2] = cpu_seconds / (values[0] * seconds / 1e3);
    return TRUE;
}

gboolean
many_run_flood(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
               double *values, GError **error)
{
    double seconds = options->seconds * MAX(1, workload->pairs / PAIRS_PER_UNIT);
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && flood_all(link, workload->pairs, seconds, values, error);
    g_clear_pointer(&link, link_free);
    return is_done;
}
