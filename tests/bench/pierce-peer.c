/* Obeys lines on standard input and answers on standard output; peers/PROTOCOL.md has the words.
 * Uses libpierce as any program would, and measures nothing but round trips and set-up. */
#include "tests/bench/pierce-peer.h"

#include "tests/bench/pierce-pairs.h"
#include "tests/bench/pierce-say.h"
#include "tests/bench/pierce-words.h"

#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536
#define PING_LABEL "ping"
#define BENCH_LABEL "bench"

typedef struct Peer Peer;
typedef struct Connection Connection;

struct Connection {
    Peer *peer;
    char *id;
    Connection *partner; /* the other end, where both are in this process */
    PiercePeerConnection *connection;
    PierceDataChannel *channel;
    GBytes *flood; /* what is sent again and again, NULL when nothing is */
    gsize high_water;
    guint64 sent, received, received_bytes;
    gboolean echoes;
    gint64 ping_end_us, ping_at_us; /* 0 while no pings are sent */
    GString *pings;
};

struct Peer {
    GMainLoop *loop;
    GString *input;
    GHashTable *connections; /* id -> Connection */
    guint setups_left, setup_opens;
    gint64 setup_at_us;
    Connection *setup[2];
    GString *setups;
    GPtrArray *held; /* of Pair */
};

static void
complain(const char *doing, GError *error)
{
    say("error %s: %s", doing, error ? error->message : "unknown");
}

/* ---- messages ---- */

static void
send_bytes(Connection *self, const guint8 *bytes, gsize size)
{
    g_autoptr(GError) error = NULL;
    if (pierce_data_channel_send(self->channel, bytes, size, &error))
        self->sent++;
    else
        complain("send", error);
}

static void
fill(Connection *self)
{
    gsize size;
    const guint8 *bytes = self->flood ? g_bytes_get_data(self->flood, &size) : NULL;
    while (self->flood && self->channel &&
           pierce_data_channel_get_buffered_amount(self->channel) < self->high_water)
        send_bytes(self, bytes, size);
}

static void
on_low(PierceDataChannel *channel, Connection *self)
{
    fill(self);
}

static void
send_ping(Connection *self)
{
    gsize size;
    const guint8 *bytes = g_bytes_get_data(self->flood, &size);
    self->ping_at_us = g_get_monotonic_time();
    send_bytes(self, bytes, size);
}

static void
on_pong(Connection *self)
{
    gint64 now_us = g_get_monotonic_time();
    g_string_append_printf(self->pings, " %" G_GINT64_FORMAT, now_us - self->ping_at_us);
    if (now_us < self->ping_end_us) {
        send_ping(self);
        return;
    }
    self->ping_end_us = 0;
    g_clear_pointer(&self->flood, g_bytes_unref);
    say("pings %s%s", self->id, self->pings->str);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    Connection *self = user_data;
    self->received++;
    self->received_bytes += size;
    if (self->echoes)
        send_bytes(self, data, size);
    else if (self->ping_end_us > 0)
        on_pong(self);
}

/* ---- connections ---- */

static void on_setup_open(Peer *peer);

static void
on_open(PierceDataChannel *channel, Connection *self)
{
    if (self->partner)
        on_setup_open(self->peer);
    else
        say("open %s", self->id);
}

static void
take_channel(Connection *self, PierceDataChannel *channel)
{
    g_set_object(&self->channel, channel);
    pierce_data_channel_set_message_func(channel, on_message, self, NULL);
    g_signal_connect(channel, "open", G_CALLBACK(on_open), self);
    g_signal_connect(channel, "buffered-amount-low", G_CALLBACK(on_low), self);
}

static Connection *connection_new(Peer *peer, const char *id, PiercePeerConnection *connection);

/* The second channel of a connection answers to a name of its own. */
static void
take_ping_channel(Connection *self, PierceDataChannel *channel)
{
    g_autofree char *id = g_strconcat(self->id, "." PING_LABEL, NULL);
    Connection *second = connection_new(self->peer, id, self->connection);
    g_hash_table_insert(self->peer->connections, second->id, second);
    take_channel(second, channel);
}

static void
on_channel(PiercePeerConnection *connection, PierceDataChannel *channel, Connection *self)
{
    g_autofree char *label = NULL;
    g_object_get(channel, "label", &label, NULL);
    if (g_str_equal(label, PING_LABEL))
        take_ping_channel(self, channel);
    else
        take_channel(self, channel);
}

static void
on_candidate(PiercePeerConnection *connection, PierceIceCandidate *candidate, Connection *self)
{
    const char *text = pierce_ice_candidate_get_candidate(candidate);
    const char *mid = pierce_ice_candidate_get_sdp_mid(candidate);
    if (self->partner) {
        pierce_peer_connection_add_ice_candidate(self->partner->connection, candidate, NULL);
    } else if (*text) {
        g_autofree char *encoded = g_base64_encode((const guchar *) text, strlen(text));
        say("candidate %s %s %s", self->id, mid ? mid : "0", encoded);
    }
}

