/* Owns the listening end of `pierce bench`: it serves one caller after another, within limits, and
 * whatever a caller does or leaves out it goes on to the next.
 *
 *     NEW -(run)-> QUEUED -> READY -(begin)-> RUNNING -(end)-> DONE
 *                            in reverse:      RUNNING -(time is up, stop)-> ENDING -(end)-> DONE */
#include "bench-control.h"
#include "bench-ends.h"
#include "bench-report.h"
#include "bench-run.h"
#include "report.h"
#include "timer.h"

#include <string.h>

#define MAX_CALLERS 8
/* From ready to begin: the channels open, the idle path is measured. */
#define BEGIN_MS BENCH_ANSWER_MS
/* A caller that has everything closes the connection; else it is closed after this. */
#define GOODBYE_MS 5000
/* A caller that takes no pings back gets no more. */
#define MAX_PING_BYTES 64
#define MAX_PINGS_BUFFERED (64 * 1024)

typedef enum {
    STATE_NEW,
    STATE_QUEUED,
    STATE_READY,
    STATE_RUNNING,
    STATE_ENDING,
    STATE_DONE,
} State;

typedef struct {
    Session *session;
    GHashTable *callers; /* SessionPeer -> Caller */
    GQueue queue;        /* of Caller, not owned */
    struct _Caller *active;
} Listener;

typedef struct _Caller {
    Listener *listener;
    SessionPeer *peer;
    PierceDataChannel *control; /* NULL until it is there */
    PierceDataChannel *ping;
    State state;
    BenchParameters parameters;
    BenchRun *run;
    BenchReport report;
    BenchCounts there; /* the caller's final figures */
    gboolean is_there_known;
    gboolean wants_begin;
    guint64 moved_bytes; /* that had arrived at moved_us, the last time that more had */
    gint64 moved_us;
    GSource *tick;
    GSource *timer; /* what the state waits for at most */
} Caller;

static void
clear_ping(Caller *self)
{
    if (self->ping)
        pierce_data_channel_set_message_func(self->ping, NULL, NULL, NULL);
    g_clear_object(&self->ping);
}

static void
caller_free(Caller *self)
{
    timer_stop(&self->tick);
    timer_stop(&self->timer);
    clear_ping(self);
    if (self->control)
        pierce_data_channel_set_message_func(self->control, NULL, NULL, NULL);
    g_clear_object(&self->control);
    g_clear_pointer(&self->run, bench_run_free);
    g_free(self);
}

static gboolean
on_close(gpointer user_data)
{
    Caller *self = user_data;

    /* Frees self. */
    pierce_peer_connection_close(self->peer->connection);
    return G_SOURCE_REMOVE;
}

/* Closes the connection, from the loop: the caller may be on the stack. */
static void
close_caller(Caller *self, guint delay_ms)
{
    self->state = STATE_DONE;
    timer_start(&self->timer, "pierce bench deadline", delay_ms, on_close, self);
}

static void serve_next(Listener *listener);

/* The run is over, one way or another. */
static void
end_run(Caller *self)
{
    Listener *listener = self->listener;
    gboolean is_reverse = self->parameters.is_reverse;
    BenchCounts here;

    if (listener->active != self)
        return;
    listener->active = NULL;
    here = bench_run_count_final(self->run);
    BenchResult result = {
        .sent = is_reverse ? here : self->there,
        .received = is_reverse ? self->there : here,
        .is_sent_known = is_reverse || self->is_there_known,
        .is_received_known = !is_reverse || self->is_there_known,
        .is_complete = self->is_there_known,
    };
    timer_stop(&self->tick);
    bench_report_end(&self->report, &result);
    bench_report_flush(&self->report);
    clear_ping(self);
    g_clear_pointer(&self->run, bench_run_free);
    serve_next(listener);
}

static void
drop(Caller *self, const char *code, const char *what)
{
    g_autofree char *message = NULL;

    if (self->state == STATE_DONE)
        return;
    message =
        g_strdup_printf("%s %s; its connection is closed", session_peer_name(self->peer), what);
    terminal_status(&self->listener->session->terminal, "");
    report_error(self->listener->session, code, message);
    close_caller(self, 0);
    g_queue_remove(&self->listener->queue, self);
    end_run(self);
}

static gboolean
on_overdue(gpointer user_data)
{
    drop(user_data, "timeout", "does not go on in time");
    return G_SOURCE_REMOVE;
}

/* --- the run */

