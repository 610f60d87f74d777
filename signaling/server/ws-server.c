/* Owns the listening socket and the table of connections; never the dialect, which is router's, nor
 * bytes of frames.  One epoll set for all sockets, one write per connection and round: what a round
 * of news makes the router say is gathered first and sent when the round is over. */
#include "signaling/server/ws-server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define SCRATCH_BYTES 65536
#define MAX_ACCEPTS 64
#define BACKLOG 1024
#define TICK_MS 250

/* What the kernel may hold for one client that does not read, beside our own queue. */
#define SEND_BUFFER_BYTES (128 * 1024)

/* Ids are hard to guess: who knows one may send offers to it. */
#define ID_BYTES 12

struct WsServer {
    WsServerConfig config;
    ConnectionShared shared;
    Poller *poller;
    GSocket *listener;
    PollerWatch listener_watch;
    gboolean is_accepting;
    GHashTable *websockets; /* client_id to Connection */
    GQueue connections;     /* by their own links */
    AddressCount *addresses;
    GPtrArray *pending; /* connections that have something to send */
    GPtrArray *dead;    /* connections to free */
    GPtrArray *gone;    /* ids whose WebSocket ended */
    GArray *deliveries;
    GSource *tick;
    WsServerCounts counts;
    gboolean is_draining;
    gint64 drain_deadline_us;
    void (*on_drained)(gpointer user_data);
    gpointer drained_data;
};

static void
send_deliveries(WsServer *self)
{
    for (guint i = 0; i < self->deliveries->len; i++) {
        Delivery *delivery = &g_array_index(self->deliveries, Delivery, i);
        Connection *target = g_hash_table_lookup(self->websockets, delivery->client_id);
        gsize size = 0;
        const char *text = g_bytes_get_data(delivery->text, &size);
        if (!target)
            continue;
        connection_send(target, text, size);
        if (delivery->close_code != 0)
            connection_close(target, (WsCloseCode) delivery->close_code, delivery->close_reason);
    }
    g_array_set_size(self->deliveries, 0);
}

/* Tells the rooms of those that left, which may overfill a slow reader, which then leaves too. */
static void
settle(WsServer *self)
{
    while (self->gone->len > 0) {
        char *client_id = g_ptr_array_steal_index_fast(self->gone, self->gone->len - 1);
        router_disconnected(self->config.router, client_id, self->deliveries);
        g_ref_string_release(client_id);
        if (self->is_draining)
            g_array_set_size(self->deliveries, 0);
        send_deliveries(self);
    }
}

/* The end of a round: nobody but us uses a connection now. */
static void
finish_round(gpointer data)
{
    WsServer *self = data;

    do {
        settle(self);
        while (self->pending->len > 0)
            connection_flush(g_ptr_array_steal_index_fast(self->pending, self->pending->len - 1));
    } while (self->gone->len > 0);
    g_ptr_array_set_size(self->dead, 0);
    if (self->is_draining && self->on_drained && self->connections.length == 0) {
        void (*on_drained)(gpointer) = self->on_drained;
        self->on_drained = NULL;
        on_drained(self->drained_data);
    }
}

