/* `pierce ping`: measures round trips to a peer that sends back what it gets, on a channel labelled
 * `echo`. */
#include "commands.h"
#include "report.h"
#include "round-trips.h"
#include "session.h"
#include "timer.h"

#include <string.h>

#define LABEL "echo"
/* How long the last answers may take. */
#define LAST_ANSWER_MS 10000
/* A ping without end keeps this many samples; later ones replace none and are only counted. */
#define MAX_SAMPLES 1000000

/* The beginning of each message; the rest is padding. */
typedef struct {
    guint64 number;
    gint64 sent_us;
} PingHeader;

typedef struct {
    Session *session;
    SessionPeer *peer;
    guint64 sent, received;
    GArray *samples; /* of double, milliseconds */
    GSource *timer;  /* for the next ping, or the last answer */
    guint8 *message;
    char *path; /* as it was when there was one last */
} Ping;

static const CommandHelp help = {
    .name = "ping",
    .parameters = "--to NAME",
    .summary = "Connects to a peer that echoes (pierce echo, or a browser on pierced's page), and\n"
               "measures the time from sending a message to having it back.  It is the time of\n"
               "the whole way: network, encryption, SCTP and both programs.",
    .examples = "Examples:\n"
                "  pierce ping --to mirror -c 5\n"
                "  pierce ping --to mirror -c 1000 -i 0 --json\n"
                "Exits with 0 if every ping was answered.\n",
    .options = OPTION_TO | OPTION_PING,
};

static void
print_summary(Ping *self)
{
    RoundTripSummary s = round_trips_sum_up(self->samples);
    const Terminal *terminal = &self->session->terminal;
    JsonLine line;

    if (!self->session->options->json) {
        g_autofree char *counts = g_strdup_printf(
            "--- %s ---\n%" G_GUINT64_FORMAT " sent, %" G_GUINT64_FORMAT " answered",
            self->session->options->to, self->sent, self->received);
        g_autofree char *times =
            g_strdup_printf("min/avg/p50/p99/max = %.3f/%.3f/%.3f/%.3f/%.3f ms", s.min_ms, s.avg_ms,
                            s.p50_ms, s.p99_ms, s.max_ms);
        g_autofree char *path = g_strdup_printf("path: %s", self->path ? self->path : "none");
        terminal_line(terminal, counts);
        if (self->received)
            terminal_line(terminal, times);
        terminal_line(terminal, path);
        return;
    }
    json_begin(&line, "summary");
    json_int(&line, "sent", (gint64) self->sent);
    json_int(&line, "received", (gint64) self->received);
    json_ms(&line, "min", s.min_ms);
    json_ms(&line, "avg", s.avg_ms);
    json_ms(&line, "p50", s.p50_ms);
    json_ms(&line, "p99", s.p99_ms);
    json_ms(&line, "max", s.max_ms);
    if (self->peer)
        report_add_path(&line, self->peer->connection);
    else
        json_text(&line, "path", NULL);
    json_print(&line);
}

static void
finish(Ping *self)
{
    gboolean is_good = self->sent > 0 && self->received == self->sent;

    if (self->session->is_ending)
        return;
    timer_stop(&self->timer);
    print_summary(self);
    session_end(self->session, is_good ? EXIT_OK : EXIT_NOT_CONNECTED);
}

static gboolean
on_last_answer_due(gpointer user_data)
{
    finish(user_data);
    return G_SOURCE_REMOVE;
}

static gboolean
is_all_sent(const Ping *self)
{
    return self->session->options->count && self->sent >= (guint64) self->session->options->count;
}

static gboolean
send_ping(gpointer user_data)
{
    Ping *self = user_data;
    const Options *options = self->session->options;
    PingHeader header = { .number = self->sent + 1, .sent_us = g_get_monotonic_time() };
    g_autoptr(GError) error = NULL;

    memcpy(self->message, &header, sizeof header);
    if (!pierce_data_channel_send(self->peer->channel, self->message, (gsize) options->size_bytes,
                                  &error)) {
        report_error(self->session, pierce_enum_nick(PIERCE_TYPE_ERROR, error->code),
                     error->message);
        finish(self);
        return G_SOURCE_REMOVE;
    }
    self->sent++;
    if (is_all_sent(self))
        timer_start(&self->timer, "pierce ping", LAST_ANSWER_MS, on_last_answer_due, self);
    else if (options->interval_ms)
        timer_start(&self->timer, "pierce ping", (guint) options->interval_ms, send_ping, self);
    return G_SOURCE_REMOVE;
}