static gboolean
is_stalled(Caller *self, const BenchCounts *arrived)
{
    gint64 now_us = g_get_monotonic_time();

    if (arrived->bytes != self->moved_bytes || !self->moved_us) {
        self->moved_bytes = arrived->bytes;
        self->moved_us = now_us;
    }
    return self->peer->is_lost || now_us - self->moved_us > (gint64) BENCH_ANSWER_MS * 1000;
}

static gboolean
on_tick(gpointer user_data)
{
    Caller *self = user_data;
    BenchCounts arrived = bench_run_count_delivered(self->run);
    BenchCounts counts = bench_run_count(self->run);

    bench_report_tick(&self->report, &arrived);
    /* While it sends, a word beside the load would slow that down. */
    if (self->state == STATE_RUNNING && !self->parameters.is_reverse)
        bench_control_send_counts(self->control, BENCH_PROGRESS, &counts);
    /* It might go on, but not while others wait. */
    if (is_stalled(self, &arrived) && !g_queue_is_empty(&self->listener->queue))
        drop(self, "lost", "is silent, and another caller waits");
    return G_SOURCE_CONTINUE;
}

static void
on_drained(gpointer user_data)
{
    Caller *self = user_data;
    BenchCounts counts = bench_run_count(self->run);

    bench_control_send_counts(self->control, BENCH_END, &counts);
    timer_start(&self->timer, "pierce bench deadline", BENCH_ANSWER_MS, on_overdue, self);
}

static gboolean
stop_sending(gpointer user_data)
{
    Caller *self = user_data;

    self->state = STATE_ENDING;
    timer_stop(&self->timer);
    bench_run_stop(self->run, BENCH_DRAIN_MS, on_drained, self);
    return G_SOURCE_REMOVE;
}

/* Once the caller said so, and all its channels are here. */
static void
begin_if_ready(Caller *self)
{
    guint run_ms = self->parameters.seconds * 1000;

    if (self->state != STATE_READY || !self->wants_begin || !bench_run_is_open(self->run))
        return;
    self->state = STATE_RUNNING;
    bench_report_begin(&self->report);
    timer_start(&self->tick, "pierce bench tick", BENCH_TICK_MS, on_tick, self);
    bench_run_begin(self->run);
    if (self->parameters.is_reverse) {
        bench_control_send_verb(self->control, BENCH_BEGIN);
        timer_start(&self->timer, "pierce bench deadline", run_ms, stop_sending, self);
    } else {
        timer_start(&self->timer, "pierce bench deadline",
                    run_ms + BENCH_DRAIN_MS + BENCH_ANSWER_MS, on_overdue, self);
    }
}

static void
serve_next(Listener *listener)
{
    Caller *self;

    if (listener->active || !(self = g_queue_pop_head(&listener->queue)))
        return;
    listener->active = self;
    self->state = STATE_READY;
    self->run =
        bench_run_new(self->peer->connection, &self->parameters, self->parameters.is_reverse);
    self->report = (BenchReport){ .session = listener->session,
                                  .peer = self->peer,
                                  .parameters = self->parameters };
    bench_control_send_verb(self->control, BENCH_READY);
    timer_start(&self->timer, "pierce bench deadline", BEGIN_MS, on_overdue, self);
}

/* --- what the caller says */

static void
take_run(Caller *self, const BenchMessage *message)
{
    BenchMessage answer;

    if (!bench_message_get_parameters(message, &self->parameters, &answer)) {
        bench_control_send(self->control, &answer);
        close_caller(self, GOODBYE_MS);
        return;
    }
    timer_stop(&self->timer);
    self->state = STATE_QUEUED;
    g_queue_push_tail(&self->listener->queue, self);
    if (self->listener->active)
        bench_control_send_verb(self->control, BENCH_WAIT);
    serve_next(self->listener);
}

static void
take_end(Caller *self, const BenchMessage *message)
{
    if (!bench_message_get_counts(message, &self->there)) {
        drop(self, "protocol", "ends without its figures");
        return;
    }
    self->is_there_known = TRUE;
    if (!self->parameters.is_reverse) {
        BenchCounts counts = bench_run_count_final(self->run);
        bench_control_send_counts(self->control, BENCH_END, &counts);
    }
    close_caller(self, GOODBYE_MS);
    end_run(self);
}

