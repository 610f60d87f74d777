/* Sends as much as the path takes, and no more: the load of `pierce bench`. */
#pragma once

#include <pierce.h>

typedef struct _BenchLoad BenchLoad;
typedef void (*BenchLoadFunc)(gpointer user_data);

/* @channels: of PierceDataChannel, all of @connection, all open. */
BenchLoad *bench_load_new(PiercePeerConnection *connection, GPtrArray *channels, gsize size_bytes);
void bench_load_free(BenchLoad *self);

void bench_load_start(BenchLoad *self);

/* Sends no more, and calls @on_drained once nothing waits for the peer, or after @deadline_ms. */
void bench_load_stop(BenchLoad *self, guint deadline_ms, BenchLoadFunc on_drained,
                     gpointer user_data);

guint64 bench_load_get_messages(const BenchLoad *self);
/* What was handed over, and how much of it the peer has not acknowledged. */
guint64 bench_load_get_bytes(const BenchLoad *self);
guint64 bench_load_get_buffered(const BenchLoad *self);