/* On @connection if it is given, else on a new one. */
static Connection *
connection_new(Peer *peer, const char *id, PiercePeerConnection *connection)
{
    Connection *self = g_new0(Connection, 1);
    self->peer = peer;
    self->id = g_strdup(id);
    self->pings = g_string_new(NULL);
    if (connection) {
        self->connection = g_object_ref(connection);
        return self;
    }
    self->connection = pierce_peer_connection_new(NULL);
    g_signal_connect(self->connection, "ice-candidate", G_CALLBACK(on_candidate), self);
    g_signal_connect(self->connection, "data-channel", G_CALLBACK(on_channel), self);
    return self;
}

static void
connection_free(gpointer data)
{
    Connection *self = data;
    if (self->channel) {
        pierce_data_channel_set_message_func(self->channel, NULL, NULL, NULL);
        g_signal_handlers_disconnect_by_data(self->channel, self);
    }
    g_signal_handlers_disconnect_by_data(self->connection, self);
    pierce_peer_connection_close(self->connection);
    g_clear_object(&self->channel);
    g_object_unref(self->connection);
    g_clear_pointer(&self->flood, g_bytes_unref);
    g_string_free(self->pings, TRUE);
    g_free(self->id);
    g_free(self);
}

static gboolean
create_channel(Connection *self, gboolean is_unordered, GError **error)
{
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    if (is_unordered) {
        pierce_data_channel_init_set_ordered(init, FALSE);
        pierce_data_channel_init_set_max_retransmits(init, 0);
    }
    g_autoptr(PierceDataChannel) channel =
        pierce_peer_connection_create_data_channel(self->connection, BENCH_LABEL, init, error);
    if (channel)
        take_channel(self, channel);
    return channel != NULL;
}

static gboolean
create_ping_channel(Connection *self, GError **error)
{
    g_autoptr(PierceDataChannel) channel =
        pierce_peer_connection_create_data_channel(self->connection, PING_LABEL, NULL, error);
    if (channel)
        take_ping_channel(self, channel);
    return channel != NULL;
}

/* Makes the offer or answer that is due; NULL with @error set where that fails. */
static PierceSessionDescription *
describe(Connection *self, GError **error)
{
    if (!pierce_peer_connection_set_local_description(self->connection, NULL, error))
        return NULL;
    return pierce_peer_connection_get_local_description(self->connection);
}

static void
say_description(Connection *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PierceSessionDescription) description = describe(self, &error);
    if (!description) {
        complain("description", error);
        return;
    }
    const char *sdp = pierce_session_description_get_sdp(description);
    g_autofree char *encoded = g_base64_encode((const guchar *) sdp, strlen(sdp));
    gboolean is_offer =
        pierce_session_description_get_sdp_type(description) == PIERCE_SDP_TYPE_OFFER;
    say("local %s %s %s", self->id, is_offer ? "offer" : "answer", encoded);
}

/* ---- set-up within this process ---- */

static void
start_setup(Peer *peer)
{
    g_autoptr(GError) error = NULL;
    peer->setup_opens = 0;
    peer->setup_at_us = g_get_monotonic_time();
    Connection *offerer = peer->setup[0] = connection_new(peer, "offerer", NULL);
    Connection *answerer = peer->setup[1] = connection_new(peer, "answerer", NULL);
    offerer->partner = answerer;
    answerer->partner = offerer;
    create_channel(offerer, FALSE, &error);
    g_autoptr(PierceSessionDescription) offer = error ? NULL : describe(offerer, &error);
    if (offer)
        pierce_peer_connection_set_remote_description(answerer->connection, offer, &error);
    g_autoptr(PierceSessionDescription) answer = error ? NULL : describe(answerer, &error);
    if (answer)
        pierce_peer_connection_set_remote_description(offerer->connection, answer, &error);
    if (error)
        complain("set-up", error);
}

static gboolean
next_setup(gpointer user_data)
{
    Peer *peer = user_data;
    g_clear_pointer(&peer->setup[0], connection_free);
    g_clear_pointer(&peer->setup[1], connection_free);
    if (peer->setups_left-- > 0)
        start_setup(peer);
    else
        say("setups%s", peer->setups->str);
    return G_SOURCE_REMOVE;
}

static void
on_setup_open(Peer *peer)
{
    if (++peer->setup_opens < 2)
        return;
    g_string_append_printf(peer->setups, " %" G_GINT64_FORMAT,
                           g_get_monotonic_time() - peer->setup_at_us);
    g_idle_add(next_setup, peer);
}

static void
do_setups(Peer *peer, char **words)
{
    peer->setups_left = (guint) g_ascii_strtoull(words[1], NULL, 10);
    g_string_truncate(peer->setups, 0);
    next_setup(peer);
}

/* ---- words ---- */

static void
do_connect(Peer *peer, char **words)
{
    g_autoptr(GError) error = NULL;
    Connection *self = connection_new(peer, words[1], NULL);
    g_hash_table_insert(peer->connections, self->id, self);
    if (g_str_equal(words[2], "answer"))
        return;
    if ((!g_str_equal(words[2], "both") || create_ping_channel(self, &error)) &&
        create_channel(self, g_str_equal(words[2], "unordered"), &error))
        say_description(self);
    else
        complain("channel", error);
}

