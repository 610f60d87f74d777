/* `pierce chat`: lines of standard input go to everyone, as text on channels labelled `chat`, and
 * what they say is printed. */
#include "commands.h"
#include "line-reader.h"
#include "report.h"
#include "session.h"

#include <string.h>
#include <unistd.h>

#define LABEL "chat"
/* A mesh connects each with each; past this a room is for something else. */
#define MAX_PEERS 8
/* Reading pauses while this much waits for a peer, and goes on below a quarter of it. */
#define MAX_BUFFERED (1024 * 1024)
/* What is kept while nobody is there. */
#define MAX_PENDING_LINES 1000

typedef struct {
    Session *session;
    LineReader *reader;
    GQueue pending; /* lines for the first who comes */
    gboolean has_ended;
    gboolean had_peer;
    gboolean is_terminal;
} Chat;

static const CommandHelp help = {
    .name = "chat",
    .parameters = "(--to NAME | --room ROOM)",
    .summary =
        "Sends the lines of standard input to peers, and prints what they say.  With --to it\n"
        "connects to one peer; in a room it connects to everyone there, up to 8; with\n"
        "neither it waits to be connected to.  At the end of its input it waits until all\n"
        "was received, and leaves.",
    .examples = "Examples:\n"
                "  pierce chat --name ann --room lobby\n"
                "  pierce chat --name bob --to ann\n"
                "  make 2>&1 | pierce chat --name builder --to ann\n"
                "  tail -f /var/log/syslog | pierce chat --room ops --json > events\n"
                "With --json each event is a JSON object on its own line, for example\n"
                "  {\"event\":\"message\",\"peer_id\":\"...\",\"label\":\"chat\",\"type\":\"text\","
                "\"text\":\"hello\"}\n",
    .options = OPTION_TO | OPTION_ROOM | OPTION_STAY,
};

static gboolean
is_open(const SessionPeer *peer)
{
    return peer->channel &&
           pierce_data_channel_get_ready_state(peer->channel) == PIERCE_DATA_CHANNEL_STATE_OPEN;
}

/* What waits for the slowest peer.  @n_open counts those who can be spoken to. */
static guint64
get_backlog(Chat *self, guint *n_open)
{
    GHashTableIter iter;
    gpointer peer;
    guint64 backlog = 0;

    *n_open = 0;
    g_hash_table_iter_init(&iter, self->session->peers);
    while (g_hash_table_iter_next(&iter, NULL, &peer)) {
        if (!is_open(peer))
            continue;
        ++*n_open;
        backlog =
            MAX(backlog, pierce_data_channel_get_buffered_amount(((SessionPeer *) peer)->channel));
    }
    return backlog;
}

/* Reads on, holds, or ends: whatever the backlog allows. */
static void
go_on(Chat *self)
{
    guint n_open;
    guint64 backlog = get_backlog(self, &n_open);
    gboolean is_full = n_open ? backlog > MAX_BUFFERED : self->pending.length >= MAX_PENDING_LINES;
    gboolean is_done =
        backlog == 0 && g_queue_is_empty(&self->pending) && (self->had_peer || self->is_terminal);

    if (self->has_ended && is_done && !self->session->options->stay)
        session_end(self->session, EXIT_OK);
    else if (is_full)
        line_reader_pause(self->reader);
    else
        line_reader_resume(self->reader);
}

static void
send_to(SessionPeer *peer, const char *line)
{
    g_autoptr(GError) error = NULL;

    if (!pierce_data_channel_send_text(peer->channel, line, &error))
        report_error(peer->session, pierce_enum_nick(PIERCE_TYPE_ERROR, error->code),
                     error->message);
}

static void
on_line(const char *line, gpointer user_data)
{
    Chat *self = user_data;
    GHashTableIter iter;
    gpointer peer;
    guint n_open;

    get_backlog(self, &n_open);
    if (n_open == 0) {
        g_queue_push_tail(&self->pending, g_strdup(line));
    } else {
        g_hash_table_iter_init(&iter, self->session->peers);
        while (g_hash_table_iter_next(&iter, NULL, &peer)) {
            if (is_open(peer))
                send_to(peer, line);
        }
    }
    terminal_prompt(&self->session->terminal);
    go_on(self);
}

