/* Owns one end's channels, counters and clock.  What the two ends agree on is their business. */
#include "bench-run.h"

#include <sys/resource.h>

struct _BenchRun {
    PiercePeerConnection *connection;
    BenchParameters parameters;
    GPtrArray *channels;
    gboolean is_sender;
    BenchLoad *load; /* the sender's, from the beginning on */
    gboolean has_begun;
    gint64 begun_us;
    gint64 arrived_us; /* the last message */
    guint64 messages, bytes;
    guint64 first_cpu_us, first_resent;
};

static guint64
get_cpu_us(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (guint64) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
           (guint64) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static guint64
get_resent(const BenchRun *self)
{
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(self->connection);

    return pierce_stats_get_retransmissions(stats);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size_bytes,
           gpointer user_data)
{
    BenchRun *self = user_data;

    /* The first may outrun the word that it comes. */
    bench_run_begin(self);
    self->arrived_us = g_get_monotonic_time();
    self->messages++;
    self->bytes += size_bytes;
}

BenchRun *
bench_run_new(PiercePeerConnection *connection, const BenchParameters *parameters,
              gboolean is_sender)
{
    BenchRun *self = g_new0(BenchRun, 1);

    self->connection = g_object_ref(connection);
    self->parameters = *parameters;
    self->is_sender = is_sender;
    self->channels = g_ptr_array_new_with_free_func(g_object_unref);
    return self;
}

void
bench_run_free(BenchRun *self)
{
    g_clear_pointer(&self->load, bench_load_free);
    for (guint i = 0; i < self->channels->len; i++)
        pierce_data_channel_set_message_func(self->channels->pdata[i], NULL, NULL, NULL);
    g_ptr_array_unref(self->channels);
    g_object_unref(self->connection);
    g_free(self);
}

gboolean
bench_run_take(BenchRun *self, PierceDataChannel *channel)
{
    if (self->channels->len >= self->parameters.channels)
        return FALSE;
    g_ptr_array_add(self->channels, g_object_ref(channel));
    if (!self->is_sender)
        pierce_data_channel_set_message_func(channel, on_message, self, NULL);
    return TRUE;
}

gboolean
bench_run_open(BenchRun *self, GError **error)
{
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();

    pierce_data_channel_init_set_ordered(init, !self->parameters.is_unordered);
    if (self->parameters.max_retransmits >= 0)
        pierce_data_channel_init_set_max_retransmits(init,
                                                     (guint16) self->parameters.max_retransmits);
    for (guint i = 0; i < self->parameters.channels; i++) {
        g_autoptr(PierceDataChannel) channel = pierce_peer_connection_create_data_channel(
            self->connection, BENCH_LABEL_DATA, init, error);
        if (!channel)
            return FALSE;
        bench_run_take(self, channel);
    }
    return TRUE;
}

gboolean
bench_run_is_open(const BenchRun *self)
{
    for (guint i = 0; i < self->channels->len; i++) {
        if (pierce_data_channel_get_ready_state(self->channels->pdata[i]) !=
            PIERCE_DATA_CHANNEL_STATE_OPEN)
            return FALSE;
    }
    return self->channels->len == self->parameters.channels;
}

void
bench_run_begin(BenchRun *self)
{
    if (self->has_begun)
        return;
    self->has_begun = TRUE;
    self->begun_us = self->arrived_us = g_get_monotonic_time();
    self->first_cpu_us = get_cpu_us();
    self->first_resent = get_resent(self);
    if (!self->is_sender)
        return;
    self->load = bench_load_new(self->connection, self->channels, self->parameters.size_bytes);
    bench_load_start(self->load);
}

void
bench_run_stop(BenchRun *self, guint deadline_ms, BenchLoadFunc on_drained, gpointer user_data)
{
    bench_load_stop(self->load, deadline_ms, on_drained, user_data);
}

BenchCounts
bench_run_count(const BenchRun *self)
{
    BenchCounts counts = { .messages = self->messages, .bytes = self->bytes };

    if (!self->has_begun)
        return counts;
    if (self->load) {
        counts.messages = bench_load_get_messages(self->load);
        counts.bytes = bench_load_get_bytes(self->load);
    }
    counts.elapsed_us = (guint64) (g_get_monotonic_time() - self->begun_us);
    counts.cpu_us = get_cpu_us() - self->first_cpu_us;
    counts.resent = get_resent(self) - self->first_resent;
    return counts;
}

BenchCounts
bench_run_count_final(const BenchRun *self)
{
    BenchCounts counts = bench_run_count(self);

    if (!self->is_sender)
        counts.elapsed_us = (guint64) (self->arrived_us - self->begun_us);
    return counts;
}

BenchCounts
bench_run_count_delivered(const BenchRun *self)
{
    BenchCounts counts = bench_run_count(self);

    if (self->load) {
        counts.bytes -= bench_load_get_buffered(self->load);
        counts.messages = counts.bytes / self->parameters.size_bytes;
    }
    return counts;
}
