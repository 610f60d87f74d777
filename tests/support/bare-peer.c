/* A native peer without signalling, for tests that are written in another language: takes commands
 * on standard input, tells events on standard output, one JSON object a line.  Uses the public
 * interface only.  Descriptions and candidates are the test's to carry.
 *
 * Commands: {"cmd":NAME,...}
 *   configure         ice_servers:[{uri,username,credential}], policy, max_message_size; comes
 * first channel           label, protocol, ordered, max_retransmits, max_packet_life_time, id
 * (negotiated) offer             makes and sets an offer restart           the same, for a new ICE
 * generation description       type, sdp: sets the peer's; an offer is answered at once candidate
 * candidate, sdpMid, sdpMLineIndex, usernameFragment; empty for the last one send channel, and
 * text, binary_base64, or fill (a size: that many bytes) echo              sends back whatever
 * comes in from here on close-channel     channel stats, report     asks for the event of that name
 *   close             the connection
 * A channel is a number: channels count from 0, in the order in which their events come.
 *
 * Events: {"event":NAME,...}
 *   description       type, sdp
 *   candidate         candidate, sdpMid, sdpMLineIndex, usernameFragment
 *   state             state: connectionState
 *   ice-state         state: iceConnectionState
 *   channel           channel, label, protocol, ordered, id, is_remote
 *   open, closed      channel
 *   message           channel, and text or binary_base64
 *   echoing, stats, report
 *   error             message, and channel if it is about one; code, where the connection failed
 *   end               turns: how often the main loop turned
 * The end of input ends the program. */
#include "datachannel/pierce.h"
#include "tests/support/event-line.h"
#include "tests/support/loop-turns.h"

#include <cjson/cJSON.h>
#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    GMainLoop *loop;
    PierceConfiguration *configuration;
    PiercePeerConnection *connection;
    GPtrArray *channels; /* of PierceDataChannel; the index is the test's name for it */
    gboolean is_echo;
} Peer;

typedef gboolean (*CommandFunc)(Peer *peer, const cJSON *command, GError **error);

/* ---- members of a command, or a fallback where they are missing ---- */

static const char *
json_string(const cJSON *object, const char *name, const char *fallback)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
    return value ? value : fallback;
}

static double
json_number(const cJSON *object, const char *name, double fallback)
{
    const cJSON *value = cJSON_GetObjectItem(object, name);
    return cJSON_IsNumber(value) ? value->valuedouble : fallback;
}

static gboolean
json_bool(const cJSON *object, const char *name, gboolean fallback)
{
    const cJSON *value = cJSON_GetObjectItem(object, name);
    return cJSON_IsBool(value) ? cJSON_IsTrue(value) : fallback;
}

/* ---- events ---- */

static void
tell_error(const GError *error, gint channel)
{
    GString *event = event_new("error");
    event_add_text(event, "message", error->message);
    if (error->domain == PIERCE_ERROR)
        event_add_text(event, "code", pierce_enum_nick(PIERCE_TYPE_ERROR, error->code));
    if (channel >= 0)
        event_add_int(event, "channel", channel);
    event_print(event);
}

static void
tell_description(Peer *peer)
{
    g_autoptr(PierceSessionDescription) description =
        pierce_peer_connection_get_local_description(peer->connection);
    PierceSdpType type = pierce_session_description_get_sdp_type(description);
    GString *event = event_new("description");
    event_add_text(event, "type", pierce_enum_nick(PIERCE_TYPE_SDP_TYPE, (gint) type));
    event_add_text(event, "sdp", pierce_session_description_get_sdp(description));
    event_print(event);
}

static void
on_candidate(PiercePeerConnection *connection, PierceIceCandidate *candidate, gpointer user_data)
{
    const char *mid = pierce_ice_candidate_get_sdp_mid(candidate);
    const char *ufrag = pierce_ice_candidate_get_username_fragment(candidate);
    GString *event = event_new("candidate");
    event_add_text(event, "candidate", pierce_ice_candidate_get_candidate(candidate));
    event_add_text(event, "sdpMid", mid);
    event_add_int(event, "sdpMLineIndex", pierce_ice_candidate_get_sdp_m_line_index(candidate));
    event_add_text(event, "usernameFragment", ufrag);
    event_print(event);
}

