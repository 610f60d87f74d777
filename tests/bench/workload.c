/* Every peer does the same work, told by the same words; what it costs is read from the kernel, and
 * messages are counted by the peer that receives them. */
#include "tests/bench/workload.h"

#include "tests/bench/beside.h"
#include "tests/bench/far-setup.h"
#include "tests/bench/link.h"
#include "tests/bench/many.h"
#include "tests/bench/path-flood.h"
#include "tests/bench/scaling.h"

#define HIGH_WATER_BYTES (1024 * 1024)
#define WARM_UP_FRACTION 0.5
#define ANSWER_SECONDS 30
#define DRAIN_STEP_SECONDS 0.1
#define DRAIN_STEPS 100
#define SKIPPED_PINGS_FRACTION 0.1 /* the first ones warm up */
#define WARM_UP_CONNECTIONS 5

static gint
compare(gconstpointer a, gconstpointer b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

double
percentile(GArray *values, double fraction)
{
    if (values->len == 0)
        return 0;
    g_array_sort(values, compare);
    return g_array_index(values, double, (guint) (fraction * (values->len - 1) + 0.5));
}

/* ---- throughput ---- */

/* Of all that was sent, what never arrived; in percent. */
static gboolean
get_loss(Link *link, double *loss, GError **error)
{
    LinkCounts before = { .received = -1 }, after, sender;
    link_tell(link, LINK_OFFERER, "stop c");
    for (guint i = 0; i < DRAIN_STEPS; i++) {
        if (!link_run(link, DRAIN_STEP_SECONDS, error) ||
            !link_get_counts(link, LINK_ANSWERER, &after, error))
            return FALSE;
        if (after.received <= before.received)
            break;
        before = after;
    }
    if (!link_get_counts(link, LINK_OFFERER, &sender, error))
        return FALSE;
    *loss = sender.sent > 0 ? 100 * (1 - before.received / sender.sent) : 100;
    return TRUE;
}

/* Lets @seconds pass, and as many again as it takes until something has arrived: a slow build on a
 * busy machine is no failure. */
static gboolean
run_until_more(Link *link, double seconds, const LinkCounts *from, LinkCounts *to, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + ANSWER_SECONDS * G_TIME_SPAN_SECOND;
    do {
        if (!link_run(link, seconds, error) || !link_get_counts(link, LINK_ANSWERER, to, error))
            return FALSE;
        if (to->received > from->received)
            return TRUE;
    } while (g_get_monotonic_time() < deadline_us);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "nothing arrived within %d s",
                ANSWER_SECONDS);
    return FALSE;
}

static gboolean
flood(Link *link, const Workload *workload, const WorkloadOptions *options, double *values,
      GError **error)
{
    LinkCounts from, to;
    if (!link_connect(link, "c", workload->is_unordered ? LINK_UNORDERED : LINK_RELIABLE, error))
        return FALSE;
    link_tell(link, LINK_OFFERER, "flood c %" G_GSIZE_FORMAT " %d", workload->message_bytes,
              HIGH_WATER_BYTES);
    if (!link_run(link, WARM_UP_FRACTION * options->seconds, error) ||
        !link_get_counts(link, LINK_ANSWERER, &from, error))
        return FALSE;
    double cpu_seconds = link_get_cpu_seconds(link);
    if (!run_until_more(link, options->seconds, &from, &to, error))
        return FALSE;
    cpu_seconds = link_get_cpu_seconds(link) - cpu_seconds;

    double elapsed_us = to.time_us - from.time_us, bytes = to.received_bytes - from.received_bytes;
    double messages = (to.received - from.received) / elapsed_us * 1e6;
    values[0] = workload->is_unordered ? messages : bytes / elapsed_us;
    values[1] = cpu_seconds / (bytes / 1e9);
    values[2] = messages;
    return !workload->is_unordered || get_loss(link, &values[2], error);
}

static gboolean
run_flood(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
          double *values, GError **error)
{
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && flood(link, workload, options, values, error);
    g_clear_pointer(&link, link_free);
    return is_done;
}

