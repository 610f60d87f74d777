/* Owns one OpenSSL connection and its timer.  Never hands up a byte before the peer's certificate
 * was found to be the one that its description named.  RFC 6347, RFC 8122 section 6, RFC 8842.
 *
 *   new --start--> connecting --Finished, fingerprint matches--> connected --close_notify--> closed
 *                      |  fingerprint differs, or HANDSHAKE_TIMEOUT_MS
 *                      +--> failed
 *
 * Until the handshake is through anybody who can forge the peer's address can disturb it.
 * dtls-filter keeps most of that out; where OpenSSL gives up all the same, the connection is built
 * anew. */
#include "datachannel/dtls-transport-internal.h"

#include "datachannel/dtls-context.h"
#include "datachannel/dtls-fingerprints.h"
#include "datachannel/error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#define RECORD_HEADER_BYTES 13
#define MAX_EARLY_DATAGRAMS 8
#define MAX_EARLY_BYTES 2048
#define MAX_REBUILDS 5
#define FIRST_TIMEOUT_US                                                                           \
    100000 /* RFC 6347 section 4.2.4.1 asks for 1 s, for networks unlike ours */
#define LAST_TIMEOUT_US 2000000
#define HANDSHAKE_TIMEOUT_MS 30000

/* ---- between OpenSSL and the path: a write is a datagram, a read is a record ---- */

static int
bio_write(BIO *bio, const char *bytes, int size)
{
    DtlsTransport *self = BIO_get_data(bio);
    packet_batch_add(&self->outgoing, (const guint8 *) bytes, (gsize) size);
    return size;
}

static int
bio_read(BIO *bio, char *buffer, int size)
{
    DtlsTransport *self = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!self->record || size < 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    gsize taken = MIN(self->record_size, (gsize) size);
    memcpy(buffer, self->record, taken);
    self->record = NULL;
    if (self->state != PIERCE_DTLS_TRANSPORT_STATE_CONNECTED)
        dtls_filter_renumber((guint8 *) buffer, taken, &self->next_sequence);
    return (int) taken;
}

static long
bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *
make_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "pierce path");
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_ctrl);
    return method;
}

void
dtls_transport_flush(DtlsTransport *self)
{
    guint count = packet_batch_count(&self->outgoing);
    if (count > 0 && self->path) {
        self->stats.packets_sent += count;
        path_send(self->path, self->outgoing.bytes->data, packet_batch_sizes(&self->outgoing),
                  count);
    }
    packet_batch_empty(&self->outgoing);
}

/* ---- state ---- */

static void
stop_timer(GSource **timer)
{
    if (!*timer)
        return;
    g_source_destroy(*timer);
    g_clear_pointer(timer, g_source_unref);
}

static void
drop_ssl(DtlsTransport *self)
{
    stop_timer(&self->retransmit_timer);
    g_clear_pointer(&self->ssl, SSL_free);
    self->record = NULL;
}

static void
set_state(DtlsTransport *self, PierceDtlsTransportState state, const GError *error)
{
    if (self->state == state)
        return;
    g_debug("dtls %p: %s -> %s", (gpointer) self,
            pierce_enum_nick(PIERCE_TYPE_DTLS_TRANSPORT_STATE, (gint) self->state),
            pierce_enum_nick(PIERCE_TYPE_DTLS_TRANSPORT_STATE, (gint) state));
    self->state = state;
    if (state != PIERCE_DTLS_TRANSPORT_STATE_CONNECTING)
        stop_timer(&self->deadline);
    self->funcs->on_state(state, error, self->user_data);
}

static void
fail(DtlsTransport *self, gint code, const char *message)
{
    g_autoptr(GError) error = g_error_new_literal(PIERCE_ERROR, code, message);
    drop_ssl(self);
    set_state(self, PIERCE_DTLS_TRANSPORT_STATE_FAILED, error);
}

static gboolean
on_deadline(gpointer user_data)
{
    DtlsTransport *self = user_data;
    fail(
        self, PIERCE_ERROR_DTLS_HANDSHAKE,
        self->stats.packets_received > 0
            ? "DTLS: the handshake did not end within 30 s, although the peer sent records; it may "
              "share no cipher with us, or packets are altered on the way"
            : "DTLS: the handshake did not end within 30 s; the path works, but no DTLS record "
              "came from the peer");
    return G_SOURCE_REMOVE;
}

/* OpenSSL keeps 33 kB for the record that is read and the one that is written.  They are there
 * while a batch of packets is encrypted or decrypted, and then serve the next connection. */
void
dtls_transport_borrow_buffers(DtlsTransport *self)
{
    if (self->ssl)
        SSL_alloc_buffers(self->ssl);
}

void
dtls_transport_give_buffers_back(DtlsTransport *self)
{
    if (self->ssl && self->state == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED)
        SSL_free_buffers(self->ssl); /* keeps them where a record is half done */
}

/* ---- the handshake ---- */

/* OpenSSL asks with the last timeout in microseconds, 0 the first time. */
static unsigned int
next_timeout_us(SSL *ssl, unsigned int last_us)
{
    return last_us == 0 ? FIRST_TIMEOUT_US : MIN(2 * last_us, LAST_TIMEOUT_US);
}

