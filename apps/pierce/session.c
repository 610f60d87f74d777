/* Owns a command's registration, its connections and its end.  What is said over the channels is
 * the command's business. */
#include "session.h"

#include "configuration.h"
#include "report.h"
#include "timer.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>

#define SEARCH_MS 1000
#define PATH_CHECK_MS 1000
/* A connection whose peer opens no channel is told of after this time. */
#define ANNOUNCE_MS 2000
#define MAX_NAMES 1024

typedef struct {
    SessionPeer *peer;
    gboolean is_told;
} Watch;

static void
add_source(Session *self, GSource *source, const char *name, GSourceFunc func)
{
    g_source_set_static_name(source, name);
    g_source_set_callback(source, func, self, NULL);
    g_source_attach(source, NULL);
    g_ptr_array_add(self->sources, source);
}

static void
peer_free(SessionPeer *peer)
{
    g_signal_handlers_disconnect_by_data(peer->connection, peer);
    g_clear_object(&peer->channel);
    g_object_unref(peer->connection);
    g_free(peer->client_id);
    g_free(peer->name);
    g_free(peer->path);
    g_free(peer);
}

const char *
session_peer_name(const SessionPeer *peer)
{
    return peer->name ? peer->name : peer->client_id;
}

/* --- channels and connections */

static void
announce(SessionPeer *peer)
{
    const SessionHandlers *handlers = peer->session->handlers;

    if (peer->is_announced)
        return;
    peer->is_announced = TRUE;
    timer_stop(&peer->session->deadline);
    report_connected(peer);
    if (handlers->on_connected)
        handlers->on_connected(peer, peer->session->user_data);
}

static void
on_channel_open(PierceDataChannel *channel, Watch *watch)
{
    SessionPeer *peer = watch->peer;
    const SessionHandlers *handlers = peer->session->handlers;

    if (watch->is_told || peer->session->is_ending)
        return;
    watch->is_told = TRUE;
    announce(peer);
    report_channel(peer, channel);
    if (handlers->on_channel)
        handlers->on_channel(peer, channel, peer->session->user_data);
}

static void
watch_channel(SessionPeer *peer, PierceDataChannel *channel)
{
    const SessionHandlers *handlers = peer->session->handlers;
    Watch *watch = g_new0(Watch, 1);

    watch->peer = peer;
    /* The watch lives as long as the channel; the peer's connection ends channels before it goes.
     */
    g_object_set_data_full(G_OBJECT(channel), "session-watch", watch, g_free);
    if (handlers->on_new_channel)
        handlers->on_new_channel(peer, channel, peer->session->user_data);
    g_signal_connect(channel, "open", G_CALLBACK(on_channel_open), watch);
}

static void
on_data_channel(PiercePeerConnection *connection, PierceDataChannel *channel, SessionPeer *peer)
{
    watch_channel(peer, channel);
}

static gboolean
on_announce_due(gpointer user_data)
{
    PiercePeerConnection *connection = user_data;
    SessionPeer *peer = g_object_get_data(G_OBJECT(connection), "session-peer");

    if (peer && pierce_peer_connection_get_connection_state(connection) ==
                    PIERCE_PEER_CONNECTION_STATE_CONNECTED)
        announce(peer);
    return G_SOURCE_REMOVE;
}

static void
on_state(PiercePeerConnection *connection, GParamSpec *pspec, SessionPeer *peer)
{
    PiercePeerConnectionState state = pierce_peer_connection_get_connection_state(connection);
    gboolean is_lost = state == PIERCE_PEER_CONNECTION_STATE_DISCONNECTED ||
                       state == PIERCE_PEER_CONNECTION_STATE_FAILED;

    if (state == PIERCE_PEER_CONNECTION_STATE_CONNECTED) {
        peer->is_lost = FALSE;
        if (!peer->is_announced)
            g_timeout_add_full(G_PRIORITY_DEFAULT, ANNOUNCE_MS, on_announce_due,
                               g_object_ref(connection), g_object_unref);
    } else if (is_lost && !peer->is_lost && peer->is_announced) {
        peer->is_lost = TRUE;
        report_path_lost(peer);
    }
}

