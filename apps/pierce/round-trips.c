/* Owns the arithmetic of round trips. */
#include "round-trips.h"

static gint
compare(gconstpointer a, gconstpointer b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

/* The nearest-rank percentile: the smallest sample that @percent of all do not exceed. */
static double
percentile(const GArray *sorted, guint percent)
{
    guint rank = (sorted->len * percent + 99) / 100;

    return g_array_index(sorted, double, MAX(rank, 1) - 1);
}

RoundTripSummary
round_trips_sum_up(GArray *samples)
{
    double sum = 0;

    if (samples->len == 0)
        return (RoundTripSummary){ -1, -1, -1, -1, -1, -1 };
    g_array_sort(samples, compare);
    for (guint i = 0; i < samples->len; i++)
        sum += g_array_index(samples, double, i);
    return (RoundTripSummary){
        .min_ms = g_array_index(samples, double, 0),
        .avg_ms = sum / samples->len,
        .p50_ms = percentile(samples, 50),
        .p95_ms = percentile(samples, 95),
        .p99_ms = percentile(samples, 99),
        .max_ms = g_array_index(samples, double, samples->len - 1),
    };
}
