/* interop-peer SERVER NAME: a native peer that a test drives through its standard input and watches
 * through its standard output.  Uses only the public headers; decides nothing by itself, but that
 * it sends back what comes on channels whose label begins with "echo".
 *
 * A command is a line of words quoted as a shell would; the table at the end lists them.  PEER is a
 * client id, CHANNEL the number from a `channel` event.  Each event is one JSON object in a line.
 */
#include "datachannel/pierce.h"
#include "signaling/pierce-signaling.h"
#include "tests/support/event-line.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PATTERN_BYTES (16 * 1024 * 1024)

typedef struct {
    GMainLoop *loop;
    PierceSignalingClient *client;
    PierceNegotiator *negotiator;
    GHashTable *connections; /* client id -> PiercePeerConnection */
    GPtrArray *channels;     /* of PierceDataChannel; a channel's number is its index */
    GDataInputStream *input;
} Driver;

/* --- events */

static void
print_error(const char *what, const GError *error)
{
    GString *line = event_new("error");

    event_add_text(line, "what", what);
    event_add_text(line, "message", error ? error->message : "unknown");
    event_print(line);
}

static void
print_about_peer(const char *event, const char *client_id)
{
    GString *line = event_new(event);

    event_add_text(line, "peer", client_id);
    event_print(line);
}

/* --- channels */

static gint
channel_number(const Driver *driver, PierceDataChannel *channel)
{
    guint index = 0;

    return g_ptr_array_find(driver->channels, channel, &index) ? (gint) index : -1;
}

static void
print_channel_event(const Driver *driver, const char *event, PierceDataChannel *channel)
{
    GString *line = event_new(event);

    event_add_int(line, "channel", channel_number(driver, channel));
    event_add_int(line, "id", pierce_data_channel_get_id(channel));
    event_print(line);
}

static void
on_channel_open(PierceDataChannel *channel, Driver *driver)
{
    print_channel_event(driver, "open", channel);
}

static void
on_channel_close(PierceDataChannel *channel, Driver *driver)
{
    print_channel_event(driver, "close", channel);
}

static void
on_channel_error(PierceDataChannel *channel, const GError *error, Driver *driver)
{
    print_error("channel", error);
}

static void
send_back(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gboolean sent = FALSE;

    if (type == PIERCE_MESSAGE_TYPE_TEXT) {
        text = g_strndup((const char *) data, size);
        sent = pierce_data_channel_send_text(channel, text, &error);
    } else {
        sent = pierce_data_channel_send(channel, data, size, &error);
    }
    if (!sent)
        print_error("echo", error);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, size);
    GString *line = event_new("message");

    event_add_int(line, "channel", channel_number(user_data, channel));
    event_add_text(line, "kind", type == PIERCE_MESSAGE_TYPE_TEXT ? "text" : "binary");
    event_add_int(line, "size", (gint64) size);
    event_add_text(line, "sha256", hash);
    event_print(line);
    if (g_str_has_prefix(pierce_data_channel_get_label(channel), "echo"))
        send_back(channel, type, data, size);
}

/* Numbers the channel, keeps it to the end and tells of it. */
static void
watch_channel(Driver *driver, const char *client_id, PierceDataChannel *channel, const char *origin)
{
    GString *line = event_new("channel");

    g_ptr_array_add(driver->channels, g_object_ref(channel));
    g_signal_connect(channel, "open", G_CALLBACK(on_channel_open), driver);
    g_signal_connect(channel, "close", G_CALLBACK(on_channel_close), driver);
    g_signal_connect(channel, "error", G_CALLBACK(on_channel_error), driver);
    pierce_data_channel_set_message_func(channel, on_message, driver, NULL);
    event_add_text(line, "peer", client_id);
    event_add_int(line, "channel", channel_number(driver, channel));
    event_add_text(line, "origin", origin);
    event_add_text(line, "label", pierce_data_channel_get_label(channel));
    event_add_text(line, "protocol", pierce_data_channel_get_protocol(channel));
    event_add_int(line, "id", pierce_data_channel_get_id(channel));
    event_add_int(line, "ordered", pierce_data_channel_get_ordered(channel));
    event_add_int(line, "max_retransmits", pierce_data_channel_get_max_retransmits(channel));
    event_add_int(line, "max_packet_life_time",
                  pierce_data_channel_get_max_packet_life_time(channel));
    event_add_text(line, "state",
                   pierce_enum_nick(PIERCE_TYPE_DATA_CHANNEL_STATE,
                                    (gint) pierce_data_channel_get_ready_state(channel)));
    event_print(line);
}

