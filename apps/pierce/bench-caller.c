/* Owns the calling end of `pierce bench`: it says what to do, does its half, and sums up.
 *
 *     CONNECTING -> ASKING -(ready)-> OPENING -> RUNNING -(time is up, ^C)-> ENDING -> LEAVING
 *                     `-(wait)-> QUEUED -(ready)--^
 *
 * In reverse RUNNING lasts until the listener ends it. */
#include "bench-control.h"
#include "bench-ends.h"
#include "bench-report.h"
#include "bench-run.h"
#include "report.h"
#include "timer.h"

#include <string.h>

#define LEAVE_MS 1000

typedef enum {
    STATE_CONNECTING,
    STATE_ASKING,
    STATE_QUEUED,
    STATE_OPENING,
    STATE_RUNNING,
    STATE_ENDING,
    STATE_LEAVING,
} State;

typedef struct {
    Session *session;
    SessionPeer *peer;
    PierceDataChannel *control;
    State state;
    BenchParameters parameters;
    BenchRun *run;
    BenchPing *ping;
    BenchReport report;
    BenchCounts there; /* as the listener told last */
    gboolean is_there_known, is_there_final;
    gboolean is_interrupted;
    GSource *tick;
    GSource *timer; /* what the state waits for at most */
} Caller;

/* --- the end */

static BenchResult
get_result(const Caller *self)
{
    gboolean is_reverse = self->parameters.is_reverse;
    BenchCounts here = bench_run_count_final(self->run);

    return (BenchResult){
        .sent = is_reverse ? self->there : here,
        .received = is_reverse ? here : self->there,
        .is_sent_known = !is_reverse || self->is_there_known,
        .is_received_known = is_reverse || self->is_there_known,
        .is_complete = self->is_there_final,
    };
}

/* Prints what is known, and ends. */
static void
finish(Caller *self, ExitCode exit_code)
{
    BenchResult result;

    if (self->session->is_ending)
        return;
    timer_stop(&self->tick);
    timer_stop(&self->timer);
    if (self->run) {
        result = get_result(self);
        bench_report_end(&self->report, &result);
        if (result.is_complete && result.received.messages == 0) {
            report_error(self->session, "nothing", "no message arrived, though the path works");
            exit_code = EXIT_NOT_CONNECTED;
        }
    }
    session_end(self->session, exit_code);
    bench_report_flush(&self->report);
}

static void
fail(Caller *self, const char *code, char *message)
{
    g_autofree char *text = message;

    if (self->session->is_ending)
        return;
    terminal_status(&self->session->terminal, "");
    report_error(self->session, code, text);
    finish(self, EXIT_NOT_CONNECTED);
}

static const char *
peer_name(const Caller *self)
{
    return self->session->options->to;
}

static gboolean
on_no_answer(gpointer user_data)
{
    Caller *self = user_data;

    timer_stop(&self->timer);
    if (self->is_interrupted)
        finish(self, EXIT_OK);
    else if (self->state == STATE_ASKING)
        fail(self, "no-listener",
             g_strdup_printf("%s is there, but does not answer; run \"pierce bench --listen "
                             "--name %s\" there",
                             peer_name(self), peer_name(self)));
    else if (self->state == STATE_QUEUED)
        fail(self, "timeout",
             g_strdup_printf("%s still serves another caller (gave up after %d s)", peer_name(self),
                             self->session->options->timeout_s));
    else
        fail(self, "timeout",
             g_strdup_printf("%s no longer answers (gave up after %d s)", peer_name(self),
                             BENCH_ANSWER_MS / 1000));
    return G_SOURCE_REMOVE;
}

static gboolean
on_left(gpointer user_data)
{
    finish(user_data, EXIT_OK);
    return G_SOURCE_REMOVE;
}

static void
on_control_low(PierceDataChannel *control, Caller *self)
{
    if (self->state == STATE_LEAVING)
        timer_start(&self->timer, "pierce bench deadline", 0, on_left, self);
}

/* The listener's figures are here; ours have to arrive there before the connection goes. */
static void
leave(Caller *self)
{
    self->state = STATE_LEAVING;
    timer_stop(&self->tick);
    if (pierce_data_channel_get_buffered_amount(self->control) == 0)
        timer_start(&self->timer, "pierce bench deadline", 0, on_left, self);
    else
        timer_start(&self->timer, "pierce bench deadline", LEAVE_MS, on_left, self);
}

/* --- the run */

static void
on_drained(gpointer user_data)
{
    Caller *self = user_data;
    BenchCounts counts = bench_run_count(self->run);

    bench_control_send_counts(self->control, BENCH_END, &counts);
    timer_start(&self->timer, "pierce bench deadline", BENCH_ANSWER_MS, on_no_answer, self);
}