static char *
new_client_id(void)
{
    guint8 bytes[ID_BYTES];

    while (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        continue;
    char *id = g_base64_encode(bytes, sizeof bytes);
    return g_strdelimit(g_strdelimit(id, "+", '-'), "/", '_'); /* RFC 4648 section 5 */
}

static void
upgrade(WsServer *self, Connection *connection, const HttpRequest *request)
{
    g_autofree char *client_id = new_client_id();

    connection_upgrade(connection, request, client_id);
    connection->deadline_us = g_get_monotonic_time() + self->config.idle_us;
    g_hash_table_insert(self->websockets, connection->client_id, connection);
}

static void
on_request(Connection *connection, const HttpRequest *request, gpointer data)
{
    WsServer *self = data;
    gboolean wants_upgrade = request && http_request_is_upgrade(request);
    HttpVerdict verdict = { 400, "this is not an HTTP/1.1 request" };

    if (wants_upgrade)
        verdict = http_request_check_upgrade(request, self->config.allowed_origins);
    if (wants_upgrade && web_has(self->config.web, request->path))
        verdict = (HttpVerdict){ 400, "this path is a file of the page; WebSockets start at /" };
    if (wants_upgrade && verdict.status == 101) {
        upgrade(self, connection, request);
        return;
    }

    GByteArray *out = connection_answer(connection);
    if (!request || wants_upgrade)
        web_write_text(request, verdict.status, verdict.text, out);
    else if (!self->config.answer(request, out, self->config.user_data))
        web_answer(self->config.web, request, out);
    connection_answered(connection, web_keeps_alive(request) && !self->is_draining);
}

static void
on_message(Connection *connection, const char *text, gsize size, gpointer data)
{
    WsServer *self = data;

    connection->deadline_us = g_get_monotonic_time() + self->config.idle_us;
    router_receive(self->config.router, connection->client_id, text, size, g_get_monotonic_time(),
                   self->deliveries);
    send_deliveries(self);
}

static void
on_refused(Connection *connection, MessageErrorCode code, const char *text, guint16 close_code,
           gpointer data)
{
    WsServer *self = data;

    router_refuse(self->config.router, connection->client_id, code, text, close_code,
                  self->deliveries);
    send_deliveries(self);
}

static void
on_pending(Connection *connection, gpointer data)
{
    g_ptr_array_add(((WsServer *) data)->pending, connection);
}

static void
on_closed(Connection *connection, gpointer data)
{
    WsServer *self = data;

    g_hash_table_remove(self->websockets, connection->client_id);
    g_ptr_array_add(self->gone, g_ref_string_acquire(connection->client_id));
}

static void
on_dead(Connection *connection, gpointer data)
{
    WsServer *self = data;

    g_queue_unlink(&self->connections, &connection->link);
    address_count_remove(self->addresses, connection->address_key);
    g_ptr_array_add(self->dead, connection);
}

static const ConnectionFuncs connection_funcs = {
    .request = on_request,
    .message = on_message,
    .refused = on_refused,
    .pending = on_pending,
    .closed = on_closed,
    .dead = on_dead,
};

static AddressKey
key_of(const struct sockaddr_storage *address)
{
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;

    if (address->ss_family == AF_INET) {
        memcpy(&ipv4, address, sizeof ipv4);
        return address_key((const guint8 *) &ipv4.sin_addr, sizeof ipv4.sin_addr);
    }
    memcpy(&ipv6, address, sizeof ipv6);
    return address_key(ipv6.sin6_addr.s6_addr, sizeof ipv6.sin6_addr.s6_addr);
}

static void
accept_one(WsServer *self, int fd, AddressKey key)
{
    g_autoptr(GError) error = NULL;

    if (!address_count_add(self->addresses, key)) {
        self->counts.n_turned_away++;
        close(fd);
        return;
    }
    TlsSession *tls = self->config.tls ? tls_session_new(self->config.tls, fd) : NULL;
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    Connection *connection = connection_new(&self->shared, fd, tls, &error);
    if (!connection) {
        g_warning("a connection was dropped: %s", error->message);
        address_count_remove(self->addresses, key);
        return;
    }
    connection->address_key = key;
    g_queue_push_tail_link(&self->connections, &connection->link);
    self->counts.n_accepted++;
}

static void
set_accepting(WsServer *self, gboolean accepting)
{
    if (self->is_accepting == accepting || !self->listener)
        return;
    self->is_accepting = accepting;
    poller_change(self->poller, &self->listener_watch, accepting ? G_IO_IN : (GIOCondition) 0);
}

/* Where no more connections can be had, those that wait stay in the kernel's backlog until the next
 * tick, rather than waking us again and again. */
static void
on_connections(PollerWatch *watch, GIOCondition condition)
{
    WsServer *self = (WsServer *) ((char *) watch - G_STRUCT_OFFSET(WsServer, listener_watch));

    for (int i = 0; i < MAX_ACCEPTS; i++) {
        if (self->connections.length >= self->config.max_connections) {
            set_accepting(self, FALSE);
            return;
        }
        struct sockaddr_storage from = { 0 };
        socklen_t from_size = sizeof from;
        int fd =
            accept4(watch->fd, (struct sockaddr *) &from, &from_size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accept_one(self, fd, key_of(&from));
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            g_warning("no more connections are accepted for now: %s", g_strerror(errno));
            set_accepting(self, FALSE);
        }
        if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

static void
check_deadline(WsServer *self, Connection *connection, gint64 now_us)
{
    gint64 deadline_us = connection->deadline_us;
    const RegistryFuncs *funcs = self->config.registry->funcs;

    if (deadline_us == 0 || now_us < deadline_us)
        return;
    if (connection->state != CONNECTION_OPEN)
        connection_kill(connection);
    else if (!funcs->find(self->config.registry, connection->client_id))
        connection_close(connection, WS_CLOSE_POLICY, "not registered for too long");
}

static gboolean
on_tick(gpointer data)
{
    WsServer *self = data;
    gint64 now_us = g_get_monotonic_time();
    gboolean is_late = self->is_draining && now_us >= self->drain_deadline_us;

    router_expire(self->config.router, now_us, self->deliveries);
    send_deliveries(self);
    for (GList *link = self->connections.head, *next; link; link = next) {
        next = link->next;
        if (is_late)
            connection_kill(link->data);
        else
            check_deadline(self, link->data, now_us);
    }
    if (self->connections.length < self->config.max_connections)
        set_accepting(self, TRUE);
    finish_round(self);
    return G_SOURCE_CONTINUE;
}

static gboolean
start_to_listen(WsServer *self, GError **error)
{
    GSocketFamily family = g_socket_address_get_family(self->config.address);
    int size = SEND_BUFFER_BYTES;

    self->listener = g_socket_new(family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
    if (!self->listener)
        return FALSE;
    int fd = g_socket_get_fd(self->listener);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    g_socket_set_blocking(self->listener, FALSE);
    g_socket_set_listen_backlog(self->listener, BACKLOG);
    if (!g_socket_bind(self->listener, self->config.address, TRUE, error) ||
        !g_socket_listen(self->listener, error))
        return FALSE;
    self->listener_watch = (PollerWatch){ .fd = fd, .func = on_connections };
    self->is_accepting = TRUE;
    return poller_add(self->poller, &self->listener_watch, G_IO_IN, error);
}

static void
stop_listening(WsServer *self)
{
    if (self->listener && self->listener_watch.fd > 0)
        poller_remove(self->poller, &self->listener_watch);
    g_clear_object(&self->listener);
}

WsServer *
ws_server_new(const WsServerConfig *config, GError **error)
{
    g_autoptr(WsServer) self = g_new0(WsServer, 1);

    self->config = *config;
    self->websockets = g_hash_table_new(g_str_hash, g_str_equal);
    self->addresses = address_count_new(config->max_per_address);
    self->pending = g_ptr_array_new();
    self->dead = g_ptr_array_new_with_free_func((GDestroyNotify) connection_free);
    self->gone = g_ptr_array_new();
    self->deliveries = router_new_deliveries();
    g_queue_init(&self->connections);
    self->poller = poller_new(finish_round, self, error);
    if (!self->poller || !start_to_listen(self, error))
        return NULL;
    self->shared = (ConnectionShared){ .funcs = &connection_funcs,
                                       .user_data = self,
                                       .poller = self->poller,
                                       .session_limits = &self->config.session_limits,
                                       .max_message_bytes = config->max_message_bytes,
                                       .scratch = g_malloc(SCRATCH_BYTES),
                                       .scratch_size = SCRATCH_BYTES };
    self->tick = g_timeout_source_new(TICK_MS);
    g_source_set_name(self->tick, "pierce-server-tick");
    g_source_set_callback(self->tick, on_tick, self, NULL);
    g_source_attach(self->tick, g_main_context_get_thread_default());
    return g_steal_pointer(&self);
}

void
ws_server_free(WsServer *self)
{
    self->on_drained = NULL;
    self->is_draining = TRUE;
    stop_listening(self);
    while (self->connections.head)
        connection_kill(self->connections.head->data);
    if (self->poller)
        finish_round(self);
    if (self->tick) {
        g_source_destroy(self->tick);
        g_source_unref(self->tick);
    }
    g_clear_pointer(&self->poller, poller_free);
    g_hash_table_unref(self->websockets);
    address_count_free(self->addresses);
    g_ptr_array_unref(self->pending);
    g_ptr_array_unref(self->dead);
    g_ptr_array_unref(self->gone);
    g_array_unref(self->deliveries);
    g_free(self->shared.scratch);
    g_free(self);
}

GSocketAddress *
ws_server_get_address(WsServer *self, GError **error)
{
    return g_socket_get_local_address(self->listener, error);
}

const char *
ws_server_get_host(const WsServer *self, const char *client_id)
{
    const Connection *connection = g_hash_table_lookup(self->websockets, client_id);

    return connection ? connection->host : NULL;
}

WsServerCounts
ws_server_get_counts(const WsServer *self)
{
    WsServerCounts counts = self->counts;

    counts.n_connections = self->connections.length;
    counts.n_websockets = g_hash_table_size(self->websockets);
    return counts;
}

void
ws_server_drain(WsServer *self, gint64 deadline_us, void (*on_drained)(gpointer user_data),
                gpointer user_data)
{
    if (self->is_draining)
        return;
    self->is_draining = TRUE;
    self->drain_deadline_us = deadline_us;
    self->on_drained = on_drained;
    self->drained_data = user_data;
    stop_listening(self);
    for (GList *link = self->connections.head, *next; link; link = next) {
        next = link->next;
        connection_close(link->data, WS_CLOSE_GOING_AWAY, "the server goes away");
    }
    finish_round(self);
}
