/* The two ends of `pierce bench`. */
#pragma once

#include "options.h"

/** BENCH_LABEL_CONTROL: the label of the channel that the ends agree on. */
#define BENCH_LABEL_CONTROL "bench"

/* How long the other end may take to answer, beside what its run lasts. */
#define BENCH_ANSWER_MS 10000
/* How long what was sent may take to arrive once the time is up. */
#define BENCH_DRAIN_MS 10000
#define BENCH_TICK_MS 200

ExitCode bench_call(const Options *options);
ExitCode bench_listen(const Options *options);
