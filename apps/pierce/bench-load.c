/* Owns the sending of a load over one or more channels, and how much of it may wait: memory stays
 * bounded on any path, and a slow one does not collect seconds of data that nobody waits for. */
#include "bench-load.h"

#include "timer.h"

#define FIRST_LIMIT (256 * 1024)
#define LEAST_LIMIT (64 * 1024)
#define LARGEST_LIMIT (32 * 1024 * 1024)
/* Twice what is on its way, for the window to grow into, and what is sent while a process waits for
 * its turn. */
#define ROUND_TRIPS 2
#define WAKE_UP_S 0.005
#define ADAPT_MS 100
#define SHRINK 0.9
/* What one turn of the loop sends; acknowledgements are read in between. */
#define TURN_MESSAGES 256
#define TURN_BYTES (256 * 1024)

struct _BenchLoad {
    PiercePeerConnection *connection;
    GPtrArray *channels;
    guint8 *message;
    gsize size_bytes;
    guint64 messages;
    guint64 limit_bytes; /* of what may wait, over all channels */
    guint next;          /* whose turn it is */
    GSource *turn;
    GSource *adapt;
    guint64 adapted_acknowledged; /* at the last adaption */
    gint64 adapted_us;
    gboolean is_stopping;
    BenchLoadFunc on_drained;
    gpointer user_data;
    GSource *deadline;
};

static guint64
channel_limit(const BenchLoad *self)
{
    return MAX(self->limit_bytes / self->channels->len, self->size_bytes);
}

/* Sends one message on the next channel that takes one. */
static gboolean
send_one(BenchLoad *self)
{
    guint64 limit = channel_limit(self);

    for (guint i = 0; i < self->channels->len; i++) {
        PierceDataChannel *channel = self->channels->pdata[self->next];
        self->next = (self->next + 1) % self->channels->len;
        if (pierce_data_channel_get_buffered_amount(channel) >= limit ||
            !pierce_data_channel_send(channel, self->message, self->size_bytes, NULL))
            continue;
        self->messages++;
        return TRUE;
    }
    return FALSE;
}

