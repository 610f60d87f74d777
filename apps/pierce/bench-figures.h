/* What the figures of a benchmark add up to, and how they are written for people.  No input or
 * output. */
#pragma once

#include "bench-message.h"
#include "bench-ping.h"

/* What the two ends told. */
typedef struct {
    BenchCounts sent, received;
    gboolean is_sent_known, is_received_known;
    gboolean is_complete; /* both ends told their final figures */
} BenchResult;

typedef struct {
    double mbytes_per_s, messages_per_s;
} BenchRate;

typedef struct {
    BenchCounts sent, received;
    gboolean is_sent_known, is_received_known, is_complete;
    BenchRate rate;
    double loss; /* of what was sent, 0 to 1 */
    double caller_cpu_s, listener_cpu_s;
    double cpu_s_per_gb; /* of both */
    double rtt_idle_ms;
    RoundTripSummary rtt;
} BenchFigures; /* -1 for what is not known */

/* @ping: NULL if this end did not measure. */
BenchFigures bench_figures(const BenchResult *result, gboolean is_caller, gboolean is_reverse,
                           const BenchPing *ping);

BenchRate bench_rate_between(const BenchCounts *from, const BenchCounts *to);
double bench_seconds(guint64 us);
/* 0 where a peer's count runs backwards. */
guint64 bench_difference(guint64 later, guint64 earlier);

char *bench_figure_size(guint size_bytes);
char *bench_figure_bytes(guint64 bytes);
char *bench_figure_rate(double mbytes_per_s);
char *bench_figure_ms(double ms);
char *bench_figure_loss(const BenchFigures *figures);
char *bench_figure_rtt(const BenchFigures *figures);
char *bench_figure_cpu(const BenchFigures *figures, gboolean is_caller, const char *peer_name);
