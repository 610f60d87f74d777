/* Owns the pings of one run and their samples.
 *
 * While there is no load they follow each other; under load they leave at a steady pace whether or
 * not the last has returned, because a path that holds one up for long shall not be asked less. */
#include "bench-ping.h"

#include "timer.h"

#include <string.h>

#define IDLE_PINGS 5
#define IDLE_DEADLINE_MS 2000
#define INTERVAL_MS 20
/* No more than this many are under way. */
#define MAX_UNANSWERED 256

typedef struct {
    guint64 number;
    gint64 sent_us;
} Ping;

struct _BenchPing {
    PierceDataChannel *channel;
    void (*on_idle_known)(gpointer user_data);
    gpointer user_data;
    guint64 sent, answered;
    guint64 first_loaded; /* number of the first ping under load, 0 before */
    double idle_ms;
    GArray *samples; /* of double, milliseconds */
    GSource *timer;
};

static void
send_ping(BenchPing *self)
{
    Ping ping = { .number = self->sent + 1, .sent_us = g_get_monotonic_time() };

    if (self->sent - self->answered < MAX_UNANSWERED &&
        pierce_data_channel_send(self->channel, (const guint8 *) &ping, sizeof ping, NULL))
        self->sent++;
}

static void
end_idle(BenchPing *self)
{
    void (*on_idle_known)(gpointer user_data) = self->on_idle_known;

    timer_stop(&self->timer);
    self->on_idle_known = NULL;
    if (on_idle_known)
        on_idle_known(self->user_data);
}

static gboolean
on_idle_deadline(gpointer user_data)
{
    end_idle(user_data);
    return G_SOURCE_REMOVE;
}

static void
take_idle(BenchPing *self, double rtt_ms)
{
    if (!self->on_idle_known)
        return;
    self->idle_ms = self->idle_ms < 0 ? rtt_ms : MIN(self->idle_ms, rtt_ms);
    if (self->answered >= IDLE_PINGS)
        end_idle(self);
    else
        send_ping(self);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size_bytes,
           gpointer user_data)
{
    BenchPing *self = user_data;
    gint64 now_us = g_get_monotonic_time();
    Ping ping;

    if (size_bytes != sizeof ping)
        return;
    memcpy(&ping, data, sizeof ping);
    /* The channel keeps the order, so anything else is not an answer. */
    if (ping.number != self->answered + 1 || ping.number > self->sent || ping.sent_us > now_us)
        return;
    self->answered++;
    double rtt_ms = (double) (now_us - ping.sent_us) / 1000;
    if (!self->first_loaded)
        take_idle(self, rtt_ms);
    else if (ping.number >= self->first_loaded)
        g_array_append_val(self->samples, rtt_ms);
}

static void
on_open(PierceDataChannel *channel, BenchPing *self)
{
    send_ping(self);
}

static gboolean
on_interval(gpointer user_data)
{
    send_ping(user_data);
    return G_SOURCE_CONTINUE;
}

BenchPing *
bench_ping_new(PierceDataChannel *channel, void (*on_idle_known)(gpointer user_data),
               gpointer user_data)
{
    BenchPing *self = g_new0(BenchPing, 1);

    self->channel = g_object_ref(channel);
    self->on_idle_known = on_idle_known;
    self->user_data = user_data;
    self->idle_ms = -1;
    self->samples = g_array_new(FALSE, FALSE, sizeof(double));
    pierce_data_channel_set_message_func(channel, on_message, self, NULL);
    timer_start(&self->timer, "pierce bench ping", IDLE_DEADLINE_MS, on_idle_deadline, self);
    if (pierce_data_channel_get_ready_state(channel) == PIERCE_DATA_CHANNEL_STATE_OPEN)
        send_ping(self);
    else
        g_signal_connect(channel, "open", G_CALLBACK(on_open), self);
    return self;
}

void
bench_ping_free(BenchPing *self)
{
    timer_stop(&self->timer);
    g_signal_handlers_disconnect_by_data(self->channel, self);
    pierce_data_channel_set_message_func(self->channel, NULL, NULL, NULL);
    g_object_unref(self->channel);
    g_array_unref(self->samples);
    g_free(self);
}

void
bench_ping_start(BenchPing *self)
{
    self->first_loaded = self->sent + 1;
    timer_start(&self->timer, "pierce bench ping", INTERVAL_MS, on_interval, self);
}

void
bench_ping_stop(BenchPing *self)
{
    timer_stop(&self->timer);
}

double
bench_ping_get_idle_ms(const BenchPing *self)
{
    return self->idle_ms;
}

guint
bench_ping_get_count(const BenchPing *self)
{
    return self->samples->len;
}

RoundTripSummary
bench_ping_sum_up(const BenchPing *self, guint first)
{
    g_autoptr(GArray) part = g_array_new(FALSE, FALSE, sizeof(double));

    if (first < self->samples->len)
        g_array_append_vals(part, &g_array_index(self->samples, double, first),
                            self->samples->len - first);
    return round_trips_sum_up(part);
}