static gboolean
on_turn(gpointer user_data)
{
    BenchLoad *self = user_data;
    gsize left = CLAMP(TURN_BYTES / self->size_bytes, 1, TURN_MESSAGES);

    while (left > 0 && send_one(self))
        left--;
    /* With none left there was more to send; else a channel tells when it has room. */
    g_source_set_ready_time(self->turn, left == 0 ? 0 : -1);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_turn(GSource *source, GSourceFunc func, gpointer user_data)
{
    return func(user_data);
}

static const GSourceFuncs turn_funcs = { .dispatch = dispatch_turn };

static void
set_limit(BenchLoad *self, guint64 limit_bytes)
{
    self->limit_bytes = CLAMP(limit_bytes, LEAST_LIMIT, LARGEST_LIMIT);
    for (guint i = 0; i < self->channels->len; i++)
        pierce_data_channel_set_buffered_amount_low_threshold(self->channels->pdata[i],
                                                              channel_limit(self) / 2);
}

static gboolean
on_adapt(gpointer user_data)
{
    BenchLoad *self = user_data;
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(self->connection);
    double rtt_s = MAX(pierce_stats_get_round_trip_time_ms(stats), 0) / 1000;
    guint64 acknowledged = bench_load_get_bytes(self) - bench_load_get_buffered(self);
    gint64 now_us = g_get_monotonic_time();
    double elapsed_s = (double) (now_us - self->adapted_us) / G_USEC_PER_SEC;
    double rate = (double) (acknowledged - self->adapted_acknowledged) / elapsed_s;
    double wanted = rate * (ROUND_TRIPS * rtt_s + WAKE_UP_S);

    self->adapted_us = now_us;
    self->adapted_acknowledged = acknowledged;
    set_limit(self, (guint64) MAX(wanted, (double) self->limit_bytes * SHRINK));
    /* A threshold that rises past what waits is never crossed. */
    g_source_set_ready_time(self->turn, 0);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_deadline(gpointer user_data)
{
    BenchLoad *self = user_data;

    timer_stop(&self->deadline);
    if (self->on_drained)
        self->on_drained(self->user_data);
    return G_SOURCE_REMOVE;
}

static void
check_drained(BenchLoad *self)
{
    if (!self->deadline || bench_load_get_buffered(self) > 0)
        return;
    /* From the loop, since this may be inside a channel's callback, or in bench_load_stop(). */
    g_source_set_ready_time(self->deadline, 0);
}

static void
on_low(PierceDataChannel *channel, BenchLoad *self)
{
    if (self->is_stopping)
        check_drained(self);
    else if (self->turn)
        on_turn(self); /* inside the callback, as programs do: waiting for the loop costs a third */
}

BenchLoad *
bench_load_new(PiercePeerConnection *connection, GPtrArray *channels, gsize size_bytes)
{
    BenchLoad *self = g_new0(BenchLoad, 1);

    self->connection = g_object_ref(connection);
    self->channels = g_ptr_array_ref(channels);
    self->size_bytes = size_bytes;
    self->message = g_malloc(size_bytes);
    /* Nothing on the way can compress it. */
    for (gsize i = 0; i < size_bytes; i++)
        self->message[i] = (guint8) g_random_int();
    set_limit(self, FIRST_LIMIT);
    for (guint i = 0; i < channels->len; i++) {
        g_signal_connect(channels->pdata[i], "buffered-amount-low", G_CALLBACK(on_low), self);
        g_signal_connect(channels->pdata[i], "close", G_CALLBACK(on_low), self);
    }
    return self;
}

void
bench_load_start(BenchLoad *self)
{
    self->turn = g_source_new((GSourceFuncs *) &turn_funcs, sizeof(GSource));
    g_source_set_static_name(self->turn, "pierce bench turn");
    g_source_set_callback(self->turn, on_turn, self, NULL);
    g_source_set_ready_time(self->turn, 0);
    g_source_attach(self->turn, NULL);
    self->adapted_us = g_get_monotonic_time();
    timer_start(&self->adapt, "pierce bench limit", ADAPT_MS, on_adapt, self);
}

void
bench_load_stop(BenchLoad *self, guint deadline_ms, BenchLoadFunc on_drained, gpointer user_data)
{
    self->is_stopping = TRUE;
    timer_stop(&self->turn);
    timer_stop(&self->adapt);
    self->on_drained = on_drained;
    self->user_data = user_data;
    for (guint i = 0; i < self->channels->len; i++)
        pierce_data_channel_set_buffered_amount_low_threshold(self->channels->pdata[i], 0);
    timer_start(&self->deadline, "pierce bench drain", deadline_ms, on_deadline, self);
    check_drained(self);
}

void
bench_load_free(BenchLoad *self)
{
    timer_stop(&self->turn);
    timer_stop(&self->adapt);
    timer_stop(&self->deadline);
    for (guint i = 0; i < self->channels->len; i++)
        g_signal_handlers_disconnect_by_data(self->channels->pdata[i], self);
    g_ptr_array_unref(self->channels);
    g_object_unref(self->connection);
    g_free(self->message);
    g_free(self);
}

guint64
bench_load_get_messages(const BenchLoad *self)
{
    return self->messages;
}

guint64
bench_load_get_bytes(const BenchLoad *self)
{
    return self->messages * self->size_bytes;
}

guint64
bench_load_get_buffered(const BenchLoad *self)
{
    guint64 buffered = 0;

    for (guint i = 0; i < self->channels->len; i++) {
        PierceDataChannel *channel = self->channels->pdata[i];
        if (pierce_data_channel_get_ready_state(channel) == PIERCE_DATA_CHANNEL_STATE_OPEN)
            buffered += pierce_data_channel_get_buffered_amount(channel);
    }
    return buffered;
}