/* --- connections */

static const char *
connection_name(const Driver *driver, PiercePeerConnection *connection)
{
    GHashTableIter iter;
    gpointer client_id, value;

    g_hash_table_iter_init(&iter, driver->connections);
    while (g_hash_table_iter_next(&iter, &client_id, &value)) {
        if (value == connection)
            return client_id;
    }
    return "";
}

static void
on_data_channel(PiercePeerConnection *connection, PierceDataChannel *channel, Driver *driver)
{
    watch_channel(driver, connection_name(driver, connection), channel, "remote");
}

/* All states of a connection are enumerations whose nicks are the W3C's words. */
static void
on_state(PiercePeerConnection *connection, GParamSpec *property, Driver *driver)
{
    GString *line = event_new("state");
    gint value = 0;

    g_object_get(connection, property->name, &value, NULL);
    event_add_text(line, "peer", connection_name(driver, connection));
    event_add_text(line, "what", property->name);
    event_add_text(line, "value", pierce_enum_nick(property->value_type, value));
    event_print(line);
    if (strcmp(property->name, "connection-state") == 0 &&
        value == PIERCE_PEER_CONNECTION_STATE_FAILED)
        print_error("connection", pierce_peer_connection_get_error(connection));
}

static void
on_peer(PierceNegotiator *negotiator, const char *client_id, PiercePeerConnection *connection,
        Driver *driver)
{
    static const char *const states[] = { "notify::connection-state",
                                          "notify::ice-connection-state", "notify::signaling-state",
                                          "notify::dtls-state" };

    g_hash_table_replace(driver->connections, g_strdup(client_id), g_object_ref(connection));
    g_signal_connect(connection, "data-channel", G_CALLBACK(on_data_channel), driver);
    for (guint i = 0; i < G_N_ELEMENTS(states); i++)
        g_signal_connect(connection, states[i], G_CALLBACK(on_state), driver);
    print_about_peer("peer", client_id);
}

static void
on_peer_gone(PierceNegotiator *negotiator, const char *client_id, PiercePeerConnection *connection,
             Driver *driver)
{
    print_about_peer("peer-gone", client_id);
}

/* --- signalling */

static void
on_registered(PierceSignalingClient *client, const char *client_id, Driver *driver)
{
    GString *line = event_new("registered");

    event_add_text(line, "client_id", client_id);
    event_print(line);
}

static void
on_peer_found(PierceSignalingClient *client, const char *client_id, const char *name,
              Driver *driver)
{
    GString *line = event_new("found");

    event_add_text(line, "peer", client_id);
    event_add_text(line, "name", name);
    event_print(line);
}

static void
on_client_error(PierceSignalingClient *client, const GError *error, Driver *driver)
{
    print_error("signaling", error);
}

/* --- commands: each gets its words, the command itself first */

static PiercePeerConnection *
find_connection(const Driver *driver, const char *client_id)
{
    PiercePeerConnection *connection = g_hash_table_lookup(driver->connections, client_id);

    if (!connection)
        print_error("no such peer", NULL);
    return connection;
}

static PierceDataChannel *
find_channel(const Driver *driver, const char *number)
{
    guint64 index = g_ascii_strtoull(number, NULL, 10);

    if (index >= driver->channels->len) {
        print_error("no such channel", NULL);
        return NULL;
    }
    return g_ptr_array_index(driver->channels, index);
}