/* FALSE for what does not belong here. */
static gboolean
take_message(Caller *self, const BenchMessage *message)
{
    gboolean is_reverse = self->parameters.is_reverse;

    switch (message->verb) {
    case BENCH_RUN:
        if (self->state != STATE_NEW)
            return FALSE;
        take_run(self, message);
        return TRUE;
    case BENCH_BEGIN:
        if (self->state != STATE_READY || self->wants_begin)
            return FALSE;
        self->wants_begin = TRUE;
        begin_if_ready(self);
        return TRUE;
    case BENCH_STOP:
        /* It may cross the listener's own end. */
        if (!is_reverse || (self->state != STATE_RUNNING && self->state != STATE_ENDING))
            return FALSE;
        if (self->state == STATE_RUNNING)
            stop_sending(self);
        return TRUE;
    case BENCH_END:
        if (self->state != (is_reverse ? STATE_ENDING : STATE_RUNNING))
            return FALSE;
        take_end(self, message);
        return TRUE;
    case BENCH_UNKNOWN:
        return TRUE;
    case BENCH_WAIT:
    case BENCH_READY:
    case BENCH_REFUSED:
    case BENCH_PROGRESS:
        return FALSE;
    }
    return FALSE;
}

static void
on_control_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data,
                   gsize size_bytes, gpointer user_data)
{
    Caller *self = user_data;
    BenchMessage message;

    if (self->state == STATE_DONE)
        return;
    if (type != PIERCE_MESSAGE_TYPE_TEXT ||
        !bench_message_parse(&message, (const char *) data, size_bytes) ||
        !take_message(self, &message))
        drop(self, "protocol", "sends something that does not belong here");
}

static void
on_ping(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size_bytes,
        gpointer user_data)
{
    if (size_bytes <= MAX_PING_BYTES &&
        pierce_data_channel_get_buffered_amount(channel) < MAX_PINGS_BUFFERED)
        pierce_data_channel_send(channel, data, size_bytes, NULL);
}

/* --- the session */

static Caller *
get_caller(Listener *listener, SessionPeer *peer)
{
    Caller *self = g_hash_table_lookup(listener->callers, peer);

    if (self)
        return self;
    self = g_new0(Caller, 1);
    self->listener = listener;
    self->peer = peer;
    g_hash_table_insert(listener->callers, peer, self);
    timer_start(&self->timer, "pierce bench deadline", BENCH_ANSWER_MS, on_overdue, self);
    return self;
}

/* FALSE for a channel that nothing was agreed on about. */
static gboolean
take_channel(Caller *self, PierceDataChannel *channel, const char *label)
{
    gboolean is_ready = self->state == STATE_READY;

    if (strcmp(label, BENCH_LABEL_CONTROL) == 0 && !self->control) {
        self->control = g_object_ref(channel);
        pierce_data_channel_set_message_func(channel, on_control_message, self, NULL);
        return TRUE;
    }
    if (strcmp(label, BENCH_LABEL_PING) == 0 && is_ready && !self->ping) {
        self->ping = g_object_ref(channel);
        pierce_data_channel_set_message_func(channel, on_ping, NULL, NULL);
        return TRUE;
    }
    return strcmp(label, BENCH_LABEL_DATA) == 0 && is_ready && bench_run_take(self->run, channel);
}

static void
on_new_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    if (!take_channel(get_caller(user_data, peer), channel, pierce_data_channel_get_label(channel)))
        pierce_data_channel_close(channel);
}

static void
on_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    begin_if_ready(get_caller(user_data, peer));
}

static void
on_connected(SessionPeer *peer, gpointer user_data)
{
    get_caller(user_data, peer);
}

static void
on_gone(SessionPeer *peer, const GError *error, gpointer user_data)
{
    Listener *listener = user_data;
    Caller *self = g_hash_table_lookup(listener->callers, peer);

    if (!self)
        return;
    g_hash_table_steal(listener->callers, peer);
    g_queue_remove(&listener->queue, self);
    end_run(self);
    caller_free(self);
}

static void
on_interrupt(Session *session, gpointer user_data)
{
    terminal_status(&session->terminal, "");
    session_end(session, EXIT_OK);
}

static const SessionHandlers handlers = {
    .on_connected = on_connected,
    .on_new_channel = on_new_channel,
    .on_channel = on_channel,
    .on_gone = on_gone,
    .on_interrupt = on_interrupt,
    .max_peers = MAX_CALLERS,
};

ExitCode
bench_listen(const Options *options)
{
    Listener self = { 0 };

    g_autoptr(Session) session = session_new(options, &handlers, &self);
    if (!session)
        return EXIT_USAGE;
    self.session = session;
    self.callers = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify) caller_free);
    ExitCode exit_code = session_run(session);
    self.active = NULL;
    g_queue_clear(&self.queue);
    g_hash_table_unref(self.callers);
    return exit_code;
}
