/* Owns one usrsctp socket.  Never calls out under the engine's lock, and never encrypts: packets go
 * to on_packets.  RFC 8831 section 6, RFC 6525, RFC 8261. */
#include "datachannel/sctp-association-internal.h"

#include "datachannel/error.h"

#include <errno.h>

#define READ_BYTES 65536

static void
on_output(const PacketBatch *packets, gpointer user_data)
{
    SctpAssociation *self = user_data;
    const guint8 *at = packets->bytes->data;
    guint64 retransmissions = self->sent_tsns.retransmissions;
    if (!self->has_header)
        sctp_association_keep_header(self, at);
    for (guint i = 0; i < packet_batch_count(packets); i++) {
        gsize size = packet_batch_sizes(packets)[i];
        sctp_tsn_counter_add(&self->sent_tsns, at, size);
        at += size;
    }
    if (self->sent_tsns.retransmissions > retransmissions)
        sctp_association_doubt_mtu(self);
    self->funcs->on_packets(packets, self->user_data);
}

static void
on_readable(gpointer user_data)
{
    SctpAssociation *self = user_data;
    sctp_association_receive_done(self);
}

static const SctpEndpointFuncs endpoint_funcs = {
    .on_output = on_output,
    .on_readable = on_readable,
};

/* usrsctp's upcall: under the lock, inside usrsctp. */
static void
on_upcall(struct socket *socket, void *id, int flags)
{
    sctp_engine_mark_readable(id);
}

SctpAssociation *
sctp_association_new(GMainContext *context, guint16 local_port, guint16 remote_port,
                     gsize max_message_size, const SctpAssociationFuncs *funcs, gpointer user_data)
{
    SctpAssociation *self = g_new0(SctpAssociation, 1);
    g_ref_count_init(&self->references);
    self->funcs = funcs;
    self->user_data = user_data;
    self->endpoint = sctp_endpoint_new(context, &endpoint_funcs, self);
    sctp_endpoint_set_packet_bytes(self->endpoint, SCTP_LEAST_PACKET_BYTES);
    self->context = g_main_context_ref(context);
    path_mtu_init(&self->mtu, SCTP_LEAST_PACKET_BYTES);
    self->local_port = local_port;
    self->remote_port = remote_port;
    self->max_message_size = max_message_size;
    self->partial = g_byte_array_new();
    self->waiting_resets = g_array_new(FALSE, FALSE, sizeof(guint16));
    return self;
}

void
sctp_association_use_snap(SctpAssociation *self, const SctpSnapInit *own, const SctpSnapInit *peer)
{
    g_free(self->handshake);
    self->handshake = g_new(SctpHandshake, 1);
    *self->handshake = (SctpHandshake){ self->local_port, self->remote_port, *own, *peer };
}

gboolean
sctp_association_connect(SctpAssociation *self, guint streams, gboolean interleaves, GError **error)
{
    SctpSocketParameters parameters = {
        .id = sctp_endpoint_get_id(self->endpoint),
        .local_port = self->local_port,
        .remote_port = self->remote_port,
        .max_message_size = self->max_message_size,
        .streams = (guint16) streams,
        .interleaves = interleaves,
        .tag = self->handshake ? self->handshake->own.tag : 0,
        .on_upcall = on_upcall,
    };
    const char *wrong;

    sctp_engine_lock();
    self->socket = sctp_socket_open(&parameters, &wrong);
    int code = errno;
    gboolean is_as_described =
        self->socket && (!self->handshake || sctp_handshake_begin(self->handshake, self->endpoint));
    sctp_engine_unlock();
    if (!self->socket)
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_SCTP, "SCTP: %s: %s", wrong,
                    g_strerror(code));
    else if (!is_as_described)
        g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_SCTP,
                            "SCTP: the association is another one than the session description "
                            "says, for its tag is in use; make a new connection");
    return is_as_described;
}

gboolean
sctp_association_establish(SctpAssociation *self, GError **error)
{
    g_autofree SctpHandshake *handshake = g_steal_pointer(&self->handshake);
    gboolean is_up = TRUE;
    if (handshake) {
        sctp_engine_lock();
        is_up = sctp_handshake_end(handshake, self->endpoint, self->socket);
        sctp_engine_unlock();
    }
    if (!is_up) {
        g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_SCTP,
                            "SCTP: the peer's a=sctp-init leads to no association; turn SNAP off "
                            "in the configuration to connect without it");
        return FALSE;
    }
    g_ref_count_inc(&self->references);
    sctp_association_receive_done(self);
    sctp_endpoint_flush(self->endpoint); /* beside DTLS's last flight */
    sctp_association_unref(self);
    return TRUE;
}

void
sctp_association_allow_bursts(SctpAssociation *self)
{
    if (!self->socket)
        return;
    sctp_engine_lock();
    sctp_endpoint_join_batches(self->endpoint);
    sctp_socket_allow_bursts(self->socket);
    sctp_engine_unlock();
}