static void
run_find(Driver *driver, char **words)
{
    pierce_signaling_client_find_peer(driver->client, words[1]);
}

static void
run_connect(Driver *driver, char **words)
{
    pierce_negotiator_connect(driver->negotiator, words[1]);
}

static void
apply_channel_option(PierceDataChannelInit *init, const char *option)
{
    if (strcmp(option, "unordered") == 0)
        pierce_data_channel_init_set_ordered(init, FALSE);
    else if (g_str_has_prefix(option, "retransmits="))
        pierce_data_channel_init_set_max_retransmits(
            init, (guint16) g_ascii_strtoull(strchr(option, '=') + 1, NULL, 10));
    else if (g_str_has_prefix(option, "lifetime="))
        pierce_data_channel_init_set_max_packet_life_time(
            init, (guint16) g_ascii_strtoull(strchr(option, '=') + 1, NULL, 10));
    else if (g_str_has_prefix(option, "protocol="))
        pierce_data_channel_init_set_protocol(init, strchr(option, '=') + 1);
    else
        print_error("no such channel option", NULL);
}

static void
run_create(Driver *driver, char **words)
{
    PiercePeerConnection *connection = find_connection(driver, words[1]);
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    g_autoptr(GError) error = NULL;

    if (!connection)
        return;
    for (guint i = 3; words[i]; i++)
        apply_channel_option(init, words[i]);
    g_autoptr(PierceDataChannel) channel =
        pierce_peer_connection_create_data_channel(connection, words[2], init, &error);
    if (channel)
        watch_channel(driver, words[1], channel, "local");
    else
        print_error("create", error);
}

static void
run_text(Driver *driver, char **words)
{
    PierceDataChannel *channel = find_channel(driver, words[1]);
    g_autoptr(GError) error = NULL;

    if (channel && !pierce_data_channel_send_text(channel, words[2], &error))
        print_error("text", error);
}

/* The browser's side of the tests makes the same bytes. */
static void
run_pattern(Driver *driver, char **words)
{
    PierceDataChannel *channel = find_channel(driver, words[1]);
    gsize size = (gsize) g_ascii_strtoull(words[2], NULL, 10);
    g_autoptr(GError) error = NULL;

    if (!channel || size > MAX_PATTERN_BYTES)
        return;
    g_autofree guint8 *data = g_malloc(size + 1);
    for (gsize i = 0; i < size; i++)
        data[i] = (guint8) (i * 31 + (i >> 8));
    if (!pierce_data_channel_send(channel, data, size, &error))
        print_error("pattern", error);
}

static void
run_close_channel(Driver *driver, char **words)
{
    PierceDataChannel *channel = find_channel(driver, words[1]);

    if (channel)
        pierce_data_channel_close(channel);
}

static void
run_close_peer(Driver *driver, char **words)
{
    PiercePeerConnection *connection = find_connection(driver, words[1]);

    if (connection)
        pierce_peer_connection_close(connection);
}

static void
run_restart_ice(Driver *driver, char **words)
{
    PiercePeerConnection *connection = find_connection(driver, words[1]);

    if (connection)
        pierce_peer_connection_restart_ice(connection);
}

static void
run_stats(Driver *driver, char **words)
{
    PiercePeerConnection *connection = find_connection(driver, words[1]);
    GString *line = event_new("stats");

    if (!connection) {
        g_string_free(line, TRUE);
        return;
    }
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(connection);
    g_autofree char *report = pierce_peer_connection_get_report(connection);
    event_add_text(line, "local_type", pierce_stats_get_local_candidate_type(stats));
    event_add_text(line, "remote_type", pierce_stats_get_remote_candidate_type(stats));
    event_add_text(line, "protocol", pierce_stats_get_protocol(stats));
    event_add_ms(line, "rtt_ms", pierce_stats_get_round_trip_time_ms(stats));
    event_add_ms(line, "open_ms", pierce_stats_get_setup_time_ms(stats, PIERCE_SETUP_PHASE_OPEN));
    event_add_text(line, "report", report);
    event_print(line);
}

