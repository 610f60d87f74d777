/* Owns one TCP connection's socket, buffers and state.  Never knows what a message means nor who
 * else is connected: that is ws-server's and router's.  RFC 6455 sections 5.5 and 7.
 *
 * Nothing here is freed while a round of news goes on, so every function may be called from a
 * callback: what is over turns DEAD and is reported. */
#include "signaling/server/connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client has so long for a request, and a closing one to take what waits and to hang up. */
#define REQUEST_DEADLINE_US (15 * G_USEC_PER_SEC)
#define CLOSE_DEADLINE_US (5 * G_USEC_PER_SEC)

/* One connection reads at most so often before the others get their turn. */
#define MAX_READS 8

static void
set_state(Connection *self, ConnectionState state)
{
    ConnectionState old = self->state;

    if (old == state || old == CONNECTION_DEAD)
        return;
    g_debug("%s: connection state %d -> %d", self->client_id ? self->client_id : "http", old,
            state);
    self->state = state;
    if (state == CONNECTION_CLOSING)
        self->deadline_us = g_get_monotonic_time() + CLOSE_DEADLINE_US;
    if (old == CONNECTION_OPEN)
        self->shared->funcs->closed(self, self->shared->user_data);
    if (state == CONNECTION_DEAD)
        self->shared->funcs->dead(self, self->shared->user_data);
}

void
connection_kill(Connection *self)
{
    if (self->state == CONNECTION_DEAD)
        return;
    int fd = self->watch.fd;
    poller_remove(self->shared->poller, &self->watch);
    g_clear_pointer(&self->tls, tls_session_free);
    close(fd);
    set_state(self, CONNECTION_DEAD);
}

static void
note_pending(Connection *self)
{
    if (self->is_pending || self->state == CONNECTION_DEAD)
        return;
    self->is_pending = TRUE;
    self->shared->funcs->pending(self, self->shared->user_data);
}

GByteArray *
connection_answer(Connection *self)
{
    return session_queue(&self->session);
}

void
connection_answered(Connection *self, gboolean keeps_alive)
{
    self->deadline_us = g_get_monotonic_time() + REQUEST_DEADLINE_US;
    if (!keeps_alive)
        set_state(self, CONNECTION_CLOSING);
    note_pending(self);
}

void
connection_upgrade(Connection *self, const HttpRequest *request, const char *client_id)
{
    g_autofree char *accept = http_websocket_accept(request->ws_key);
    g_autofree char *head = g_strconcat("HTTP/1.1 101 Switching Protocols\r\n"
                                        "Upgrade: websocket\r\n"
                                        "Connection: Upgrade\r\n"
                                        "Sec-WebSocket-Accept: ",
                                        accept, "\r\n\r\n", NULL);

    g_byte_array_append(session_queue(&self->session), (const guint8 *) head, (guint) strlen(head));
    self->client_id = g_ref_string_new(client_id);
    self->host = http_host_name(request->host);
    self->deadline_us = 0;
    set_state(self, CONNECTION_OPEN);
    note_pending(self);
}

void
connection_close(Connection *self, WsCloseCode code, const char *reason)
{
    if (self->state == CONNECTION_OPEN)
        ws_frame_write_close(session_queue(&self->session), code, reason);
    if (self->state == CONNECTION_OPEN || self->state == CONNECTION_HTTP)
        set_state(self, CONNECTION_CLOSING);
    note_pending(self);
}

static GByteArray *
reserve(Connection *self, gsize size)
{
    GByteArray *queue = session_reserve(&self->session, size + WS_MAX_HEADER_BYTES);

    if (!queue) {
        g_autofree char *reason =
            g_strdup_printf("slow_reader: more than %" G_GSIZE_FORMAT " bytes wait for you",
                            self->shared->session_limits->max_queue_bytes);
        connection_close(self, WS_CLOSE_POLICY, reason);
    }
    return queue;
}

void
connection_send(Connection *self, const char *text, gsize size)
{
    GByteArray *queue = self->state == CONNECTION_OPEN ? reserve(self, size) : NULL;

    if (!queue)
        return;
    ws_frame_write(queue, WS_OPCODE_TEXT, (const guint8 *) text, size);
    note_pending(self);
}