/* ---- times ---- */

static GArray *
numbers(char **words, guint first, double scale)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = first; i < g_strv_length(words); i++) {
        double value = g_ascii_strtod(words[i], NULL) * scale;
        g_array_append_val(values, value);
    }
    return values;
}

static gboolean
ping(Link *link, const Workload *workload, const WorkloadOptions *options, double *values,
     GError **error)
{
    if (!link_connect(link, "c", LINK_RELIABLE, error))
        return FALSE;
    LinkCounts counts;
    link_tell(link, LINK_ANSWERER, "echo c");
    if (!link_get_counts(link, LINK_ANSWERER, &counts, error)) /* it echoes once it has answered */
        return FALSE;
    link_tell(link, LINK_OFFERER, "ping c %" G_GSIZE_FORMAT " %d", workload->message_bytes,
              (int) (options->seconds * 1000));
    g_auto(GStrv) words =
        link_wait(link, LINK_OFFERER, "pings", options->seconds + ANSWER_SECONDS, error);
    if (!words)
        return FALSE;
    guint skipped = (guint) (SKIPPED_PINGS_FRACTION * g_strv_length(words));
    g_autoptr(GArray) pings = numbers(words, 2 + skipped, 1);
    values[0] = percentile(pings, 0.5);
    values[1] = percentile(pings, 0.99);
    values[2] = percentile(pings, 1);
    return TRUE;
}

static gboolean
run_ping(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
         double *values, GError **error)
{
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && ping(link, workload, options, values, error);
    g_clear_pointer(&link, link_free);
    return is_done;
}

static gboolean
run_local_setups(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
                 double *values, GError **error)
{
    Link *link = link_new(peer, NULL, error);
    if (!link)
        return FALSE;
    link_tell(link, LINK_OFFERER, "setups %u", WARM_UP_CONNECTIONS + options->connections);
    g_auto(GStrv) words =
        link_wait(link, LINK_OFFERER, "setups", ANSWER_SECONDS + 2.0 * options->connections, error);
    link_free(link);
    if (!words)
        return FALSE;
    g_autoptr(GArray) times = numbers(words, 1 + WARM_UP_CONNECTIONS, 1e-3);
    values[0] = percentile(times, 0.5);
    values[1] = percentile(times, 0.95);
    return TRUE;
}

static gboolean
set_up(Link *link, guint number, GArray *times, GError **error)
{
    g_autofree char *id = g_strdup_printf("c%u", number);
    gint64 start_us = g_get_monotonic_time();
    if (!link_connect(link, id, LINK_RELIABLE, error))
        return FALSE;
    double elapsed_ms = (double) (g_get_monotonic_time() - start_us) / 1e3;
    if (number >= WARM_UP_CONNECTIONS)
        g_array_append_val(times, elapsed_ms);
    link_tell(link, LINK_OFFERER, "close %s", id);
    link_tell(link, LINK_ANSWERER, "close %s", id);
    return TRUE;
}

static gboolean
run_setups(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
           double *values, GError **error)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link != NULL;
    for (guint i = 0; is_done && i < WARM_UP_CONNECTIONS + options->connections; i++)
        is_done = set_up(link, i, times, error);
    g_clear_pointer(&link, link_free);
    values[0] = percentile(times, 0.5);
    values[1] = percentile(times, 0.95);
    return is_done;
}

/* ---- memory ---- */

static gboolean
hold_connections(Link *link, guint first, guint count, GError **error)
{
    for (guint i = first; i < first + count; i++) {
        g_autofree char *id = g_strdup_printf("c%u", i);
        if (!link_connect(link, id, LINK_RELIABLE, error))
            return FALSE;
    }
    return link_run(link, 0.5, error); /* until what set-up took is given back */
}