typedef struct {
    const char *name;
    guint min_words; /* after the name */
    void (*run)(Driver *driver, char **words);
} Command;

static const Command commands[] = {
    { "find", 1, run_find },                   /* NAME */
    { "connect", 1, run_connect },             /* PEER */
    { "create", 2, run_create },               /* PEER LABEL [unordered] [retransmits=N] ... */
    { "text", 2, run_text },                   /* CHANNEL TEXT */
    { "pattern", 2, run_pattern },             /* CHANNEL BYTES */
    { "close-channel", 1, run_close_channel }, /* CHANNEL */
    { "close-peer", 1, run_close_peer },       /* PEER */
    { "restart-ice", 1, run_restart_ice },     /* PEER */
    { "stats", 1, run_stats },                 /* PEER */
};

static void
run_line(Driver *driver, const char *line)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) error = NULL;
    gint n_words = 0;

    if (!g_shell_parse_argv(line, &n_words, &words, &error)) {
        print_error("command", error);
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, words[0]) == 0 && (guint) n_words > commands[i].min_words) {
            commands[i].run(driver, words);
            return;
        }
    }
    print_error("no such command", NULL);
}

static void read_command(Driver *driver);

static void
on_line(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Driver *driver = user_data;
    g_autofree char *line = g_data_input_stream_read_line_finish(driver->input, result, NULL, NULL);

    if (!line) {
        g_main_loop_quit(driver->loop);
        return;
    }
    run_line(driver, line);
    read_command(driver);
}

static void
read_command(Driver *driver)
{
    g_data_input_stream_read_line_async(driver->input, G_PRIORITY_DEFAULT, NULL, on_line, driver);
}

static void
start(Driver *driver)
{
    g_autoptr(GInputStream) standard_input = g_unix_input_stream_new(STDIN_FILENO, FALSE);

    driver->loop = g_main_loop_new(NULL, FALSE);
    driver->connections = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
    driver->channels = g_ptr_array_new_with_free_func(g_object_unref);
    driver->input = g_data_input_stream_new(standard_input);
    driver->negotiator = pierce_negotiator_new(driver->client, NULL);
    g_signal_connect(driver->negotiator, "peer", G_CALLBACK(on_peer), driver);
    g_signal_connect(driver->negotiator, "peer-gone", G_CALLBACK(on_peer_gone), driver);
    g_signal_connect(driver->client, "registered", G_CALLBACK(on_registered), driver);
    g_signal_connect(driver->client, "peer-found", G_CALLBACK(on_peer_found), driver);
    g_signal_connect(driver->client, "error", G_CALLBACK(on_client_error), driver);
    pierce_signaling_client_start(driver->client);
    read_command(driver);
}

static void
stop(Driver *driver)
{
    pierce_negotiator_close(driver->negotiator);
    pierce_signaling_client_close(driver->client);
    g_ptr_array_unref(driver->channels);
    g_hash_table_unref(driver->connections);
    g_object_unref(driver->negotiator);
    g_object_unref(driver->client);
    g_object_unref(driver->input);
    g_main_loop_unref(driver->loop);
}

int
main(int argc, char **argv)
{
    Driver driver = { 0 };
    g_autoptr(GError) error = NULL;

    if (argc != 3) {
        g_printerr("usage: interop-peer SERVER NAME\n");
        return 2;
    }
    driver.client = pierce_signaling_client_new(argv[1], argv[2], NULL, NULL, &error);
    if (!driver.client) {
        g_printerr("interop-peer: %s\n", error->message);
        return 2;
    }
    start(&driver);
    g_main_loop_run(driver.loop);
    stop(&driver);
    return 0;
}