/* RFC 6455 section 7.4.2: what may stand in a close frame. */
static gboolean
is_close_code(guint code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

static void
on_close_frame(Connection *self, const WsEvent *event)
{
    guint code =
        event->size >= 2 ? (guint) event->data[0] << 8 | event->data[1] : (guint) WS_CLOSE_NORMAL;

    if (event->size == 1 || !is_close_code(code))
        connection_close(self, WS_CLOSE_PROTOCOL_ERROR, "bad close frame");
    else
        connection_close(self, (WsCloseCode) code, "");
}

static void
on_control(Connection *self, const WsEvent *event)
{
    if (event->opcode == WS_OPCODE_CLOSE) {
        on_close_frame(self, event);
        return;
    }
    SessionRate rate = session_count_message(&self->session, g_get_monotonic_time());
    if (rate == SESSION_RATE_CLOSE)
        connection_close(self, WS_CLOSE_POLICY, "rate_limited");
    if (rate != SESSION_RATE_OK || event->opcode != WS_OPCODE_PING)
        return;
    GByteArray *queue = reserve(self, event->size);
    if (!queue)
        return;
    ws_frame_write(queue, WS_OPCODE_PONG, event->data, event->size);
    note_pending(self);
}

static void
refuse(Connection *self, MessageErrorCode code, const char *text, guint16 close_code)
{
    self->shared->funcs->refused(self, code, text, close_code, self->shared->user_data);
}

static void
on_text(Connection *self, const WsEvent *event)
{
    g_autofree char *text = NULL;
    guint rate = self->shared->session_limits->max_messages_per_s;

    switch (session_count_message(&self->session, g_get_monotonic_time())) {
    case SESSION_RATE_OK:
        self->shared->funcs->message(self, (const char *) event->data, event->size,
                                     self->shared->user_data);
        return;
    case SESSION_RATE_TELL:
        text = g_strdup_printf("more than %u messages a second: this one and those after it are "
                               "dropped until you slow down",
                               rate);
        refuse(self, MESSAGE_ERROR_RATE_LIMITED, text, 0);
        return;
    case SESSION_RATE_REFUSE:
        return;
    case SESSION_RATE_CLOSE:
        text = g_strdup_printf("more than %u messages a second, without an end", rate);
        refuse(self, MESSAGE_ERROR_RATE_LIMITED, text, WS_CLOSE_POLICY);
        return;
    }
}

static void
on_failed(Connection *self, const WsEvent *event)
{
    g_autofree char *text = NULL;

    if (event->close_code != WS_CLOSE_TOO_LARGE) {
        connection_close(self, event->close_code, event->reason);
        return;
    }
    text = g_strdup_printf("a message may have %" G_GSIZE_FORMAT " bytes",
                           self->shared->max_message_bytes);
    refuse(self, MESSAGE_ERROR_TOO_LARGE, text, WS_CLOSE_TOO_LARGE);
}

static gsize
use_frame(Connection *self, guint8 *bytes, gsize size)
{
    WsEvent event;
    gsize used = ws_reader_next(&self->reader, bytes, size, &event);

    switch (event.type) {
    case WS_EVENT_NONE:
        return used;
    case WS_EVENT_TEXT:
        on_text(self, &event);
        return used;
    case WS_EVENT_CONTROL:
        on_control(self, &event);
        return used;
    case WS_EVENT_BINARY:
        refuse(self, MESSAGE_ERROR_BINARY_REFUSED, "messages are JSON in text frames",
               WS_CLOSE_UNSUPPORTED);
        return size;
    case WS_EVENT_FAILED:
        on_failed(self, &event);
        return size;
    }
    return size;
}

/* One request at a time: the next one waits until the answer to this one is sent. */
static gsize
use_request(Connection *self, guint8 *bytes, gsize size)
{
    HttpRequest request;
    gsize used = 0;

    if (session_pending(&self->session, NULL) > 0)
        return 0;
    switch (http_request_parse(&request, (char *) bytes, size, &used)) {
    case HTTP_INCOMPLETE:
        return 0;
    case HTTP_COMPLETE:
        self->shared->funcs->request(self, &request, self->shared->user_data);
        return used;
    case HTTP_BAD:
        self->shared->funcs->request(self, NULL, self->shared->user_data);
        set_state(self, CONNECTION_CLOSING);
        return size;
    }
    return size;
}

/* Returns how many bytes are done with. */
static gsize
use_bytes(Connection *self, guint8 *bytes, gsize size)
{
    gsize used = 0;

    while (used < size) {
        gsize step = size - used;
        if (self->state == CONNECTION_HTTP)
            step = use_request(self, bytes + used, size - used);
        else if (self->state == CONNECTION_OPEN)
            step = use_frame(self, bytes + used, size - used);
        if (step == 0)
            break;
        used += step;
    }
    return used;
}

/* Uses @size new bytes; what cannot be used yet is kept.  While nothing is kept, which is nearly
 * always, the bytes are used where they were read to. */
static void
take_bytes(Connection *self, guint8 *bytes, gsize size)
{
    if (!self->unread) {
        gsize used = use_bytes(self, bytes, size);
        if (used < size) {
            self->unread = g_byte_array_new();
            g_byte_array_append(self->unread, bytes + used, (guint) (size - used));
        }
        return;
    }
    g_byte_array_append(self->unread, bytes, (guint) size);
    gsize used = use_bytes(self, self->unread->data, self->unread->len);
    if (used == self->unread->len)
        g_clear_pointer(&self->unread, g_byte_array_unref);
    else if (used > 0)
        g_byte_array_remove_range(self->unread, 0, (guint) used);
}

static gssize
read_some(Connection *self)
{
    guint8 *bytes = self->shared->scratch;
    gsize size = self->shared->scratch_size;

    self->tls_blocked = FALSE;
    if (self->tls)
        return tls_session_read(self->tls, bytes, size, &self->tls_blocked);
    gssize n = recv(self->watch.fd, bytes, size, 0);
    return n >= 0 || (errno != EAGAIN && errno != EINTR) ? MAX(n, 0) : -1;
}

static gboolean
may_read(const Connection *self)
{
    return !self->is_ended && (self->state != CONNECTION_HTTP || !self->unread ||
                               self->unread->len < HTTP_MAX_HEAD_BYTES);
}

/* The client hung up, or only says that it will send no more and waits for its answer. */
static void
on_end(Connection *self)
{
    self->is_ended = TRUE;
    if (self->state == CONNECTION_OPEN || session_pending(&self->session, NULL) == 0)
        connection_kill(self);
    else
        set_state(self, CONNECTION_CLOSING);
}

static void
on_readable(Connection *self)
{
    for (int i = 0; self->state != CONNECTION_DEAD && may_read(self); i++) {
        gssize n = read_some(self);
        if (n < 0)
            return;
        if (n == 0) {
            on_end(self);
            return;
        }
        take_bytes(self, self->shared->scratch, (gsize) n);
        /* Decrypted bytes that wait inside OpenSSL wake nobody: with TLS go on to the end. */
        if (!self->tls && (i >= MAX_READS || (gsize) n < self->shared->scratch_size))
            return;
    }
}

static void
arm(Connection *self)
{
    gboolean writes = session_pending(&self->session, NULL) > 0 || self->tls_blocked;
    GIOCondition condition =
        (GIOCondition) ((may_read(self) ? G_IO_IN : 0) | (writes ? G_IO_OUT : 0));

    if (condition == self->armed)
        return;
    self->armed = condition;
    poller_change(self->shared->poller, &self->watch, condition);
}

static gssize
write_some(Connection *self, const guint8 *bytes, gsize size)
{
    gboolean wants_write = FALSE;

    if (self->tls)
        return tls_session_write(self->tls, bytes, size, &wants_write);
    gssize n = send(self->watch.fd, bytes, size, MSG_NOSIGNAL);
    return n >= 0 || (errno != EAGAIN && errno != EINTR) ? MAX(n, 0) : -1;
}

/* All that waited is sent. */
static void
on_flushed(Connection *self)
{
    if (self->is_ended) {
        connection_kill(self);
    } else if (self->state == CONNECTION_CLOSING && !self->is_shut) {
        self->is_shut = TRUE;
        if (self->tls)
            tls_session_end(self->tls);
        shutdown(self->watch.fd, SHUT_WR);
    } else if (self->state == CONNECTION_HTTP && self->unread) {
        g_autoptr(GByteArray) unread = g_steal_pointer(&self->unread);
        take_bytes(self, unread->data, unread->len);
    }
}

void
connection_flush(Connection *self)
{
    const guint8 *bytes = NULL;
    gsize size;

    self->is_pending = FALSE;
    while (self->state != CONNECTION_DEAD && (size = session_pending(&self->session, &bytes)) > 0) {
        gssize n = write_some(self, bytes, size);
        if (n == 0) {
            connection_kill(self);
            return;
        }
        if (n < 0)
            break;
        session_sent(&self->session, (gsize) n);
    }
    if (self->state != CONNECTION_DEAD && session_pending(&self->session, NULL) == 0)
        on_flushed(self);
    if (self->state != CONNECTION_DEAD)
        arm(self);
}

static void
on_news(PollerWatch *watch, GIOCondition condition)
{
    Connection *self = (Connection *) watch;

    if (condition & G_IO_ERR || (condition & G_IO_HUP && !may_read(self))) {
        connection_kill(self);
        return;
    }
    if (condition & (G_IO_IN | G_IO_HUP) || self->tls_blocked)
        on_readable(self);
    if (self->state != CONNECTION_DEAD && !self->is_pending)
        connection_flush(self);
}

Connection *
connection_new(ConnectionShared *shared, int fd, TlsSession *tls, GError **error)
{
    Connection *self = g_new0(Connection, 1);
    gint64 now_us = g_get_monotonic_time();

    self->watch = (PollerWatch){ .fd = fd, .func = on_news };
    self->shared = shared;
    self->tls = tls;
    self->reader.max_message_bytes = shared->max_message_bytes;
    self->deadline_us = now_us + REQUEST_DEADLINE_US;
    self->link.data = self;
    self->armed = G_IO_IN;
    session_init(&self->session, shared->session_limits, now_us);
    if (poller_add(shared->poller, &self->watch, G_IO_IN, error))
        return self;
    if (tls)
        tls_session_free(tls);
    close(fd);
    self->watch.fd = -1;
    self->state = CONNECTION_DEAD;
    connection_free(self);
    return NULL;
}

void
connection_free(Connection *self)
{
    g_assert(self->state == CONNECTION_DEAD);
    session_clear(&self->session);
    ws_reader_clear(&self->reader);
    g_clear_pointer(&self->unread, g_byte_array_unref);
    g_clear_pointer(&self->client_id, g_ref_string_release);
    g_free(self->host);
    g_free(self);
}
