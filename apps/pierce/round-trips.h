/* What round trips add up to. */
#pragma once

#include <glib.h>

typedef struct {
    double min_ms, avg_ms, p50_ms, p95_ms, p99_ms, max_ms; /* -1 where nothing was measured */
} RoundTripSummary;

/* @samples: of double, milliseconds; sorted in place. */
RoundTripSummary round_trips_sum_up(GArray *samples);