static void
on_state(PiercePeerConnection *connection, GParamSpec *spec, gpointer user_data)
{
    PiercePeerConnectionState state = pierce_peer_connection_get_connection_state(connection);
    const GError *error = pierce_peer_connection_get_error(connection);
    GString *event = event_new("state");
    event_add_text(event, "state",
                   pierce_enum_nick(PIERCE_TYPE_PEER_CONNECTION_STATE, (gint) state));
    event_print(event);
    if (error)
        tell_error(error, -1);
}

static void
on_ice_state(PiercePeerConnection *connection, GParamSpec *spec, gpointer user_data)
{
    PierceIceConnectionState state = pierce_peer_connection_get_ice_connection_state(connection);
    GString *event = event_new("ice-state");
    event_add_text(event, "state",
                   pierce_enum_nick(PIERCE_TYPE_ICE_CONNECTION_STATE, (gint) state));
    event_print(event);
}

/* ---- channels ---- */

static gint
number_of(Peer *peer, PierceDataChannel *channel)
{
    guint number = 0;
    return g_ptr_array_find(peer->channels, channel, &number) ? (gint) number : -1;
}

static void
tell_of_channel(Peer *peer, PierceDataChannel *channel, const char *name)
{
    GString *event = event_new(name);
    event_add_int(event, "channel", number_of(peer, channel));
    event_print(event);
}

static void
on_open(PierceDataChannel *channel, gpointer user_data)
{
    tell_of_channel(user_data, channel, "open");
}

static void
on_close(PierceDataChannel *channel, gpointer user_data)
{
    tell_of_channel(user_data, channel, "closed");
}

static void
on_channel_error(PierceDataChannel *channel, const GError *error, gpointer user_data)
{
    tell_error(error, number_of(user_data, channel));
}

static void
echo(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size)
{
    g_autoptr(GError) error = NULL;
    if (type == PIERCE_MESSAGE_TYPE_TEXT) {
        g_autofree char *text = g_strndup((const char *) data, size);
        pierce_data_channel_send_text(channel, text, &error);
    } else {
        pierce_data_channel_send(channel, data, size, &error);
    }
    if (error)
        tell_error(error, -1);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    Peer *peer = user_data;
    GString *event = event_new("message");
    event_add_int(event, "channel", number_of(peer, channel));
    g_autofree char *value = type == PIERCE_MESSAGE_TYPE_TEXT ? g_strndup((const char *) data, size)
                                                              : g_base64_encode(data, size);
    event_add_text(event, type == PIERCE_MESSAGE_TYPE_TEXT ? "text" : "binary_base64", value);
    event_print(event);
    if (peer->is_echo)
        echo(channel, type, data, size);
}

static void
add_channel(Peer *peer, PierceDataChannel *channel, gboolean is_remote)
{
    g_ptr_array_add(peer->channels, g_object_ref(channel));
    pierce_data_channel_set_message_func(channel, on_message, peer, NULL);
    g_signal_connect(channel, "open", G_CALLBACK(on_open), peer);
    g_signal_connect(channel, "close", G_CALLBACK(on_close), peer);
    g_signal_connect(channel, "error", G_CALLBACK(on_channel_error), peer);

    GString *event = event_new("channel");
    event_add_int(event, "channel", number_of(peer, channel));
    event_add_text(event, "label", pierce_data_channel_get_label(channel));
    event_add_text(event, "protocol", pierce_data_channel_get_protocol(channel));
    event_add_int(event, "ordered", pierce_data_channel_get_ordered(channel));
    event_add_int(event, "id", pierce_data_channel_get_id(channel));
    event_add_int(event, "is_remote", is_remote);
    event_print(event);
}

static void
on_channel(PiercePeerConnection *connection, PierceDataChannel *channel, gpointer user_data)
{
    add_channel(user_data, channel, TRUE);
}

static PierceDataChannel *
find_channel(Peer *peer, const cJSON *command, GError **error)
{
    double number = json_number(command, "channel", -1);
    if (number >= 0 && number < peer->channels->len)
        return g_ptr_array_index(peer->channels, (guint) number);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "there is no channel %g", number);
    return NULL;
}

/* ---- commands ---- */

static gboolean
configure(Peer *peer, const cJSON *command, GError **error)
{
    PierceConfiguration *configuration = peer->configuration;
    const cJSON *server;
    cJSON_ArrayForEach(server, cJSON_GetObjectItem(command, "ice_servers"))
    {
        if (!pierce_configuration_add_ice_server(configuration, json_string(server, "uri", ""),
                                                 json_string(server, "username", NULL),
                                                 json_string(server, "credential", NULL), error))
            return FALSE;
    }
    if (strcmp(json_string(command, "policy", "all"), "relay") == 0)
        pierce_configuration_set_ice_transport_policy(configuration,
                                                      PIERCE_ICE_TRANSPORT_POLICY_RELAY);
    double size = json_number(command, "max_message_size", 0);
    if (size > 0)
        pierce_configuration_set_max_message_size(configuration, (gsize) size);
    return TRUE;
}

