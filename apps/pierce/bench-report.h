/* What `pierce bench` tells of a run: a line a second, and what it adds up to. */
#pragma once

#include "bench-figures.h"
#include "json-line.h"
#include "session.h"

typedef struct {
    Session *session;
    SessionPeer *peer;
    BenchParameters parameters;
    gboolean is_caller;
    const BenchPing *ping; /* the caller's */
    gint64 begun_us;       /* 0: not yet */
    guint64 next_line;     /* its second */
    BenchCounts told;      /* by the lines so far */
    guint told_pings;
    JsonLine summary;
} BenchReport;

/* Zero @self, and set the members down to `ping`, before. */
void bench_report_begin(BenchReport *self);

/* Called a few times a second with what has arrived so far: prints a line when one is due, and
 * keeps the status line. */
void bench_report_tick(BenchReport *self, const BenchCounts *arrived);

/* The rest as a last line, and the summary.  With --json the summary is kept for
 * bench_report_flush(), so that the end of the connection comes before it. */
void bench_report_end(BenchReport *self, const BenchResult *result);
void bench_report_flush(BenchReport *self);