static void
build_ssl(DtlsTransport *self)
{
    drop_ssl(self);
    self->next_sequence = 0;
    self->ssl = dtls_context_new_ssl(self->certificate);
    BIO *bio = BIO_new(self->bio_method);
    BIO_set_data(bio, self);
    BIO_set_init(bio, 1);
    SSL_set_bio(self->ssl, bio, bio);
    SSL_set_mtu(self->ssl, DTLS_HANDSHAKE_MTU);
    DTLS_set_timer_cb(self->ssl, next_timeout_us);
    if (self->role == DTLS_FILTER_CLIENT)
        SSL_set_connect_state(self->ssl);
    else
        SSL_set_accept_state(self->ssl);
}

static void arm_retransmit_timer(DtlsTransport *self);

static gboolean
on_retransmit_timer(gpointer user_data)
{
    DtlsTransport *self = user_data;
    stop_timer(&self->retransmit_timer);
    dtls_transport_borrow_buffers(self);
    DTLSv1_handle_timeout(self->ssl);
    ERR_clear_error();
    dtls_transport_flush(self);
    arm_retransmit_timer(self);
    dtls_transport_give_buffers_back(self);
    return G_SOURCE_REMOVE;
}

static void
arm_retransmit_timer(DtlsTransport *self)
{
    struct timeval left;
    stop_timer(&self->retransmit_timer);
    if (!self->ssl || !DTLSv1_get_timeout(self->ssl, &left))
        return;
    guint left_ms = (guint) (left.tv_sec * 1000 + left.tv_usec / 1000) + 1;
    self->retransmit_timer = g_timeout_source_new(left_ms);
    g_source_set_name(self->retransmit_timer, "pierce-dtls-retransmit");
    g_source_set_callback(self->retransmit_timer, on_retransmit_timer, self, NULL);
    g_source_attach(self->retransmit_timer, self->context);
}

static void
finish_handshake(DtlsTransport *self)
{
    if (dtls_fingerprints_has(self->fingerprints, SSL_get0_peer_certificate(self->ssl))) {
        set_state(self, PIERCE_DTLS_TRANSPORT_STATE_CONNECTED, NULL);
        return;
    }
    fail(self, PIERCE_ERROR_DTLS_FINGERPRINT,
         "DTLS: the peer's certificate does not have the fingerprint that its description named; "
         "somebody may be in between, or the description is not that peer's");
}

static void
continue_handshake(DtlsTransport *self)
{
    ERR_clear_error();
    gboolean is_answer = self->record != NULL;
    int result = SSL_do_handshake(self->ssl);
    int reason = SSL_get_error(self->ssl, result);
    if (result == 1) {
        finish_handshake(self);
        dtls_transport_flush(self); /* what was sent from within, beside our last flight */
        return;
    }
    is_answer = is_answer && packet_batch_count(&self->outgoing) > 0;
    dtls_transport_flush(self);
    if (reason == SSL_ERROR_WANT_READ) {
        arm_retransmit_timer(self);
        if (is_answer)
            self->funcs->on_flight(self->user_data);
        return;
    }
    if (self->rebuilds++ >= MAX_REBUILDS) {
        fail(self, PIERCE_ERROR_DTLS_HANDSHAKE,
             "DTLS: the handshake failed repeatedly; the peer may share no cipher with us, or "
             "somebody forges its packets");
        return;
    }
    g_info("dtls %p: the handshake failed, starting it anew", (gpointer) self);
    build_ssl(self);
    continue_handshake(self);
}

/* ---- what comes in ---- */

static void
read_packets(DtlsTransport *self)
{
    guint8 packet[DTLS_MAX_PLAINTEXT];
    ERR_clear_error();
    for (int size; self->ssl && (size = SSL_read(self->ssl, packet, sizeof packet)) > 0;)
        self->funcs->on_packet(packet, (gsize) size, self->user_data);
    if (self->ssl && (SSL_get_shutdown(self->ssl) & SSL_RECEIVED_SHUTDOWN)) {
        self->funcs->on_packets_done(self->user_data); /* what came before it */
        g_autoptr(GError) error = g_error_new_literal(PIERCE_ERROR, PIERCE_ERROR_PEER_CLOSED,
                                                      "DTLS: the peer closed the connection");
        drop_ssl(self);
        set_state(self, PIERCE_DTLS_TRANSPORT_STATE_CLOSED, error);
    }
}

static void
receive_record(DtlsTransport *self, const guint8 *record, gsize size)
{
    gboolean is_established = self->state == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED;
    if (!dtls_filter_record(self->role, is_established, record, size)) {
        self->stats.packets_discarded++;
        return;
    }
    self->stats.packets_received++;
    self->record = record;
    self->record_size = size;
    if (!is_established)
        continue_handshake(self);
    /* the handshake's last datagram may have data behind it, and a retransmitted one asks for our
     * last flight again */
    if (self->ssl && self->state == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED)
        read_packets(self);
    self->record = NULL;
}

