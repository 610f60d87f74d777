/* What came out, round by round, and the ratios. */
#pragma once

#include "tests/bench/contestant.h"
#include "tests/bench/workload.h"

typedef struct Results Results;

Results *results_new(GPtrArray *contestants);
void results_free(Results *results);

/* Values of one round; NULL where the peer could not do it. */
void results_add(Results *results, guint workload, guint contestant, const double *values);

guint results_get_count(Results *results, guint workload, guint contestant);
double results_get(Results *results, guint workload, guint metric, guint contestant, guint round);

/* Over all rounds in which it worked; NAN if in none. */
double results_get_median(Results *results, guint workload, guint metric, guint contestant);

/* Whose median is best among all but the first contestant; -1 for nobody. */
gint results_get_best_rival(Results *results, guint workload, guint metric);

/* The median over the rounds of what the first has to what the best rival has; NAN without both. */
double results_get_ratio(Results *results, guint workload, guint metric);
