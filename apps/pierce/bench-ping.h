/* The round trip beside a load: small messages on a channel of their own, which the listener sends
 * back. */
#pragma once

#include "round-trips.h"

#include <pierce.h>

typedef struct _BenchPing BenchPing;

/* Measures the idle path first, then calls @on_idle_known. */
BenchPing *bench_ping_new(PierceDataChannel *channel, void (*on_idle_known)(gpointer user_data),
                          gpointer user_data);
void bench_ping_free(BenchPing *self);

/* The load begins, or has ended. */
void bench_ping_start(BenchPing *self);
void bench_ping_stop(BenchPing *self);

/* Milliseconds, or -1. */
double bench_ping_get_idle_ms(const BenchPing *self);
guint bench_ping_get_count(const BenchPing *self);
/* From the @first round trip under load on. */
RoundTripSummary bench_ping_sum_up(const BenchPing *self, guint first);