static void
on_end(gpointer user_data)
{
    Chat *self = user_data;

    self->has_ended = TRUE;
    self->session->terminal.has_prompt = FALSE;
    go_on(self);
}

static const LineReaderEvents reader_events = { .on_line = on_line, .on_end = on_end };

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size_bytes,
           gpointer user_data)
{
    SessionPeer *peer = user_data;
    gboolean is_text = type == PIERCE_MESSAGE_TYPE_TEXT;
    g_autofree char *text =
        is_text ? g_utf8_make_valid((const char *) data, (gssize) size_bytes)
                : g_strdup_printf("(%" G_GSIZE_FORMAT " bytes of binary data)", size_bytes);
    JsonLine line;

    if (!peer->session->options->json) {
        terminal_say(&peer->session->terminal, session_peer_name(peer), text);
        return;
    }
    json_begin(&line, "message");
    json_text(&line, "peer_id", peer->client_id);
    json_text(&line, "peer_name", peer->name);
    json_text(&line, "label", pierce_data_channel_get_label(channel));
    json_text(&line, "type", is_text ? "text" : "binary");
    if (is_text)
        json_text(&line, "text", text);
    else
        json_int(&line, "size", (gint64) size_bytes);
    json_print(&line);
}

static void
on_buffered_amount_low(PierceDataChannel *channel, Chat *self)
{
    go_on(self);
}

static void
on_new_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    if (strcmp(pierce_data_channel_get_label(channel), LABEL) != 0)
        return;
    pierce_data_channel_set_message_func(channel, on_message, peer, NULL);
}

static void
on_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    Chat *self = user_data;

    if (strcmp(pierce_data_channel_get_label(channel), LABEL) != 0)
        return;
    if (!is_open(peer))
        g_set_object(&peer->channel, channel);
    if (peer->channel != channel)
        return;
    g_signal_connect(channel, "buffered-amount-low", G_CALLBACK(on_buffered_amount_low), self);
    self->had_peer = TRUE;
    while (!g_queue_is_empty(&self->pending)) {
        g_autofree char *line = g_queue_pop_head(&self->pending);
        send_to(peer, line);
    }
    go_on(self);
}

static void
on_registered(Session *session, gpointer user_data)
{
    if (session->options->to)
        session_connect(session, LABEL);
}

static void
on_peer_joined(Session *session, const char *client_id, gpointer user_data)
{
    if (g_hash_table_size(session->peers) < MAX_PEERS)
        session_connect_to(session, client_id, LABEL);
}

static void
on_gone(SessionPeer *peer, const GError *error, gpointer user_data)
{
    Chat *self = user_data;
    gboolean is_unheard = error || !g_queue_is_empty(&self->pending);

    if (peer->session->is_ending)
        return;
    if (peer->session->options->to)
        session_end(peer->session, is_unheard ? EXIT_NOT_CONNECTED : EXIT_OK);
    else
        go_on(self);
}

static const SessionHandlers handlers = {
    .on_registered = on_registered,
    .on_peer_joined = on_peer_joined,
    .on_new_channel = on_new_channel,
    .on_channel = on_channel,
    .on_gone = on_gone,
    .max_peers = MAX_PEERS,
};

int
command_chat(int argc, char **argv)
{
    g_auto(Options) options = { 0 };
    Chat chat = { .is_terminal = isatty(STDIN_FILENO) };

    if (!options_parse(&options, &help, argc, argv))
        return EXIT_USAGE;
    if (!options.name)
        options.name = g_strdup(g_get_user_name());
    g_autoptr(Session) session = session_new(&options, &handlers, &chat);
    if (!session)
        return EXIT_USAGE;
    chat.session = session;
    session->terminal.has_prompt = chat.is_terminal && isatty(STDOUT_FILENO) && !options.json;
    chat.reader = line_reader_new(STDIN_FILENO, &reader_events, &chat);
    line_reader_resume(chat.reader);
    ExitCode exit_code = session_run(session);
    line_reader_free(chat.reader);
    g_queue_clear_full(&chat.pending, g_free);
    return (int) exit_code;
}