static gboolean
create_channel(Peer *peer, const cJSON *command, GError **error)
{
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    double retransmits = json_number(command, "max_retransmits", -1);
    double life_time_ms = json_number(command, "max_packet_life_time", -1);
    double id = json_number(command, "id", -1);

    pierce_data_channel_init_set_ordered(init, json_bool(command, "ordered", TRUE));
    pierce_data_channel_init_set_protocol(init, json_string(command, "protocol", ""));
    if (retransmits >= 0)
        pierce_data_channel_init_set_max_retransmits(init, (guint16) retransmits);
    if (life_time_ms >= 0)
        pierce_data_channel_init_set_max_packet_life_time(init, (guint16) life_time_ms);
    if (id >= 0)
        pierce_data_channel_init_set_negotiated(init, (guint16) id);
    g_autoptr(PierceDataChannel) channel = pierce_peer_connection_create_data_channel(
        peer->connection, json_string(command, "label", ""), init, error);
    if (channel)
        add_channel(peer, channel, FALSE);
    return channel != NULL;
}

static gboolean
set_local_description(Peer *peer, GError **error)
{
    if (!pierce_peer_connection_set_local_description(peer->connection, NULL, error))
        return FALSE;
    tell_description(peer);
    return TRUE;
}

static gboolean
make_offer(Peer *peer, const cJSON *command, GError **error)
{
    return set_local_description(peer, error);
}

static gboolean
restart(Peer *peer, const cJSON *command, GError **error)
{
    pierce_peer_connection_restart_ice(peer->connection);
    return set_local_description(peer, error);
}

static gboolean
take_description(Peer *peer, const cJSON *command, GError **error)
{
    gboolean is_offer = strcmp(json_string(command, "type", ""), "offer") == 0;
    g_autoptr(PierceSessionDescription) description = pierce_session_description_new(
        is_offer ? PIERCE_SDP_TYPE_OFFER : PIERCE_SDP_TYPE_ANSWER, json_string(command, "sdp", ""));
    return pierce_peer_connection_set_remote_description(peer->connection, description, error) &&
           (!is_offer || set_local_description(peer, error));
}

static gboolean
take_candidate(Peer *peer, const cJSON *command, GError **error)
{
    g_autoptr(PierceIceCandidate) candidate = pierce_ice_candidate_new(
        json_string(command, "candidate", ""), json_string(command, "sdpMid", NULL),
        (gint) json_number(command, "sdpMLineIndex", -1),
        json_string(command, "usernameFragment", NULL));
    return pierce_peer_connection_add_ice_candidate(peer->connection, candidate, error);
}

static gboolean
send_message(Peer *peer, const cJSON *command, GError **error)
{
    PierceDataChannel *channel = find_channel(peer, command, error);
    const char *text = json_string(command, "text", NULL);
    const char *base64 = json_string(command, "binary_base64", NULL);
    gsize size = (gsize) MAX(json_number(command, "fill", 0), 0);

    if (!channel)
        return FALSE;
    if (text)
        return pierce_data_channel_send_text(channel, text, error);
    g_autofree guint8 *bytes = base64 ? g_base64_decode(base64, &size) : g_malloc0(size + 1);
    return pierce_data_channel_send(channel, bytes, size, error);
}

static gboolean
start_echo(Peer *peer, const cJSON *command, GError **error)
{
    peer->is_echo = TRUE;
    event_print(event_new("echoing"));
    return TRUE;
}

static gboolean
close_channel(Peer *peer, const cJSON *command, GError **error)
{
    PierceDataChannel *channel = find_channel(peer, command, error);
    if (channel)
        pierce_data_channel_close(channel);
    return channel != NULL;
}