static void
receive_datagrams(DtlsTransport *self, const guint8 *bytes, gsize size)
{
    while (self->ssl && size > 0) {
        gsize record_size = dtls_filter_next_record(bytes, size);
        if (record_size == 0) {
            self->stats.packets_discarded++;
            break;
        }
        receive_record(self, bytes, record_size);
        bytes += record_size;
        size -= record_size;
    }
    dtls_transport_flush(self);
}

void
dtls_transport_receive(DtlsTransport *self, const guint8 *bytes, gsize size)
{
    if (self->state == PIERCE_DTLS_TRANSPORT_STATE_NEW) {
        if (self->early->len < MAX_EARLY_DATAGRAMS && size <= MAX_EARLY_BYTES)
            g_ptr_array_add(self->early, g_bytes_new(bytes, size));
        else
            self->stats.packets_discarded++;
        return;
    }
    if (!self->ssl)
        return;
    g_ref_count_inc(&self->references);
    receive_datagrams(self, bytes, size);
    if (self->ssl)
        self->funcs->on_packets_done(self->user_data);
    dtls_transport_give_buffers_back(self);
    dtls_transport_unref(self);
}

/* ---- what goes out ---- */

void
dtls_transport_send(DtlsTransport *self, const PacketBatch *packets)
{
    const guint8 *at = packets->bytes->data;

    if (self->state != PIERCE_DTLS_TRANSPORT_STATE_CONNECTED || !self->ssl)
        return;
    ERR_clear_error();
    dtls_transport_borrow_buffers(self);
    for (guint i = 0; i < packet_batch_count(packets); i++) {
        guint16 size = packet_batch_sizes(packets)[i];
        SSL_write(self->ssl, at, size); /* into the batch, where nothing can be short */
        at += size;
    }
    dtls_transport_flush(self);
    dtls_transport_give_buffers_back(self);
}

/* ---- life ---- */

DtlsTransport *
dtls_transport_new(GMainContext *context, PierceCertificate *certificate,
                   const DtlsTransportFuncs *funcs, gpointer user_data)
{
    DtlsTransport *self = g_new0(DtlsTransport, 1);
    g_ref_count_init(&self->references);
    self->context = g_main_context_ref(context);
    self->certificate = g_object_ref(certificate);
    self->funcs = funcs;
    self->user_data = user_data;
    self->fingerprints = dtls_fingerprints_new();
    self->early = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);
    packet_batch_init(&self->outgoing);
    return self;
}

void
dtls_transport_add_fingerprint(DtlsTransport *self, const char *algorithm, const char *digest)
{
    dtls_fingerprints_add(self->fingerprints, algorithm, digest);
}

void
dtls_transport_clear_fingerprints(DtlsTransport *self)
{
    g_array_set_size(self->fingerprints, 0);
}

void
dtls_transport_set_path(DtlsTransport *self, Path *path)
{
    self->path = path;
}

void
dtls_transport_start(DtlsTransport *self, DtlsFilterRole role)
{
    if (self->state != PIERCE_DTLS_TRANSPORT_STATE_NEW)
        return;
    g_ref_count_inc(&self->references);
    self->role = role;
    self->bio_method = make_bio_method();
    self->deadline = g_timeout_source_new(HANDSHAKE_TIMEOUT_MS);
    g_source_set_name(self->deadline, "pierce-dtls-deadline");
    g_source_set_callback(self->deadline, on_deadline, self, NULL);
    g_source_attach(self->deadline, self->context);
    build_ssl(self);
    set_state(self, PIERCE_DTLS_TRANSPORT_STATE_CONNECTING, NULL);
    if (self->ssl)
        continue_handshake(self);

    g_autoptr(GPtrArray) early = g_steal_pointer(&self->early);
    self->early = g_ptr_array_new();
    for (guint i = 0; i < early->len; i++) {
        gsize size;
        const guint8 *bytes = g_bytes_get_data(g_ptr_array_index(early, i), &size);
        dtls_transport_receive(self, bytes, size);
    }
    dtls_transport_unref(self);
}

PierceDtlsTransportState
dtls_transport_get_state(DtlsTransport *self)
{
    return self->state;
}

void
dtls_transport_get_stats(DtlsTransport *self, DtlsTransportStats *stats)
{
    *stats = self->stats;
}

void
dtls_transport_close(DtlsTransport *self)
{
    if (self->ssl && self->state == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED) {
        dtls_transport_borrow_buffers(self);
        SSL_shutdown(self->ssl);
        dtls_transport_flush(self);
    }
    drop_ssl(self);
    stop_timer(&self->deadline);
    self->state = PIERCE_DTLS_TRANSPORT_STATE_CLOSED; /* without a word: the caller knows */
}

void
dtls_transport_unref(DtlsTransport *self)
{
    if (!g_ref_count_dec(&self->references))
        return;
    dtls_transport_close(self);
    g_clear_pointer(&self->bio_method, BIO_meth_free);
    packet_batch_clear(&self->outgoing);
    g_ptr_array_unref(self->early);
    g_array_unref(self->fingerprints);
    g_object_unref(self->certificate);
    g_main_context_unref(self->context);
    g_free(self);
}
