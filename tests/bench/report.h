/* What is printed in the end. */
#pragma once

#include "tests/bench/results.h"

typedef struct {
    GPtrArray *contestants;
    GPtrArray *missing;
    Results *results;
    WorkloadOptions options;
    guint rounds;
} Report;

/* For people, in Markdown. */
char *report_as_table(const Report *report);
char *report_as_json(const Report *report);
