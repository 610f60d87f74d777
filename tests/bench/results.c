/* Numbers only.  A ratio is taken round by round, because machines drift between rounds. */
#include "tests/bench/results.h"

#include <math.h>

struct Results {
    guint contestants;
    GArray **values; /* of double, NAN for a failure; by workload, metric and contestant */
};

static GArray *
values_of(Results *results, guint workload, guint metric, guint contestant)
{
    return results->values[(workload * MAX_METRICS + metric) * results->contestants + contestant];
}

Results *
results_new(GPtrArray *contestants)
{
    Results *results = g_new0(Results, 1);
    guint count = n_workloads * MAX_METRICS * contestants->len;
    results->contestants = contestants->len;
    results->values = g_new0(GArray *, count + 1);
    for (guint i = 0; i < count; i++)
        results->values[i] = g_array_new(FALSE, FALSE, sizeof(double));
    return results;
}

void
results_free(Results *results)
{
    for (guint i = 0; results->values[i]; i++)
        g_array_unref(results->values[i]);
    g_free(results->values);
    g_free(results);
}

void
results_add(Results *results, guint workload, guint contestant, const double *values)
{
    for (guint metric = 0; metric < MAX_METRICS; metric++) {
        double value = values ? values[metric] : NAN;
        g_array_append_val(values_of(results, workload, metric, contestant), value);
    }
}

guint
results_get_count(Results *results, guint workload, guint contestant)
{
    return values_of(results, workload, 0, contestant)->len;
}

double
results_get(Results *results, guint workload, guint metric, guint contestant, guint round)
{
    GArray *values = values_of(results, workload, metric, contestant);
    return round < values->len ? g_array_index(values, double, round) : NAN;
}

static double
median(GArray *values)
{
    if (values->len == 0)
        return NAN;
    return (percentile(values, 0.5) + percentile(values, 0.4999)) / 2;
}

double
results_get_median(Results *results, guint workload, guint metric, guint contestant)
{
    g_autoptr(GArray) known = g_array_new(FALSE, FALSE, sizeof(double));
    guint rounds = results_get_count(results, workload, contestant);
    for (guint round = 0; round < rounds; round++) {
        double value = results_get(results, workload, metric, contestant, round);
        if (!isnan(value))
            g_array_append_val(known, value);
    }
    return median(known);
}

gint
results_get_best_rival(Results *results, guint workload, guint metric)
{
    gint best = -1;
    double best_value = NAN;
    for (guint rival = 1; rival < results->contestants; rival++) {
        double value = results_get_median(results, workload, metric, rival);
        gboolean is_better = workloads[workload].metrics[metric].better == BETTER_MORE
                                 ? value > best_value
                                 : value < best_value;
        if (!isnan(value) && (best < 0 || is_better)) {
            best = (gint) rival;
            best_value = value;
        }
    }
    return best;
}

double
results_get_ratio(Results *results, guint workload, guint metric)
{
    g_autoptr(GArray) ratios = g_array_new(FALSE, FALSE, sizeof(double));
    gint rival = results_get_best_rival(results, workload, metric);
    guint rounds = rival < 0 ? 0 : results_get_count(results, workload, 0);
    for (guint round = 0; round < rounds; round++) {
        double ours = results_get(results, workload, metric, 0, round);
        double theirs = results_get(results, workload, metric, (guint) rival, round);
        double ratio = ours / theirs;
        if (isfinite(ratio))
            g_array_append_val(ratios, ratio);
    }
    return median(ratios);
}
