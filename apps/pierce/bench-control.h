/* Messages of `pierce bench` on a control channel. */
#pragma once

#include "bench-message.h"

#include <pierce.h>

/* FALSE if the channel is closed. */
gboolean bench_control_send(PierceDataChannel *channel, const BenchMessage *message);
gboolean bench_control_send_verb(PierceDataChannel *channel, BenchVerb verb);
gboolean bench_control_send_counts(PierceDataChannel *channel, BenchVerb verb,
                                   const BenchCounts *counts);
