/* One end of a run of `pierce bench`: its data channels, and what it counts. */
#pragma once

#include "bench-load.h"
#include "bench-message.h"

/** BENCH_LABEL_DATA: the label of the channels that carry the load. */
#define BENCH_LABEL_DATA "bench-data"
/** BENCH_LABEL_PING: the label of the channel whose messages the listener sends back. */
#define BENCH_LABEL_PING "bench-ping"

typedef struct _BenchRun BenchRun;

BenchRun *bench_run_new(PiercePeerConnection *connection, const BenchParameters *parameters,
                        gboolean is_sender);
void bench_run_free(BenchRun *self);

/* The caller's end: makes all channels. */
gboolean bench_run_open(BenchRun *self, GError **error);
/* The listener's end: takes a channel that the caller made; FALSE for one too many. */
gboolean bench_run_take(BenchRun *self, PierceDataChannel *channel);
/* All channels are there, and open. */
gboolean bench_run_is_open(const BenchRun *self);

/* The counting begins, and at the sender the sending, unless they have already. */
void bench_run_begin(BenchRun *self);
/* The sender's end: see bench_load_stop(). */
void bench_run_stop(BenchRun *self, guint deadline_ms, BenchLoadFunc on_drained,
                    gpointer user_data);

/* So far. */
BenchCounts bench_run_count(const BenchRun *self);
/* Of a receiver, until the last arrival. */
BenchCounts bench_run_count_final(const BenchRun *self);
/* What has reached the peer of a sender: acknowledged, or given up. */
BenchCounts bench_run_count_delivered(const BenchRun *self);
