/* What is measured, and how: each workload runs a pair of peers once and gives a number per metric.
 */
#pragma once

#include <gio/gio.h>

#define MAX_METRICS 6

typedef enum {
    BETTER_MORE,
    BETTER_LESS,
} Better;

typedef struct {
    const char *name;
    const char *unit;
    Better better;
    gboolean may_be_zero;
} Metric;

typedef struct {
    double seconds;    /* how long throughput and round trips are measured */
    guint connections; /* how many are set up, and how many are held for memory */
} WorkloadOptions;

typedef struct Workload Workload;

struct Workload {
    const char *name;
    const char *title;
    gsize message_bytes;
    guint pairs;        /* for many.c */
    const char *scaled; /* for scaling.c */
    gboolean is_for_pierce_alone;
    gboolean is_unordered;
    guint rtt_ms;   /* of the path between the two, 0 for none but the machine's own */
    guint loss_ppm; /* in each direction, of a million packets */
    gboolean (*run)(const Workload *workload, const char *const *peer,
                    const WorkloadOptions *options, double *values, GError **error);
    Metric metrics[MAX_METRICS];
    guint n_metrics;
};

extern const Workload workloads[];
extern const guint n_workloads;

/* The value below which @fraction of @values (of double) lie; sorts them. */
double percentile(GArray *values, double fraction);
