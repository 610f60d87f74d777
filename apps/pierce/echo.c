/* `pierce echo`: sends every message back, of the same type and with the same bytes, on the channel
 * it came on. */
#include "commands.h"
#include "report.h"
#include "session.h"

/* Receiving cannot be paused, so a peer that sends without taking its own messages back would fill
 * the memory: past this its channel is closed. */
#define MAX_BUFFERED (64 * 1024 * 1024)

static const CommandHelp help = {
    .name = "echo",
    .summary = "Registers at a server, answers every offer, and sends back every message on the\n"
               "channel it came on.  Runs until it is interrupted.",
    .examples = "Examples:\n"
                "  pierce echo --name mirror\n"
                "  pierce echo --server wss://pierce.example/ --name mirror --json\n"
                "Then, elsewhere:\n"
                "  pierce ping --to mirror\n",
    .options = OPTION_ROOM,
};

static void
close_with(PierceDataChannel *channel, SessionPeer *peer, const char *code, const char *message)
{
    report_error(peer->session, code, message);
    pierce_data_channel_close(channel);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size_bytes,
           gpointer user_data)
{
    SessionPeer *peer = user_data;
    g_autoptr(GError) error = NULL;

    if (pierce_data_channel_get_buffered_amount(channel) + size_bytes > MAX_BUFFERED) {
        close_with(channel, peer, "backlog",
                   "a peer sends, but does not take what is sent back: 64 MiB wait, and its "
                   "channel is closed");
        return;
    }
    if (!pierce_data_channel_send_message(channel, type, data, size_bytes, &error) &&
        pierce_data_channel_get_ready_state(channel) == PIERCE_DATA_CHANNEL_STATE_OPEN)
        close_with(channel, peer, pierce_enum_nick(PIERCE_TYPE_ERROR, error->code), error->message);
}

static void
on_new_channel(SessionPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    pierce_data_channel_set_message_func(channel, on_message, peer, NULL);
}

static const SessionHandlers handlers = { .on_new_channel = on_new_channel };

int
command_echo(int argc, char **argv)
{
    g_auto(Options) options = { 0 };

    if (!options_parse(&options, &help, argc, argv))
        return EXIT_USAGE;
    if (!options.name)
        options.name = g_strdup("echo");
    g_autoptr(Session) session = session_new(&options, &handlers, NULL);
    return session ? (int) session_run(session) : EXIT_USAGE;
}
