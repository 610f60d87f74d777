/* Owns the arithmetic of a benchmark's result and the writing of its figures.  What the peer
 * counted is only ever divided and printed. */
#include "bench-figures.h"

double
bench_seconds(guint64 us)
{
    return (double) us / G_USEC_PER_SEC;
}

guint64
bench_difference(guint64 later, guint64 earlier)
{
    return later > earlier ? later - earlier : 0;
}

BenchRate
bench_rate_between(const BenchCounts *from, const BenchCounts *to)
{
    double seconds = bench_seconds(bench_difference(to->elapsed_us, from->elapsed_us));

    if (seconds <= 0)
        return (BenchRate){ 0 };
    return (BenchRate){
        .mbytes_per_s = (double) bench_difference(to->bytes, from->bytes) / 1e6 / seconds,
        .messages_per_s = (double) bench_difference(to->messages, from->messages) / seconds,
    };
}

static double
count_loss(const BenchResult *result)
{
    guint64 lost = bench_difference(result->sent.messages, result->received.messages);

    return result->sent.messages ? (double) lost / (double) result->sent.messages : 0;
}

BenchFigures
bench_figures(const BenchResult *result, gboolean is_caller, gboolean is_reverse,
              const BenchPing *ping)
{
    double sender = result->is_sent_known ? bench_seconds(result->sent.cpu_us) : -1;
    double receiver = result->is_received_known ? bench_seconds(result->received.cpu_us) : -1;
    double gbytes = (double) result->received.bytes / 1e9;
    BenchFigures figures = {
        .sent = result->sent,
        .received = result->received,
        .is_sent_known = result->is_sent_known,
        .is_received_known = result->is_received_known,
        .is_complete = result->is_complete,
        .rate = bench_rate_between(&(BenchCounts){ 0 }, &result->received),
        .loss = count_loss(result),
        .caller_cpu_s = is_reverse ? receiver : sender,
        .listener_cpu_s = is_reverse ? sender : receiver,
        .cpu_s_per_gb =
            sender >= 0 && receiver >= 0 && gbytes > 0 ? (sender + receiver) / gbytes : -1,
        .rtt_idle_ms = ping ? bench_ping_get_idle_ms(ping) : -1,
        .rtt = { -1, -1, -1, -1, -1, -1 },
    };

    if (ping)
        figures.rtt = bench_ping_sum_up(ping, 0);
    return figures;
}

/* --- for people */

char *
bench_figure_size(guint size_bytes)
{
    if (size_bytes >= 1024 && size_bytes % 1024 == 0)
        return g_strdup_printf("%u KiB", size_bytes / 1024);
    return g_strdup_printf("%u B", size_bytes);
}

char *
bench_figure_bytes(guint64 bytes)
{
    if (bytes >= 1000000000)
        return g_strdup_printf("%.2f GB", (double) bytes / 1e9);
    if (bytes >= 1000000)
        return g_strdup_printf("%.1f MB", (double) bytes / 1e6);
    return g_strdup_printf("%.1f kB", (double) bytes / 1e3);
}

char *
bench_figure_rate(double mbytes_per_s)
{
    return g_strdup_printf("%.*f", mbytes_per_s < 1 ? 3 : mbytes_per_s < 10 ? 2 : 1, mbytes_per_s);
}

char *
bench_figure_ms(double ms)
{
    if (ms < 0)
        return g_strdup("-");
    return g_strdup_printf("%.*f ms", ms < 10 ? 2 : ms < 1000 ? 1 : 0, ms);
}

char *
bench_figure_loss(const BenchFigures *figures)
{
    guint64 sent = figures->sent.messages;
    guint64 lost = bench_difference(sent, figures->received.messages);

    if (!figures->is_complete)
        return g_strdup("not known");
    return g_strdup_printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                           " messages (%.2f %%); %" G_GUINT64_FORMAT " chunks sent again",
                           lost, sent, figures->loss * 100, figures->sent.resent);
}

char *
bench_figure_rtt(const BenchFigures *figures)
{
    g_autofree char *idle = bench_figure_ms(figures->rtt_idle_ms);
    g_autofree char *p50 = bench_figure_ms(figures->rtt.p50_ms);
    g_autofree char *p95 = bench_figure_ms(figures->rtt.p95_ms);
    g_autofree char *p99 = bench_figure_ms(figures->rtt.p99_ms);
    g_autofree char *max = bench_figure_ms(figures->rtt.max_ms);

    if (figures->rtt.p50_ms < 0)
        return g_strdup_printf("%s idle; not known under load", idle);
    return g_strdup_printf("%s idle; under load p50 %s, p95 %s, p99 %s, max %s", idle, p50, p95,
                           p99, max);
}

static char *
describe_cpu(double seconds, const char *where)
{
    if (seconds < 0)
        return g_strdup_printf("not known %s", where);
    return g_strdup_printf("%.2f s %s", seconds, where);
}

char *
bench_figure_cpu(const BenchFigures *figures, gboolean is_caller, const char *peer_name)
{
    double here = is_caller ? figures->caller_cpu_s : figures->listener_cpu_s;
    double there = is_caller ? figures->listener_cpu_s : figures->caller_cpu_s;
    g_autofree char *at_peer = g_strdup_printf("at %s", peer_name);
    g_autofree char *ours = describe_cpu(here, "here");
    g_autofree char *theirs = describe_cpu(there, at_peer);

    if (figures->cpu_s_per_gb < 0)
        return g_strdup_printf("%s, %s", ours, theirs);
    return g_strdup_printf("%s, %s: %.2f s/GB", ours, theirs, figures->cpu_s_per_gb);
}
