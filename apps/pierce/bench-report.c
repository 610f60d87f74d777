/* Owns the wording of a benchmark: its table, its status line, its summary and its JSON.  MB are
 * 10^6 bytes, KiB 1024.  Never measures anything. */
#include "bench-report.h"

#include "report.h"

#define BAR_WIDTH 24
/* Nothing is said of a last interval shorter than this, unless something arrived in it. */
#define LEAST_INTERVAL_US 1000
#define STALL_US 700000

static const char *
peer_name(const BenchReport *self)
{
    return session_peer_name(self->peer);
}

static gboolean
is_sender(const BenchReport *self)
{
    return self->is_caller != self->parameters.is_reverse;
}

/* While it lasts only the sender knows; in the end both. */
static gboolean
is_resending_known(const BenchReport *self)
{
    return is_sender(self);
}

/* A peer wrote its name, so it is cleaned. */
static void
print_line(BenchReport *self, char *line)
{
    g_autofree char *text = line;
    g_autofree char *clean = terminal_clean(text);

    terminal_line(&self->session->terminal, clean);
}

/* --- the beginning */

static char *
describe_delivery(const BenchParameters *parameters)
{
    const char *order = parameters->is_unordered ? "unordered" : "ordered";

    if (parameters->max_retransmits < 0)
        return g_strdup_printf("%s, reliable", order);
    return g_strdup_printf("%s, resent %d times at most", order, parameters->max_retransmits);
}

static void
print_header(BenchReport *self)
{
    const BenchParameters *parameters = &self->parameters;
    g_autofree char *size = bench_figure_size(parameters->size_bytes);
    g_autofree char *delivery = describe_delivery(parameters);
    const char *name = peer_name(self), *plural = parameters->channels == 1 ? "" : "s";

    if (is_sender(self))
        print_line(self, g_strdup_printf("sending messages of %s to %s: %u s, %u channel%s, %s",
                                         size, name, parameters->seconds, parameters->channels,
                                         plural, delivery));
    else
        print_line(self, g_strdup_printf("receiving messages of %s from %s: %u s, %u channel%s, %s",
                                         size, name, parameters->seconds, parameters->channels,
                                         plural, delivery));
    print_line(self, g_strdup_printf("%13s %10s %12s%s%s", "time", "MB/s", "messages/s",
                                     is_resending_known(self) ? "   resent" : "",
                                     self->is_caller ? "     rtt p50     rtt p95" : ""));
}

static void
add_parameters(JsonLine *line, const BenchReport *self)
{
    const BenchParameters *parameters = &self->parameters;

    json_text(line, "peer_id", self->peer->client_id);
    json_text(line, "peer_name", self->peer->name);
    json_text(line, "role", self->is_caller ? "caller" : "listener");
    json_bool(line, "reverse", parameters->is_reverse);
    json_int(line, "size", parameters->size_bytes);
    json_int(line, "seconds", parameters->seconds);
    json_int(line, "channels", parameters->channels);
    json_bool(line, "ordered", !parameters->is_unordered);
    if (parameters->max_retransmits < 0)
        json_null(line, "max_retransmits");
    else
        json_int(line, "max_retransmits", parameters->max_retransmits);
}

void
bench_report_begin(BenchReport *self)
{
    JsonLine line;

    self->begun_us = g_get_monotonic_time();
    self->next_line = 1;
    if (!self->session->options->json) {
        print_header(self);
        return;
    }
    json_begin(&line, "run");
    add_parameters(&line, self);
    json_print(&line);
}

/* --- a line a second */

static void
print_interval_json(const BenchReport *self, const BenchCounts *arrived, const BenchRate *rate,
                    const RoundTripSummary *rtt)
{
    JsonLine line;

    json_begin(&line, "interval");
    json_number(&line, "start_s", bench_seconds(self->told.elapsed_us));
    json_number(&line, "end_s", bench_seconds(arrived->elapsed_us));
    json_int(&line, "messages", (gint64) bench_difference(arrived->messages, self->told.messages));
    json_int(&line, "bytes", (gint64) bench_difference(arrived->bytes, self->told.bytes));
    json_number(&line, "mbytes_per_s", rate->mbytes_per_s);
    json_number(&line, "messages_per_s", rate->messages_per_s);
    if (is_resending_known(self))
        json_int(&line, "retransmissions",
                 (gint64) bench_difference(arrived->resent, self->told.resent));
    else
        json_null(&line, "retransmissions");
    json_open(&line, "rtt_ms");
    json_ms(&line, "p50", rtt->p50_ms);
    json_ms(&line, "p95", rtt->p95_ms);
    json_close(&line);
    json_print(&line);
}