static void
on_peer(PierceNegotiator *negotiator, const char *client_id, PiercePeerConnection *connection,
        Session *self)
{
    guint max_peers = self->handlers->max_peers;

    if (max_peers && g_hash_table_size(self->peers) >= max_peers) {
        report_error(self, "full", "one more peer wants to connect than there is room for");
        pierce_peer_connection_close(connection);
        return;
    }
    SessionPeer *peer = g_new0(SessionPeer, 1);
    peer->session = self;
    peer->client_id = g_strdup(client_id);
    peer->name = g_strdup(g_hash_table_lookup(self->names, client_id));
    peer->connection = g_object_ref(connection);
    g_hash_table_insert(self->peers, connection, peer);
    g_object_set_data(G_OBJECT(connection), "session-peer", peer);
    g_signal_connect(connection, "notify::connection-state", G_CALLBACK(on_state), peer);
    g_signal_connect(connection, "data-channel", G_CALLBACK(on_data_channel), peer);
}

static gboolean
on_search_due(gpointer user_data)
{
    Session *self = user_data;

    timer_stop(&self->search);
    pierce_signaling_client_find_peer(self->client, self->options->to);
    return G_SOURCE_REMOVE;
}

static void
on_peer_gone(PierceNegotiator *negotiator, const char *client_id, PiercePeerConnection *connection,
             Session *self)
{
    SessionPeer *peer = g_hash_table_lookup(self->peers, connection);
    const GError *error = pierce_peer_connection_get_error(connection);

    if (!peer)
        return;
    if (g_error_matches(error, PIERCE_ERROR, PIERCE_ERROR_PEER_CLOSED))
        error = NULL;
    g_hash_table_steal(self->peers, connection);
    g_object_set_data(G_OBJECT(connection), "session-peer", NULL);
    /* With --to, a peer that cannot be reached is an end; one that just left may come back. */
    gboolean is_fatal = self->deadline && self->label && error;
    report_gone(peer, error);
    if (is_fatal)
        session_fail(self, pierce_enum_nick(PIERCE_TYPE_ERROR, error->code), error->message);
    else if (self->deadline && self->label)
        timer_start(&self->search, "pierce search", SEARCH_MS, on_search_due, self);
    else if (self->handlers->on_gone)
        self->handlers->on_gone(peer, error, self->user_data);
    peer_free(peer);
}

void
session_connect_to(Session *self, const char *client_id, const char *label)
{
    g_autoptr(GError) error = NULL;
    PiercePeerConnection *connection = pierce_negotiator_connect(self->negotiator, client_id);
    SessionPeer *peer = connection ? g_hash_table_lookup(self->peers, connection) : NULL;

    if (!peer || peer->channel)
        return;
    peer->channel = pierce_peer_connection_create_data_channel(connection, label, NULL, &error);
    if (peer->channel)
        watch_channel(peer, peer->channel);
    else
        session_fail(self, pierce_enum_nick(PIERCE_TYPE_ERROR, error->code), error->message);
}

/* --- the server */

static void
learn_name(Session *self, const char *client_id, const char *name)
{
    GHashTableIter iter;
    gpointer peer;

    if (g_hash_table_size(self->names) >= MAX_NAMES)
        g_hash_table_remove_all(self->names);
    g_hash_table_insert(self->names, g_strdup(client_id), g_strdup(name));
    g_hash_table_iter_init(&iter, self->peers);
    while (g_hash_table_iter_next(&iter, NULL, &peer)) {
        SessionPeer *known = peer;
        if (!known->name && strcmp(known->client_id, client_id) == 0)
            known->name = g_strdup(name);
    }
}

static void
set_problem(Session *self, const char *problem)
{
    g_free(self->problem);
    self->problem = g_strdup(problem);
}