/* The sender's time is up, or ^C was pressed. */
static void
stop_sending(Caller *self)
{
    self->state = STATE_ENDING;
    timer_stop(&self->timer);
    bench_ping_stop(self->ping);
    bench_run_stop(self->run, BENCH_DRAIN_MS, on_drained, self);
}

static gboolean
on_time_is_up(gpointer user_data)
{
    stop_sending(user_data);
    return G_SOURCE_REMOVE;
}

static void
tell_progress(Caller *self)
{
    BenchCounts arrived = self->parameters.is_reverse ? bench_run_count(self->run) : self->there;

    if (!self->parameters.is_reverse)
        arrived.resent = bench_run_count(self->run).resent;
    bench_report_tick(&self->report, &arrived);
}

static gboolean
on_tick(gpointer user_data)
{
    tell_progress(user_data);
    return G_SOURCE_CONTINUE;
}

static void
begin(Caller *self)
{
    self->state = STATE_RUNNING;
    bench_control_send_verb(self->control, BENCH_BEGIN);
    bench_report_begin(&self->report);
    if (!self->session->options->no_ping)
        bench_ping_start(self->ping);
    timer_start(&self->tick, "pierce bench tick", BENCH_TICK_MS, on_tick, self);
    if (self->parameters.is_reverse) {
        timer_start(&self->timer, "pierce bench deadline",
                    self->parameters.seconds * 1000 + BENCH_DRAIN_MS + BENCH_ANSWER_MS,
                    on_no_answer, self);
        return;
    }
    bench_run_begin(self->run);
    timer_start(&self->timer, "pierce bench deadline", self->parameters.seconds * 1000,
                on_time_is_up, self);
}

/* The round trip of the idle path is known, or will not be; the channels opened meanwhile. */
static void
on_idle_known(gpointer user_data)
{
    Caller *self = user_data;

    if (self->state == STATE_OPENING)
        begin(self);
}

static void
open_channels(Caller *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PierceDataChannel) channel = NULL;
    PiercePeerConnection *connection = self->peer->connection;

    self->state = STATE_OPENING;
    timer_stop(&self->timer);
    self->run = bench_run_new(connection, &self->parameters, !self->parameters.is_reverse);
    self->report = (BenchReport){ .session = self->session,
                                  .peer = self->peer,
                                  .parameters = self->parameters,
                                  .is_caller = TRUE };
    channel =
        pierce_peer_connection_create_data_channel(connection, BENCH_LABEL_PING, NULL, &error);
    if (!channel || !bench_run_open(self->run, &error)) {
        fail(self, pierce_enum_nick(PIERCE_TYPE_ERROR, error->code), g_strdup(error->message));
        return;
    }
    self->ping = bench_ping_new(channel, on_idle_known, self);
    self->report.ping = self->ping;
}

/* --- what the listener says */

static void
take_refusal(Caller *self, const BenchMessage *message)
{
    for (guint key = 0; key < BENCH_N_KEYS; key++) {
        if (!bench_message_has(message, key))
            continue;
        fail(self, "refused",
             g_strdup_printf(
                 key == BENCH_KEY_VERSION
                     ? "%s speaks another version of this protocol (%s %" G_GUINT64_FORMAT
                       "): use the same version of pierce at both ends"
                     : "%s refuses: it takes a %s of 1 to %" G_GUINT64_FORMAT,
                 peer_name(self), bench_key_name(key), message->values[key]));
        return;
    }
    fail(self, "refused", g_strdup_printf("%s refuses, and does not say why", peer_name(self)));
}

static void
take_wait(Caller *self)
{
    if (self->state != STATE_ASKING)
        return;
    self->state = STATE_QUEUED;
    if (!self->session->options->json)
        terminal_notice(&self->session->terminal, STYLE_NOTICE,
                        "* %s serves another caller; waiting", peer_name(self));
    timer_start(&self->timer, "pierce bench deadline",
                (guint) self->session->options->timeout_s * 1000, on_no_answer, self);
}

static void
take_end(Caller *self, const BenchMessage *message)
{
    gboolean is_expected = self->parameters.is_reverse
                               ? self->state == STATE_RUNNING || self->state == STATE_ENDING
                               : self->state == STATE_ENDING;

    if (!is_expected || !bench_message_get_counts(message, &self->there))
        return;
    self->is_there_known = self->is_there_final = TRUE;
    if (self->parameters.is_reverse) {
        BenchCounts counts = bench_run_count_final(self->run);
        bench_ping_stop(self->ping);
        bench_control_send_counts(self->control, BENCH_END, &counts);
    }
    leave(self);
}