static void
print_interval_text(BenchReport *self, const BenchCounts *arrived, const BenchRate *rate,
                    const RoundTripSummary *rtt)
{
    g_autofree char *speed = bench_figure_rate(rate->mbytes_per_s);
    g_autofree char *p50 = bench_figure_ms(rtt->p50_ms);
    g_autofree char *p95 = bench_figure_ms(rtt->p95_ms);
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%5.1f -%5.1f s %10s %12.0f", bench_seconds(self->told.elapsed_us),
                    bench_seconds(arrived->elapsed_us), speed, rate->messages_per_s);
    if (is_resending_known(self))
        g_string_append_printf(text, " %8" G_GUINT64_FORMAT,
                               bench_difference(arrived->resent, self->told.resent));
    if (self->is_caller)
        g_string_append_printf(text, " %11s %11s", p50, p95);
    print_line(self, g_string_free(text, FALSE));
}

static void
print_interval(BenchReport *self, const BenchCounts *arrived)
{
    BenchRate rate = bench_rate_between(&self->told, arrived);
    RoundTripSummary rtt = { -1, -1, -1, -1, -1, -1 };

    if (self->ping)
        rtt = bench_ping_sum_up(self->ping, self->told_pings);
    if (self->session->options->json)
        print_interval_json(self, arrived, &rate, &rtt);
    else
        print_interval_text(self, arrived, &rate, &rtt);
    self->told = *arrived;
    self->told_pings = self->ping ? bench_ping_get_count(self->ping) : 0;
}