static void
on_registered(PierceSignalingClient *client, const char *client_id, Session *self)
{
    gboolean is_again = self->was_registered;

    self->was_registered = TRUE;
    report_registered(self, client_id, is_again);
    if (!self->options->to)
        timer_stop(&self->deadline);
    if (!is_again && self->handlers->on_registered)
        self->handlers->on_registered(self, self->user_data);
}

static void
on_disconnected(PierceSignalingClient *client, const GError *error, Session *self)
{
    if (self->is_ending)
        return;
    if (self->was_registered || g_strcmp0(self->problem, error->message) != 0)
        report_server_lost(self, error);
    set_problem(self, error->message);
}

static void
on_error(PierceSignalingClient *client, const GError *error, Session *self)
{
    const char *code = pierce_enum_nick(PIERCE_TYPE_SIGNALING_ERROR, error->code);

    /* A peer that just left: its connection tells of that. */
    if (error->code == PIERCE_SIGNALING_ERROR_PEER_NOT_FOUND)
        return;
    if (!self->was_registered && error->code == PIERCE_SIGNALING_ERROR_REFUSED)
        session_fail(self, code, error->message);
    else
        report_error(self, code, error->message);
}

static void
on_peer_found(PierceSignalingClient *client, const char *client_id, const char *name, Session *self)
{
    learn_name(self, client_id, name);
    if (!self->label || !self->deadline || g_hash_table_size(self->peers) > 0)
        return;
    set_problem(self, "the peer is registered, but no connection to it came up");
    session_connect_to(self, client_id, self->label);
}

static void
on_peer_not_found(PierceSignalingClient *client, const char *name, Session *self)
{
    g_autofree char *problem =
        g_strdup_printf("no peer called \"%s\" is registered at %s", name, self->options->server);

    if (!self->deadline)
        return;
    if (!self->options->json && g_strcmp0(self->problem, problem) != 0)
        terminal_notice(&self->terminal, STYLE_NOTICE, "* %s; waiting for it", problem);
    set_problem(self, problem);
    timer_start(&self->search, "pierce search", SEARCH_MS, on_search_due, self);
}

static void
on_peer_joined(PierceSignalingClient *client, const char *client_id, const char *name,
               gboolean present, Session *self)
{
    learn_name(self, client_id, name);
    if (present && self->handlers->on_peer_joined && !self->is_ending)
        self->handlers->on_peer_joined(self, client_id, self->user_data);
}

static void
on_client_state(PierceSignalingClient *client, GParamSpec *pspec, Session *self)
{
    if (pierce_signaling_client_get_state(client) == PIERCE_SIGNALING_CLIENT_STATE_CLOSED)
        g_main_loop_quit(self->loop);
}

void
session_connect(Session *self, const char *label)
{
    self->label = label;
    pierce_signaling_client_find_peer(self->client, self->options->to);
}

/* --- beginning and end */

static gboolean
on_deadline(gpointer user_data)
{
    Session *self = user_data;
    g_autofree char *message = g_strdup_printf(
        "%s (gave up after %d s)", self->problem ? self->problem : "no answer from the server",
        self->options->timeout_s);

    timer_stop(&self->deadline);
    session_fail(self, "timeout", message);
    return G_SOURCE_REMOVE;
}

static gboolean
on_interrupt(gpointer user_data)
{
    Session *self = user_data;

    if (self->is_ending)
        g_main_loop_quit(self->loop);
    else if (self->handlers->on_interrupt)
        self->handlers->on_interrupt(self, self->user_data);
    else
        session_end(self, EXIT_OK);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_path_check(gpointer user_data)
{
    Session *self = user_data;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, self->peers);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        SessionPeer *peer = value;
        if (peer->is_announced)
            report_path(peer);
    }
    return G_SOURCE_CONTINUE;
}

void
session_end(Session *self, ExitCode exit_code)
{
    if (self->is_ending)
        return;
    self->is_ending = TRUE;
    self->exit_code = exit_code;
    timer_stop(&self->deadline);
    timer_stop(&self->search);
    pierce_negotiator_close(self->negotiator);
    pierce_signaling_client_close(self->client);
    on_client_state(self->client, NULL, self);
}