static void
print_round_trip(Ping *self, guint64 number, double rtt_ms)
{
    JsonLine line;

    if (self->session->options->json) {
        json_begin(&line, "rtt");
        json_int(&line, "seq", (gint64) number);
        json_ms(&line, "rtt_ms", rtt_ms);
        json_print(&line);
        return;
    }
    g_autofree char *text = g_strdup_printf(
        "%d bytes from %s: seq=%" G_GUINT64_FORMAT " time=%.3f ms",
        self->session->options->size_bytes, self->session->options->to, number, rtt_ms);
    terminal_line(&self->session->terminal, text);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size_bytes,
           gpointer user_data)
{
    Ping *self = user_data;
    gint64 now_us = g_get_monotonic_time();
    PingHeader header;

    if (type != PIERCE_MESSAGE_TYPE_BINARY || size_bytes < sizeof header)
        return;
    memcpy(&header, data, sizeof header);
    /* The channel keeps the order, so anything else is not an answer. */
    if (header.number != self->received + 1 || header.number > self->sent)
        return;
    self->received++;
    double rtt_ms = (double) (now_us - header.sent_us) / 1000;
    if (self->samples->len < MAX_SAMPLES)
        g_array_append_val(self->samples, rtt_ms);
    print_round_trip(self, header.number, rtt_ms);
    if (is_all_sent(self) && self->received == self->sent)
        finish(self);
    else if (!self->session->options->interval_ms && !self->session->is_ending)
        send_ping(self);
}

static void
on_new_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    if (strcmp(pierce_data_channel_get_label(channel), LABEL) == 0)
        pierce_data_channel_set_message_func(channel, on_message, user_data, NULL);
}

static void
on_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    Ping *self = user_data;

    if (channel != peer->channel || self->peer)
        return;
    self->peer = peer;
    self->path = report_describe_path(peer->connection);
    send_ping(self);
}

static void
on_gone(SessionPeer *peer, const GError *error, gpointer user_data)
{
    Ping *self = user_data;

    if (peer != self->peer)
        return;
    if (!self->session->is_ending)
        finish(self);
    timer_stop(&self->timer);
    self->peer = NULL;
}

static void
on_registered(Session *session, gpointer user_data)
{
    session_connect(session, LABEL);
}

static void
on_interrupt(Session *session, gpointer user_data)
{
    finish(user_data);
}

static const SessionHandlers handlers = {
    .on_registered = on_registered,
    .on_new_channel = on_new_channel,
    .on_channel = on_channel,
    .on_gone = on_gone,
    .on_interrupt = on_interrupt,
    .max_peers = 1,
};

int
command_ping(int argc, char **argv)
{
    g_auto(Options) options = { 0 };
    Ping ping = { 0 };

    if (!options_parse(&options, &help, argc, argv))
        return EXIT_USAGE;
    if (!options.to) {
        g_printerr("pierce ping: whom?  Give --to NAME.\nTry \"pierce ping --help\".\n");
        return EXIT_USAGE;
    }
    if (!options.name)
        options.name = g_strdup_printf("ping-%08x", g_random_int());
    g_autoptr(Session) session = session_new(&options, &handlers, &ping);
    if (!session)
        return EXIT_USAGE;
    ping.session = session;
    ping.samples = g_array_new(FALSE, FALSE, sizeof(double));
    ping.message = g_malloc0((gsize) options.size_bytes);
    ExitCode exit_code = session_run(session);
    timer_stop(&ping.timer);
    g_array_unref(ping.samples);
    g_free(ping.message);
    g_free(ping.path);
    return (int) exit_code;
}