static char *
decode(const char *encoded)
{
    gsize size;
    g_autofree guchar *bytes = g_base64_decode(encoded, &size);
    return g_strndup((const char *) bytes, size);
}

static void
do_remote(Connection *self, char **words)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *sdp = decode(words[3]);
    gboolean is_offer = g_str_equal(words[2], "offer");
    g_autoptr(PierceSessionDescription) description = pierce_session_description_new(
        is_offer ? PIERCE_SDP_TYPE_OFFER : PIERCE_SDP_TYPE_ANSWER, sdp);
    if (!pierce_peer_connection_set_remote_description(self->connection, description, &error))
        complain("remote", error);
    else if (is_offer)
        say_description(self);
}

static void
do_candidate(Connection *self, char **words)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = decode(words[3]);
    g_autoptr(PierceIceCandidate) candidate = pierce_ice_candidate_new(text, words[2], 0, NULL);
    if (!pierce_peer_connection_add_ice_candidate(self->connection, candidate, &error))
        complain("candidate", error);
}

static void
set_flood(Connection *self, const char *size_word)
{
    gsize size = g_ascii_strtoull(size_word, NULL, 10);
    g_clear_pointer(&self->flood, g_bytes_unref);
    self->flood = g_bytes_new_take(g_malloc0(size), size);
}

static void
do_flood(Connection *self, char **words)
{
    self->high_water = g_ascii_strtoull(words[3], NULL, 10);
    pierce_data_channel_set_buffered_amount_low_threshold(self->channel, self->high_water / 2);
    set_flood(self, words[2]);
    fill(self);
}

static void
do_stop(Connection *self, char **words)
{
    g_clear_pointer(&self->flood, g_bytes_unref);
}

static void
do_echo(Connection *self, char **words)
{
    self->echoes = TRUE;
}

static void
do_ping(Connection *self, char **words)
{
    set_flood(self, words[2]);
    g_string_truncate(self->pings, 0);
    self->ping_end_us =
        g_get_monotonic_time() + (gint64) g_ascii_strtoull(words[3], NULL, 10) * 1000;
    send_ping(self);
}

static void
do_counts(Connection *self, char **words)
{
    say("counts %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
        " %" G_GINT64_FORMAT,
        self->id, self->sent, self->received, self->received_bytes, g_get_monotonic_time());
}

static const struct {
    const char *word;
    guint words;
    void (*obey)(Connection *self, char **words);
} commands[] = {
    { "remote", 4, do_remote }, { "candidate", 4, do_candidate }, { "flood", 4, do_flood },
    { "stop", 2, do_stop },     { "echo", 2, do_echo },           { "ping", 4, do_ping },
    { "counts", 2, do_counts },
};

static void
obey_connection(Peer *peer, char **words, guint count)
{
    Connection *self = count > 1 ? g_hash_table_lookup(peer->connections, words[1]) : NULL;
    for (gsize i = 0; self && i < G_N_ELEMENTS(commands); i++) {
        if (g_str_equal(words[0], commands[i].word) && count == commands[i].words) {
            commands[i].obey(self, words);
            return;
        }
    }
    say("error %s: not understood", words[0]);
}

static void
obey(Peer *peer, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autofree char *answer = NULL;
    guint count = g_strv_length(words);
    if (count == 3 && g_str_equal(words[0], "connect"))
        do_connect(peer, words);
    else if (count == 2 && g_str_equal(words[0], "setups"))
        do_setups(peer, words);
    else if (count == 2 && g_str_equal(words[0], "close"))
        g_hash_table_remove(peer->connections, words[1]);
    else if ((answer = pierce_words_obey(peer->held, words)))
        say("%s", answer);
    else
        obey_connection(peer, words, count);
}

static gboolean
on_input(gint fd, GIOCondition condition, gpointer user_data)
{
    Peer *peer = user_data;
    char bytes[READ_BYTES];
    ssize_t size = read(fd, bytes, sizeof bytes);
    if (size <= 0) {
        g_main_loop_quit(peer->loop);
        return G_SOURCE_REMOVE;
    }
    g_string_append_len(peer->input, bytes, size);
    for (char *end; (end = memchr(peer->input->str, '\n', peer->input->len));) {
        g_autofree char *line = g_strndup(peer->input->str, (gsize) (end - peer->input->str));
        g_string_erase(peer->input, 0, end - peer->input->str + 1);
        obey(peer, line);
    }
    return G_SOURCE_CONTINUE;
}

int
pierce_peer_run(void)
{
    Peer peer = {
        .loop = g_main_loop_new(NULL, FALSE),
        .input = g_string_new(NULL),
        .connections = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, connection_free),
        .setups = g_string_new(NULL),
        .held = pairs_array_new(),
    };
    g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input, &peer);
    say("ready %s", PIERCE_VERSION);
    g_main_loop_run(peer.loop);
    g_hash_table_unref(peer.connections);
    g_ptr_array_unref(peer.held);
    g_string_free(peer.input, TRUE);
    g_string_free(peer.setups, TRUE);
    g_main_loop_unref(peer.loop);
    return 0;
}