static void
take_message(Caller *self, const BenchMessage *message)
{
    gboolean is_waiting = self->state == STATE_ASKING || self->state == STATE_QUEUED;

    switch (message->verb) {
    case BENCH_READY:
        if (is_waiting)
            open_channels(self);
        return;
    case BENCH_WAIT:
        take_wait(self);
        return;
    case BENCH_REFUSED:
        take_refusal(self, message);
        return;
    case BENCH_BEGIN:
        if (self->state == STATE_RUNNING && self->parameters.is_reverse)
            bench_run_begin(self->run);
        return;
    case BENCH_PROGRESS:
        if ((self->state == STATE_RUNNING || self->state == STATE_ENDING) &&
            bench_message_get_counts(message, &self->there)) {
            self->is_there_known = TRUE;
            tell_progress(self);
        }
        return;
    case BENCH_END:
        take_end(self, message);
        return;
    case BENCH_RUN: /* `pierce echo` sends our own words back */
    case BENCH_STOP:
        fail(self, "no-listener",
             g_strdup_printf("%s does not serve benchmarks; run \"pierce bench --listen --name "
                             "NAME\" there",
                             peer_name(self)));
        return;
    case BENCH_UNKNOWN:
        return;
    }
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size_bytes,
           gpointer user_data)
{
    Caller *self = user_data;
    BenchMessage message;

    if (self->session->is_ending || self->state == STATE_LEAVING)
        return;
    if (type == PIERCE_MESSAGE_TYPE_TEXT &&
        bench_message_parse(&message, (const char *) data, size_bytes))
        take_message(self, &message);
    else
        fail(self, "protocol",
             g_strdup_printf("%s sends something that is not the protocol of pierce bench",
                             peer_name(self)));
}

/* --- the session */

static void
on_new_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    if (channel == peer->channel)
        pierce_data_channel_set_message_func(channel, on_message, user_data, NULL);
}

static void
on_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    Caller *self = user_data;
    BenchMessage message = bench_message_run(&self->parameters);

    if (channel != peer->channel || self->peer)
        return;
    self->peer = peer;
    self->control = channel;
    self->state = STATE_ASKING;
    g_signal_connect(channel, "buffered-amount-low", G_CALLBACK(on_control_low), self);
    bench_control_send(channel, &message);
    timer_start(&self->timer, "pierce bench deadline", BENCH_ANSWER_MS, on_no_answer, self);
}

static void
on_gone(SessionPeer *peer, const GError *error, gpointer user_data)
{
    Caller *self = user_data;

    if (peer != self->peer)
        return;
    if (self->state == STATE_LEAVING)
        finish(self, EXIT_OK);
    else
        fail(self, "lost",
             g_strdup_printf("%s was lost before the end of the run: %s", peer_name(self),
                             error ? error->message : "it has left"));
    g_clear_pointer(&self->run, bench_run_free);
    g_clear_pointer(&self->ping, bench_ping_free);
    self->peer = NULL;
}

static void
on_registered(Session *session, gpointer user_data)
{
    session_connect(session, BENCH_LABEL_CONTROL);
}

/* The first time the run is cut short, the second time it ends at once. */
static void
on_interrupt(Session *session, gpointer user_data)
{
    Caller *self = user_data;
    gboolean is_first = !self->is_interrupted;

    self->is_interrupted = TRUE;
    if (is_first && self->state == STATE_RUNNING && !self->parameters.is_reverse) {
        stop_sending(self);
    } else if (is_first && self->state == STATE_RUNNING) {
        self->state = STATE_ENDING;
        bench_control_send_verb(self->control, BENCH_STOP);
        timer_start(&self->timer, "pierce bench deadline", BENCH_ANSWER_MS, on_no_answer, self);
    } else {
        finish(self, self->state >= STATE_RUNNING ? EXIT_OK : EXIT_NOT_CONNECTED);
    }
}

static const SessionHandlers handlers = {
    .on_registered = on_registered,
    .on_new_channel = on_new_channel,
    .on_channel = on_channel,
    .on_gone = on_gone,
    .on_interrupt = on_interrupt,
    .max_peers = 1,
};

ExitCode
bench_call(const Options *options)
{
    Caller self = { .parameters = options->bench };

    g_autoptr(Session) session = session_new(options, &handlers, &self);
    if (!session)
        return EXIT_USAGE;
    self.session = session;
    ExitCode exit_code = session_run(session);
    timer_stop(&self.tick);
    timer_stop(&self.timer);
    g_clear_pointer(&self.run, bench_run_free);
    g_clear_pointer(&self.ping, bench_ping_free);
    return exit_code;
}