static void
show_status(BenchReport *self, const BenchCounts *arrived)
{
    double seconds = (double) (g_get_monotonic_time() - self->begun_us) / G_USEC_PER_SEC;
    double done = MIN(seconds / self->parameters.seconds, 1);
    BenchRate rate = bench_rate_between(&(BenchCounts){ 0 }, arrived);
    g_autofree char *speed = bench_figure_rate(rate.mbytes_per_s);
    char bar[BAR_WIDTH + 1];

    for (guint i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < done * BAR_WIDTH ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    g_autofree char *text = g_strdup_printf("  [%s] %4.1f of %u s, %s MB/s on average", bar,
                                            seconds, self->parameters.seconds, speed);
    terminal_status(&self->session->terminal, text);
}

/* A second is over when the receiver's clock says so, or when nothing was heard of it for long. */
void
bench_report_tick(BenchReport *self, const BenchCounts *arrived)
{
    BenchCounts so_far = *arrived;
    guint64 second_us = (guint64) self->next_line * G_USEC_PER_SEC;
    guint64 now_us = (guint64) (g_get_monotonic_time() - self->begun_us);

    if (so_far.elapsed_us >= second_us || now_us >= second_us + STALL_US) {
        so_far.elapsed_us = MAX(so_far.elapsed_us, second_us);
        /* The last one waits for the end of the run, which follows at once. */
        if (self->next_line != self->parameters.seconds)
            print_interval(self, &so_far);
        self->next_line = so_far.elapsed_us / G_USEC_PER_SEC + 1;
    }
    if (!self->session->options->json)
        show_status(self, arrived);
}

/* --- the summary */

static void
print_summary_text(BenchReport *self, const BenchFigures *f)
{
    g_autofree char *bytes = bench_figure_bytes(f->received.bytes);
    g_autofree char *speed = bench_figure_rate(f->rate.mbytes_per_s);
    g_autofree char *path = report_describe_path(self->peer->connection);
    g_autofree char *cpu = bench_figure_cpu(f, self->is_caller, peer_name(self));
    g_autofree char *loss = bench_figure_loss(f);

    print_line(self, g_strdup_printf("--- %s%s ---", peer_name(self),
                                     f->is_complete ? "" : ": not complete, figures so far"));
    if (f->is_received_known)
        print_line(self,
                   g_strdup_printf("%-10s %s in %.2f s: %s MB/s (%.1f Mbit/s), %.0f messages/s",
                                   "received", bytes, bench_seconds(f->received.elapsed_us), speed,
                                   f->rate.mbytes_per_s * 8, f->rate.messages_per_s));
    print_line(self, g_strdup_printf("%-10s %s", "loss", loss));
    if (self->ping) {
        g_autofree char *rtt = bench_figure_rtt(f);
        print_line(self, g_strdup_printf("%-10s %s", "round trip", rtt));
    }
    print_line(self, g_strdup_printf("%-10s %s", "processor", cpu));
    print_line(self, g_strdup_printf("%-10s %s", "path",
                                     path               ? path
                                     : self->peer->path ? self->peer->path
                                                        : "none"));
}

static void
add_counts(JsonLine *line, const char *messages, const char *bytes, gboolean is_known,
           const BenchCounts *counts)
{
    if (is_known) {
        json_int(line, messages, (gint64) counts->messages);
        json_int(line, bytes, (gint64) counts->bytes);
    } else {
        json_null(line, messages);
        json_null(line, bytes);
    }
}

static void
add_rtt(JsonLine *line, const BenchFigures *f)
{
    json_open(line, "rtt_ms");
    json_ms(line, "idle", f->rtt_idle_ms);
    json_ms(line, "min", f->rtt.min_ms);
    json_ms(line, "avg", f->rtt.avg_ms);
    json_ms(line, "p50", f->rtt.p50_ms);
    json_ms(line, "p95", f->rtt.p95_ms);
    json_ms(line, "p99", f->rtt.p99_ms);
    json_ms(line, "max", f->rtt.max_ms);
    json_close(line);
}

static void
add_if_known(JsonLine *line, const char *key, gboolean is_known, double value)
{
    if (is_known)
        json_number(line, key, value);
    else
        json_null(line, key);
}

static JsonLine
build_summary(const BenchReport *self, const BenchFigures *f)
{
    JsonLine line;

    json_begin(&line, "summary");
    add_parameters(&line, self);
    json_bool(&line, "complete", f->is_complete);
    add_if_known(&line, "elapsed_s", f->is_received_known, bench_seconds(f->received.elapsed_us));
    add_counts(&line, "messages_sent", "bytes_sent", f->is_sent_known, &f->sent);
    add_counts(&line, "messages_received", "bytes_received", f->is_received_known, &f->received);
    add_if_known(&line, "mbytes_per_s", f->is_received_known, f->rate.mbytes_per_s);
    add_if_known(&line, "messages_per_s", f->is_received_known, f->rate.messages_per_s);
    add_if_known(&line, "loss", f->is_complete, f->loss);
    add_if_known(&line, "retransmissions", f->is_sent_known, (double) f->sent.resent);
    add_rtt(&line, f);
    json_open(&line, "cpu_s");
    add_if_known(&line, "caller", f->caller_cpu_s >= 0, f->caller_cpu_s);
    add_if_known(&line, "listener", f->listener_cpu_s >= 0, f->listener_cpu_s);
    json_close(&line);
    add_if_known(&line, "cpu_s_per_gb", f->cpu_s_per_gb >= 0, f->cpu_s_per_gb);
    report_add_path(&line, self->peer->connection);
    return line;
}

void
bench_report_end(BenchReport *self, const BenchResult *result)
{
    BenchFigures figures =
        bench_figures(result, self->is_caller, self->parameters.is_reverse, self->ping);

    terminal_status(&self->session->terminal, "");
    if (!self->begun_us)
        return;
    if (result->is_received_known &&
        (result->received.bytes > self->told.bytes ||
         result->received.elapsed_us > self->told.elapsed_us + LEAST_INTERVAL_US)) {
        BenchCounts last = result->received;
        last.resent = result->is_sent_known ? result->sent.resent : self->told.resent;
        last.elapsed_us = MAX(last.elapsed_us, self->told.elapsed_us);
        print_interval(self, &last);
    }
    if (self->session->options->json)
        self->summary = build_summary(self, &figures);
    else
        print_summary_text(self, &figures);
}

void
bench_report_flush(BenchReport *self)
{
    if (self->summary.text)
        json_print(&self->summary);
}