/* ---- what comes in ---- */

static void
deliver(SctpAssociation *self, const struct sctp_rcvinfo *info, const guint8 *bytes, gsize size)
{
    SctpPpid ppid = GUINT32_FROM_BE(info->rcv_ppid);
    gboolean is_empty = ppid == SCTP_PPID_STRING_EMPTY || ppid == SCTP_PPID_BINARY_EMPTY;
    SctpMessage message = { .stream = info->rcv_sid,
                            .ppid = ppid,
                            .is_unordered = (info->rcv_flags & SCTP_UNORDERED) != 0,
                            .bytes = bytes,
                            .size = is_empty ? 0 : size };
    self->funcs->on_message(&message, self->user_data);
}

/* A part that does not end its message is put aside; the last one completes it. */
static void
on_part(SctpAssociation *self, const struct sctp_rcvinfo *info, const guint8 *bytes, gsize size,
        gboolean is_last)
{
    if (self->partial->len + size > self->max_message_size) {
        sctp_association_go_down(
            self, PIERCE_ERROR_SCTP,
            "SCTP: the peer sent a message larger than the max-message-size it was told");
        return;
    }
    if (self->partial->len == 0 && is_last) {
        deliver(self, info, bytes, size);
        return;
    }
    if (self->partial->len > 0 && info->rcv_sid != self->partial_stream) {
        sctp_association_go_down(self, PIERCE_ERROR_SCTP,
                                 "SCTP: messages came interleaved, which was not agreed");
        return;
    }
    self->partial_stream = info->rcv_sid;
    g_byte_array_append(self->partial, bytes, (guint) size);
    if (!is_last)
        return;
    g_autoptr(GByteArray) whole = g_steal_pointer(&self->partial);
    self->partial = g_byte_array_new();
    deliver(self, info, whole->data, whole->len);
}

/* Reads one part or notification; FALSE when there is nothing. */
static gboolean
read_next(SctpAssociation *self)
{
    guint8 bytes[READ_BYTES];
    struct sockaddr_conn from;
    struct sctp_rcvinfo info = { 0 };
    socklen_t from_size = sizeof from, info_size = sizeof info;
    unsigned int info_type = 0;
    int flags = 0;

    sctp_engine_lock_shared();
    ssize_t size = usrsctp_recvv(self->socket, bytes, sizeof bytes, (struct sockaddr *) &from,
                                 &from_size, &info, &info_size, &info_type, &flags);
    if (size <= 0)
        sctp_endpoint_clear_readable(self->endpoint);
    sctp_engine_unlock();
    if (size <= 0)
        return FALSE;

    if (flags & MSG_NOTIFICATION)
        sctp_association_on_notification(self, bytes, (gsize) size);
    else if (info_type == SCTP_RECVV_RCVINFO)
        on_part(self, &info, bytes, (gsize) size, (flags & MSG_EOR) != 0);
    return TRUE;
}

static void
make_room(SctpAssociation *self)
{
    sctp_engine_lock_shared();
    gsize incomplete = sctp_socket_get_use(self->socket).incomplete;
    gboolean has_room = sctp_socket_make_room(self->socket, incomplete, self->max_message_size);
    sctp_engine_unlock();
    if (!has_room)
        sctp_association_go_down(
            self, PIERCE_ERROR_SCTP,
            "SCTP: the peer began more messages at once than are kept; it should finish some "
            "before it begins others");
}

void
sctp_association_receive(SctpAssociation *self, const guint8 *packet, gsize size)
{
    if (!self->socket || self->is_down ||
        !sctp_packet_is_acceptable(packet, size, self->remote_port, self->local_port))
        return;
    if (self->mtu.probed != 0)
        sctp_association_read_mtu(self, packet, size);
    gboolean is_ordinary = self->streams > 0 && sctp_packet_is_ordinary(packet, size);
    sctp_endpoint_receive(self->endpoint, packet, size, is_ordinary);
}

void
sctp_association_receive_done(SctpAssociation *self)
{
    g_ref_count_inc(&self->references);
    self->has_sent = FALSE;
    sctp_endpoint_receive_done(self->endpoint);
    while (self->socket && !self->is_down && read_next(self))
        ;
    if (self->socket && !self->is_down)
        make_room(self);
    if (self->socket && !self->is_down && self->streams > 0)
        self->funcs->on_writable(self->user_data);
    if (self->socket && self->has_sent) /* somebody may be waiting for it */
        sctp_endpoint_flush_if_single(self->endpoint);
    sctp_association_unref(self);
}

/* ---- what goes out ---- */