static gboolean
tell_stats(Peer *peer, const cJSON *command, GError **error)
{
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(peer->connection);
    GString *event = event_new("stats");
    const struct {
        const char *name;
        const char *value;
    } facts[] = {
        { "local_type", pierce_stats_get_local_candidate_type(stats) },
        { "remote_type", pierce_stats_get_remote_candidate_type(stats) },
        { "local_address", pierce_stats_get_local_address(stats) },
        { "remote_address", pierce_stats_get_remote_address(stats) },
        { "protocol", pierce_stats_get_protocol(stats) },
        { "path_note", pierce_stats_get_path_note(stats) },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
        event_add_text(event, facts[i].name, facts[i].value);
    event_add_int(event, "messages_sent", (gint64) pierce_stats_get_messages_sent(stats));
    event_add_int(event, "messages_received", (gint64) pierce_stats_get_messages_received(stats));
    event_add_int(event, "packets_discarded", (gint64) pierce_stats_get_packets_discarded(stats));
    event_print(event);
    return TRUE;
}

static gboolean
tell_report(Peer *peer, const cJSON *command, GError **error)
{
    g_autofree char *report = pierce_peer_connection_get_report(peer->connection);
    GString *event = event_new("report");
    event_add_text(event, "report", report);
    event_print(event);
    return TRUE;
}

static gboolean
close_connection(Peer *peer, const cJSON *command, GError **error)
{
    pierce_peer_connection_close(peer->connection);
    return TRUE;
}

static const struct {
    const char *name;
    CommandFunc run;
    gboolean comes_before_connection;
} commands[] = {
    { "configure", configure, TRUE },
    { "channel", create_channel, FALSE },
    { "offer", make_offer, FALSE },
    { "restart", restart, FALSE },
    { "description", take_description, FALSE },
    { "candidate", take_candidate, FALSE },
    { "send", send_message, FALSE },
    { "echo", start_echo, TRUE },
    { "close-channel", close_channel, FALSE },
    { "stats", tell_stats, FALSE },
    { "report", tell_report, FALSE },
    { "close", close_connection, FALSE },
};

static void
ensure_connection(Peer *peer)
{
    if (peer->connection)
        return;
    peer->connection = pierce_peer_connection_new(peer->configuration);
    g_signal_connect(peer->connection, "ice-candidate", G_CALLBACK(on_candidate), peer);
    g_signal_connect(peer->connection, "data-channel", G_CALLBACK(on_channel), peer);
    g_signal_connect(peer->connection, "notify::connection-state", G_CALLBACK(on_state), peer);
    g_signal_connect(peer->connection, "notify::ice-connection-state", G_CALLBACK(on_ice_state),
                     peer);
}

static gboolean
run_command(Peer *peer, const cJSON *command, GError **error)
{
    const char *name = json_string(command, "cmd", "");
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        if (!commands[i].comes_before_connection)
            ensure_connection(peer);
        return commands[i].run(peer, command, error);
    }
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "there is no command `%s`", name);
    return FALSE;
}

/* ---- input ---- */

static void read_next_line(GDataInputStream *input, Peer *peer);

static void
on_line(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Peer *peer = user_data;
    g_autoptr(GError) error = NULL;
    g_autofree char *line =
        g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source), result, NULL, &error);
    if (!line) {
        g_main_loop_quit(peer->loop);
        return;
    }
    cJSON *command = cJSON_Parse(line);
    if (!run_command(peer, command, &error))
        tell_error(error, -1);
    cJSON_Delete(command);
    read_next_line(G_DATA_INPUT_STREAM(source), peer);
}

static void
read_next_line(GDataInputStream *input, Peer *peer)
{
    g_data_input_stream_read_line_async(input, G_PRIORITY_DEFAULT, NULL, on_line, peer);
}

int
main(void)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(PierceConfiguration) configuration = pierce_configuration_new();
    g_autoptr(GPtrArray) channels = g_ptr_array_new_with_free_func(g_object_unref);
    g_autoptr(GInputStream) stdin_stream = g_unix_input_stream_new(STDIN_FILENO, FALSE);
    g_autoptr(GDataInputStream) input = g_data_input_stream_new(stdin_stream);
    Peer peer = { .loop = loop, .configuration = configuration, .channels = channels };

    g_autoptr(GSource) turns = loop_turns_new();

    g_log_writer_default_set_use_stderr(TRUE);
    read_next_line(input, &peer);
    g_main_loop_run(loop);
    if (peer.connection)
        pierce_peer_connection_close(peer.connection);
    for (guint i = 0; i < channels->len; i++)
        pierce_data_channel_set_message_func(channels->pdata[i], NULL, NULL, NULL);
    g_clear_object(&peer.connection);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    GString *event = event_new("end");
    event_add_int(event, "turns", loop_turns_count(turns));
    event_print(event);
    return 0;
}