static gboolean
run_memory(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
           double *values, GError **error)
{
    double before = 0;
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && hold_connections(link, 0, WARM_UP_CONNECTIONS, error);
    if (is_done) {
        before = link_get_resident_bytes(link);
        is_done = hold_connections(link, WARM_UP_CONNECTIONS, options->connections, error);
    }
    if (is_done)
        values[0] = (link_get_resident_bytes(link) - before) / options->connections / 1e3;
    g_clear_pointer(&link, link_free);
    return is_done;
}

#define THROUGHPUT(name_, title_, bytes_)                                                          \
    {                                                                                              \
        .name = name_, .title = title_, .message_bytes = bytes_, .run = run_flood,                 \
        .metrics = { { "throughput", "MB/s", BETTER_MORE, FALSE },                                 \
                     { "cpu", "CPU-s/GB", BETTER_LESS, FALSE },                                    \
                     { "rate", "messages/s", BETTER_MORE, FALSE } },                               \
        .n_metrics = 3                                                                             \
    }

#define LONG_PATH(name_, title_, rtt_, loss_)                                                      \
    {                                                                                              \
        .name = name_, .title = title_, .message_bytes = (loss_) > 0 ? 16384 : 65536,              \
        .rtt_ms = rtt_, .loss_ppm = loss_, .run = path_flood_run,                                  \
        .metrics = { { "throughput", "MB/s", BETTER_MORE, FALSE },                                 \
                     { "share", "% of a plain UDP flow", BETTER_MORE, FALSE },                     \
                     { "first 3 s", "MB/s", BETTER_MORE, TRUE } },                                 \
        .n_metrics = 3                                                                             \
    }

#define MANY(name_, title_, pairs_)                                                                \
    {                                                                                              \
        .name = name_, .title = title_, .pairs = pairs_, .run = many_run_flood,                    \
        .metrics = { { "throughput", "MB/s", BETTER_MORE, FALSE },                                 \
                     { "slowest pair", "of the median", BETTER_MORE, TRUE },                       \
                     { "cpu", "CPU-s/GB", BETTER_LESS, FALSE } },                                  \
        .n_metrics = 3                                                                             \
    }

#define SCALED(name_, title_, scaled_)                                                             \
    {                                                                                              \
        .name = name_, .title = title_, .scaled = scaled_, .is_for_pierce_alone = TRUE,            \
        .run = scaling_run_cost,                                                                   \
        .metrics = { { "1", "us", BETTER_LESS, FALSE },                                            \
                     { "10", "us", BETTER_LESS, FALSE },                                           \
                     { "100", "us", BETTER_LESS, FALSE },                                          \
                     { "1000", "us", BETTER_LESS, FALSE } },                                       \
        .n_metrics = 4                                                                             \
    }

#define BESIDE(name_, title_, bytes_)                                                              \
    {                                                                                              \
        .name = name_, .title = title_, .message_bytes = bytes_, .run = beside_run,                \
        .metrics = { { "idle p50", "us", BETTER_LESS, FALSE },                                     \
                     { "idle p95", "us", BETTER_LESS, FALSE },                                     \
                     { "p50", "us", BETTER_LESS, FALSE },                                          \
                     { "p95", "us", BETTER_LESS, FALSE },                                          \
                     { "p95 beside idle p95", "times", BETTER_LESS, FALSE },                       \
                     { "throughput meanwhile", "MB/s", BETTER_MORE, TRUE } },                      \
        .n_metrics = 6                                                                             \
    }