SctpSendResult
sctp_association_send(SctpAssociation *self, const SctpMessage *message)
{
    if (!self->socket || self->is_down)
        return SCTP_BROKEN;
    if (message->stream >= self->streams)
        return SCTP_FULL;
    sctp_engine_lock_shared();
    gboolean is_sent = sctp_socket_send(self->socket, message, self->is_interleaved);
    int code = errno;
    gboolean is_full = sctp_endpoint_is_batch_full(self->endpoint);
    sctp_engine_unlock();
    if (!is_sent)
        return code == EWOULDBLOCK || code == EAGAIN ? SCTP_FULL : SCTP_BROKEN;
    self->has_sent = TRUE;
    if (is_full)
        sctp_endpoint_flush(self->endpoint);
    return SCTP_SENT;
}

gsize
sctp_association_get_unacknowledged(SctpAssociation *self)
{
    if (!self->socket)
        return 0;
    sctp_engine_lock_shared();
    SctpSocketUse use = sctp_socket_get_use(self->socket);
    sctp_engine_unlock();
    return use.unacknowledged;
}

gsize
sctp_association_share_of(gsize max_message_size)
{
    return sctp_socket_get_share(max_message_size);
}

void
sctp_association_bound_window(SctpAssociation *self, guint32 bytes)
{
    if (!self->socket)
        return;
    sctp_engine_lock_shared();
    sctp_socket_bound_window(self->socket, bytes);
    sctp_engine_unlock();
}

guint
sctp_association_get_streams(SctpAssociation *self)
{
    return self->streams;
}

gboolean
sctp_association_add_streams(SctpAssociation *self, guint16 stream)
{
    /* doubling keeps the number of requests small */
    guint wanted = MIN(MAX(stream + 1u, 2 * self->streams), SCTP_MAX_STREAMS);
    if (!self->socket || self->streams == 0 || stream >= SCTP_MAX_STREAMS || self->is_growth_denied)
        return FALSE;
    if (self->requested_streams > self->streams) /* one request at a time, RFC 6525 section 5.1.1 */
        return TRUE;
    struct sctp_add_streams add = { .sas_outstrms = (guint16) (wanted - self->streams) };
    sctp_engine_lock();
    int failed = sctp_socket_set(self->socket, SCTP_ADD_STREAMS, &add, sizeof add);
    sctp_engine_unlock();
    if (!failed)
        self->requested_streams = wanted;
    return TRUE; /* where a stream reset is under way, the caller asks again after it */
}

void
sctp_association_reset_stream(SctpAssociation *self, guint16 stream)
{
    union {
        struct sctp_reset_streams reset;
        guint8 bytes[sizeof(struct sctp_reset_streams) + sizeof(guint16)];
    } request = { .reset = { .srs_flags = SCTP_STREAM_RESET_OUTGOING, .srs_number_streams = 1 } };

    if (!self->socket || self->is_down)
        return;
    if (stream >= self->streams) { /* the peer closed a channel before we could send on it */
        g_array_append_val(self->waiting_resets, stream);
        sctp_association_add_streams(self, stream);
        return;
    }
    request.reset.srs_stream_list[0] = stream;
    sctp_engine_lock();
    int failed = sctp_socket_set(self->socket, SCTP_RESET_STREAMS, &request, sizeof request.bytes);
    sctp_engine_unlock();
    if (failed)
        g_array_append_val(self->waiting_resets, stream);
}

void
sctp_association_get_stats(SctpAssociation *self, SctpAssociationStats *stats)
{
    struct sctp_status status = { 0 };
    socklen_t size = sizeof status;

    *stats = (SctpAssociationStats){ .round_trip_time_ms = -1,
                                     .retransmissions = self->sent_tsns.retransmissions,
                                     .packet_bytes = self->mtu.bytes };
    if (!self->socket || self->streams == 0)
        return;
    sctp_engine_lock_shared();
    int failed = usrsctp_getsockopt(self->socket, IPPROTO_SCTP, SCTP_STATUS, &status, &size);
    sctp_engine_unlock();
    if (!failed)
        stats->round_trip_time_ms = status.sstat_primary.spinfo_srtt;
}

/* ---- the end ---- */

void
sctp_association_close(SctpAssociation *self)
{
    sctp_association_stop_mtu(self);
    if (!self->socket)
        return;
    sctp_engine_lock();
    struct socket *socket = g_steal_pointer(&self->socket);
    usrsctp_set_upcall(socket, NULL, NULL);
    usrsctp_close(socket);
    sctp_engine_unlock();
    sctp_endpoint_flush(self->endpoint); /* the ABORT */
}

void
sctp_association_unref(SctpAssociation *self)
{
    if (!g_ref_count_dec(&self->references))
        return;
    sctp_association_close(self);
    sctp_endpoint_free(self->endpoint);
    g_main_context_unref(self->context);
    g_free(self->handshake);
    g_byte_array_unref(self->partial);
    g_array_unref(self->waiting_resets);
    g_free(self);
}
