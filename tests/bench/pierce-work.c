/* Owns the flows of messages, never the pairs' set-up.  A flow keeps a number of messages under
 * way: each that arrives has the next one sent. */
#include "tests/bench/pierce-work.h"

#include "tests/bench/pierce-pairs.h"

#include <gio/gio.h>
#include <pthread.h>
#include <time.h>

#define COST_BYTES 64
#define COST_DEPTH 100
#define QUEUED_BYTES 4096 /* a thousand of them do not fit into a send buffer */
#define THREAD_BYTES 16384
#define THREAD_DEPTH 64
#define WARM_UP_FRACTION 0.3
#define MOST_BYTES 65536

typedef struct {
    GPtrArray *channels; /* the senders', used in turn; the pair's */
    gsize size;
    guint depth;
    gboolean is_stopped;
    guint64 sent, received;
} Flow;

static void
flow_fill(Flow *flow)
{
    static const guint8 bytes[MOST_BYTES];
    while (!flow->is_stopped && flow->sent - flow->received < flow->depth) {
        PierceDataChannel *channel = flow->channels->pdata[flow->sent % flow->channels->len];
        flow->is_stopped |= !pierce_data_channel_send(channel, bytes, flow->size, NULL);
        flow->sent++;
    }
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    Flow *flow = user_data;
    flow->received++;
    flow_fill(flow);
}

static void
flow_start(Flow *flow, Pair *pair, gsize size, guint depth)
{
    *flow = (Flow){ .channels = pair->channels[0], .size = size, .depth = depth };
    for (guint i = 0; i < pair->channels[1]->len; i++)
        pierce_data_channel_set_message_func(pair->channels[1]->pdata[i], on_message, flow, NULL);
    flow_fill(flow);
}

/* Runs the thread's loop. */
static void
run(double time_ms)
{
    GMainContext *context = g_main_context_get_thread_default();
    gint64 deadline_us = g_get_monotonic_time() + (gint64) (time_ms * 1e3);
    while (g_get_monotonic_time() < deadline_us)
        g_main_context_iteration(context, TRUE);
}

/* ---- the cost of a message ---- */

static double
processor_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static double
measure_flow(Pair *pair, gsize size, guint depth, guint time_ms)
{
    Flow flow;
    flow_start(&flow, pair, size, depth);
    run(WARM_UP_FRACTION * time_ms);
    guint64 received = flow.received;
    double begun_us = processor_us();
    run(time_ms);
    double cost_us = (processor_us() - begun_us) / (double) MAX(flow.received - received, 1);
    flow.is_stopped = TRUE;
    while (flow.received < flow.sent &&
           pierce_data_channel_get_ready_state(flow.channels->pdata[0]) ==
               PIERCE_DATA_CHANNEL_STATE_OPEN)
        g_main_context_iteration(g_main_context_get_thread_default(), TRUE);
    return cost_us;
}

gboolean
work_measure_cost(WorkKind kind, guint count, guint time_ms, double *cost_us, GError **error)
{
    g_autoptr(GPtrArray) others =
        kind == WORK_CONNECTIONS ? pairs_new(count - 1, error) : pairs_array_new();
    Pair *pair = others ? pair_new(kind == WORK_CHANNELS ? count : 1, error) : NULL;
    if (!pair)
        return FALSE;
    *cost_us = kind == WORK_QUEUED ? measure_flow(pair, QUEUED_BYTES, count, time_ms)
                                   : measure_flow(pair, COST_BYTES, COST_DEPTH, time_ms);
    pair_free(pair);
    return TRUE;
}

/* ---- threads ---- */

typedef struct {
    pthread_t thread;
    pthread_barrier_t *barrier;
    guint pairs;
    guint time_ms;
    double rate;
    GError *error;
} Worker;

static guint64
count_received(const Flow *flows, guint count)
{
    guint64 sum = 0;
    for (guint i = 0; i < count; i++)
        sum += flows[i].received;
    return sum;
}

static void
move(Worker *worker, GPtrArray *pairs)
{
    g_autofree Flow *flows = g_new0(Flow, worker->pairs);
    for (guint i = 0; i < worker->pairs; i++)
        flow_start(&flows[i], pairs->pdata[i], THREAD_BYTES, THREAD_DEPTH);
    run(WARM_UP_FRACTION * worker->time_ms);
    guint64 received = count_received(flows, worker->pairs);
    gint64 begun_us = g_get_monotonic_time();
    run(worker->time_ms);
    received = count_received(flows, worker->pairs) - received;
    worker->rate = (double) received * THREAD_BYTES / (double) (g_get_monotonic_time() - begun_us);
    for (guint i = 0; i < worker->pairs; i++)
        flows[i].is_stopped = TRUE;
    pthread_barrier_wait(worker->barrier); /* nobody stops while another still counts */
    g_ptr_array_set_size(pairs, 0);
}

static void *
run_worker(void *data)
{
    Worker *worker = data;
    g_autoptr(GMainContext) context = g_main_context_new();
    g_main_context_push_thread_default(context);
    g_autoptr(GPtrArray) pairs = pairs_new(worker->pairs, &worker->error);
    pthread_barrier_wait(worker->barrier);
    if (pairs)
        move(worker, pairs);
    else
        pthread_barrier_wait(worker->barrier);
    g_main_context_pop_thread_default(context);
    return NULL;
}

gboolean
work_measure_threads(guint threads, guint pairs, guint time_ms, double *rate, GError **error)
{
    pthread_barrier_t barrier;
    g_autofree Worker *workers = g_new0(Worker, threads);
    gboolean is_done = TRUE;
    *rate = 0;
    pthread_barrier_init(&barrier, NULL, threads);
    for (guint i = 0; i < threads; i++) {
        workers[i] = (Worker){ .barrier = &barrier, .pairs = pairs / threads, .time_ms = time_ms };
        pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]);
    }
    for (guint i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        *rate += workers[i].rate;
        is_done &= workers[i].error == NULL;
        if (workers[i].error && !*error)
            g_propagate_error(error, workers[i].error);
        else
            g_clear_error(&workers[i].error);
    }
    pthread_barrier_destroy(&barrier);
    return is_done;
}