const Workload workloads[] = {
    THROUGHPUT("64", "64 B, ordered and reliable", 64),
    THROUGHPUT("1k", "1 KiB, ordered and reliable", 1024),
    THROUGHPUT("16k", "16 KiB, ordered and reliable", 16384),
    THROUGHPUT("64k", "64 KiB, ordered and reliable", 65536),
    THROUGHPUT("256k", "256 KiB, ordered and reliable", 262144),
    { .name = "unordered",
      .title = "1 KiB, unordered, no retransmits",
      .message_bytes = 1024,
      .is_unordered = TRUE,
      .run = run_flood,
      .metrics = { { "delivered", "messages/s", BETTER_MORE, FALSE },
                   { "cpu", "CPU-s/GB", BETTER_LESS, FALSE },
                   { "loss", "%", BETTER_LESS, TRUE } },
      .n_metrics = 3 },
    { .name = "rtt",
      .title = "round trip of 64 B",
      .message_bytes = 64,
      .run = run_ping,
      .metrics = { { "p50", "us", BETTER_LESS, FALSE },
                   { "p99", "us", BETTER_LESS, FALSE },
                   { "max", "us", BETTER_LESS, FALSE } },
      .n_metrics = 3 },
    BESIDE("beside-1k", "round trip of 64 B beside a channel full of 1 KiB", 1024),
    BESIDE("beside-64k", "round trip of 64 B beside a channel full of 64 KiB", 65536),
    BESIDE("beside-256k", "round trip of 64 B beside a channel full of 256 KiB", 262144),
    { .name = "setup-local",
      .title = "set-up, both ends in one process",
      .run = run_local_setups,
      .metrics = { { "p50", "ms", BETTER_LESS, FALSE }, { "p95", "ms", BETTER_LESS, FALSE } },
      .n_metrics = 2 },
    { .name = "setup",
      .title = "set-up, two processes",
      .run = run_setups,
      .metrics = { { "p50", "ms", BETTER_LESS, FALSE }, { "p95", "ms", BETTER_LESS, FALSE } },
      .n_metrics = 2 },
    { .name = "setup-far",
      .title = "set-up, 100 ms round trip, answer to first message",
      .rtt_ms = 100,
      .run = far_setup_run,
      .metrics = { { "p50", "ms", BETTER_LESS, FALSE },
                   { "p50", "round trips", BETTER_LESS, FALSE },
                   { "max", "ms", BETTER_LESS, FALSE } },
      .n_metrics = 3 },
    { .name = "memory",
      .title = "memory of an idle pair, both ends",
      .run = run_memory,
      .metrics = { { "resident", "kB", BETTER_LESS, FALSE } },
      .n_metrics = 1 },
    MANY("many-50", "50 pairs at once, 16 KiB", 50),
    MANY("many-500", "500 pairs at once, 16 KiB", 500),
    SCALED("channels", "processor time of 64 B by channels", "channels"),
    SCALED("connections", "processor time of 64 B by open connections", "connections"),
    SCALED("queued", "processor time of 4 KiB by messages under way", "queued"),
    { .name = "threads",
      .title = "four pairs, both ends in one process",
      .is_for_pierce_alone = TRUE,
      .run = scaling_run_threads,
      .metrics = { { "one thread", "MB/s", BETTER_MORE, FALSE },
                   { "two threads", "MB/s", BETTER_MORE, FALSE },
                   { "two of one", "times", BETTER_MORE, FALSE } },
      .n_metrics = 3 },
    LONG_PATH("rtt20", "100 Mbit/s, 20 ms round trip", 20, 0),
    LONG_PATH("rtt100", "100 Mbit/s, 100 ms round trip", 100, 0),
    LONG_PATH("rtt200", "100 Mbit/s, 200 ms round trip", 200, 0),
    LONG_PATH("loss0.1", "100 Mbit/s, 50 ms round trip, 0.1 % loss", 50, 1000),
    LONG_PATH("loss1", "100 Mbit/s, 50 ms round trip, 1 % loss", 50, 10000),
    LONG_PATH("loss3", "100 Mbit/s, 50 ms round trip, 3 % loss", 50, 30000),
    { .name = "memory-100",
      .title = "memory of an idle pair, 100 in one process",
      .pairs = 100,
      .run = many_run_memory,
      .metrics = { { "resident", "kB", BETTER_LESS, FALSE } },
      .n_metrics = 1 },
    { .name = "memory-1000",
      .title = "memory of an idle pair, 1,000 in one process",
      .pairs = 1000,
      .run = many_run_memory,
      .metrics = { { "resident", "kB", BETTER_LESS, FALSE } },
      .n_metrics = 1 },
};
const guint n_workloads = G_N_ELEMENTS(workloads);