void
session_fail(Session *self, const char *code, const char *message)
{
    GHashTableIter iter;
    gpointer connection;

    if (self->is_ending)
        return;
    report_error(self, code, message);
    g_hash_table_iter_init(&iter, self->peers);
    while (!self->options->json && g_hash_table_iter_next(&iter, &connection, NULL)) {
        g_autofree char *report = pierce_peer_connection_get_report(connection);
        terminal_notice(&self->terminal, STYLE_PLAIN, "%s", report);
    }
    session_end(self, EXIT_NOT_CONNECTED);
}

static void
connect_signals(Session *self)
{
    g_signal_connect(self->client, "registered", G_CALLBACK(on_registered), self);
    g_signal_connect(self->client, "disconnected", G_CALLBACK(on_disconnected), self);
    g_signal_connect(self->client, "error", G_CALLBACK(on_error), self);
    g_signal_connect(self->client, "peer-found", G_CALLBACK(on_peer_found), self);
    g_signal_connect(self->client, "peer-not-found", G_CALLBACK(on_peer_not_found), self);
    g_signal_connect(self->client, "peer-joined", G_CALLBACK(on_peer_joined), self);
    g_signal_connect(self->client, "notify::state", G_CALLBACK(on_client_state), self);
    g_signal_connect(self->negotiator, "peer", G_CALLBACK(on_peer), self);
    g_signal_connect(self->negotiator, "peer-gone", G_CALLBACK(on_peer_gone), self);
}

Session *
session_new(const Options *options, const SessionHandlers *handlers, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PierceConfiguration) configuration = configuration_from_options(options, &error);
    g_autoptr(PierceSignalingClient) client = NULL;

    if (configuration)
        client = pierce_signaling_client_new(options->server, options->name, options->room,
                                             options->token, &error);
    if (!client) {
        g_printerr("%s: %s\n", g_get_prgname(), error->message);
        return NULL;
    }
    Session *self = g_new0(Session, 1);
    self->options = options;
    self->handlers = handlers;
    self->user_data = user_data;
    self->loop = g_main_loop_new(NULL, FALSE);
    self->client = g_steal_pointer(&client);
    /* The negotiator hears of peers first, and so knows them when the command asks for one. */
    self->negotiator = pierce_negotiator_new(self->client, configuration);
    if (options->no_relay)
        pierce_negotiator_refuse_relays(self->negotiator);
    self->peers = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify) peer_free);
    self->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self->sources = g_ptr_array_new_with_free_func((GDestroyNotify) g_source_unref);
    terminal_init(&self->terminal);
    connect_signals(self);
    return self;
}

ExitCode
session_run(Session *self)
{
    add_source(self, g_unix_signal_source_new(SIGINT), "pierce interrupt", on_interrupt);
    add_source(self, g_unix_signal_source_new(SIGTERM), "pierce terminate", on_interrupt);
    add_source(self, g_timeout_source_new(PATH_CHECK_MS), "pierce path check", on_path_check);
    timer_start(&self->deadline, "pierce --timeout", (guint) self->options->timeout_s * 1000,
                on_deadline, self);

    pierce_signaling_client_start(self->client);
    if (!self->is_ending)
        g_main_loop_run(self->loop);
    return self->exit_code;
}

void
session_free(Session *self)
{
    for (guint i = 0; i < self->sources->len; i++)
        g_source_destroy(self->sources->pdata[i]);
    timer_stop(&self->deadline);
    timer_stop(&self->search);
    g_signal_handlers_disconnect_by_data(self->client, self);
    g_signal_handlers_disconnect_by_data(self->negotiator, self);
    g_hash_table_unref(self->peers);
    g_hash_table_unref(self->names);
    g_object_unref(self->negotiator);
    g_object_unref(self->client);
    g_ptr_array_unref(self->sources);
    g_main_loop_unref(self->loop);
    g_free(self->problem);
    g_free(self);
}
