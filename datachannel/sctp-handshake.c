/* Owns the peer's part in usrsctp's handshake: an INIT ACK with the peer's values and a COOKIE ACK,
 * fed to it in the peer's name.  What usrsctp sends meanwhile is dropped, so that none of it is
 * ever on the wire.  The values themselves are sctp-snap's.
 *
 *     usrsctp            we                          the peer's description
 *     ---- INIT ------->  dropped at begin
 *     <--- INIT ACK ----  at end <------------------ a=sctp-init
 *     -- COOKIE ECHO -->  dropped
 *     <-- COOKIE ACK ---  at once
 *
 * usrsctp 0.9.5.0 has no way to ask for an INIT without sending it, nor to enter the established
 * state.  It does let its tag be chosen: the INIT is therefore described by opening a socket that
 * is closed again, and the association's own is opened when there is a peer to talk to. */
#include "datachannel/sctp-handshake.h"

#include "datachannel/sctp-association.h"

#include <sys/random.h>

#define ANY_PORT 5000
/* Any number above 0 from which usrsctp can count on without passing 0. */
#define TAG_BITS 0x7fffffff

static guint32
choose_tag(void)
{
    guint32 number = 0;
    while ((number & TAG_BITS) == 0)
        if (getrandom(&number, sizeof number, 0) != (ssize_t) sizeof number)
            number = 0;
    return number & TAG_BITS;
}

static void
on_output(const PacketBatch *packets, gpointer user_data)
{
}

static void
on_readable(gpointer user_data)
{
}

/* Takes the outbox; FALSE if it does not hold exactly one INIT. */
static gboolean
take_init(SctpEndpoint *endpoint, SctpSnapInit *out)
{
    PacketBatch taken;
    packet_batch_init(&taken);
    sctp_endpoint_take(endpoint, &taken);
    gboolean is_read = packet_batch_count(&taken) == 1 &&
                       !sctp_snap_read_packet(out, taken.bytes->data, taken.bytes->len);
    packet_batch_clear(&taken);
    return is_read;
}

static gboolean
describe(SctpEndpoint *endpoint, gsize max_message_size, gboolean interleaves, SctpSnapInit *out)
{
    SctpSocketParameters parameters = {
        .id = sctp_endpoint_get_id(endpoint),
        .local_port = ANY_PORT,
        .remote_port = ANY_PORT,
        .max_message_size = max_message_size,
        .streams = SCTP_FEW_STREAMS, /* what usrsctp touches for many stays with the process */
        .interleaves = interleaves,
        .tag = choose_tag(),
    };
    const char *wrong;

    sctp_engine_lock();
    struct socket *socket = sctp_socket_open(&parameters, &wrong);
    gboolean is_described = socket && take_init(endpoint, out);
    out->outbound_streams = SCTP_MANY_STREAMS;
    if (socket)
        usrsctp_close(socket);
    sctp_engine_unlock();
    return is_described;
}

/* The tag of the socket that is closed stays taken for a minute, so the association has another;
 * the distance from tag to TSN is the same for both. */
gboolean
sctp_handshake_describe(GMainContext *context, gsize max_message_size, gboolean interleaves,
                        SctpSnapInit *own)
{
    static const SctpEndpointFuncs funcs = { .on_output = on_output, .on_readable = on_readable };
    SctpEndpoint *endpoint = sctp_endpoint_new(context, &funcs, NULL);
    gboolean is_described = describe(endpoint, max_message_size, interleaves, own);
    sctp_endpoint_free(endpoint);
    if (!is_described)
        return FALSE;
    guint32 distance = own->first_tsn - own->tag;
    own->tag = choose_tag();
    own->first_tsn = own->tag + distance;
    return TRUE;
}

gboolean
sctp_handshake_begin(const SctpHandshake *self, SctpEndpoint *endpoint)
{
    SctpSnapInit sent;
    return take_init(endpoint, &sent) && sctp_snap_is_equal(&sent, &self->own);
}

static gboolean
is_established(struct socket *socket)
{
    struct sctp_status status = { 0 };
    socklen_t size = sizeof status;
    return usrsctp_getsockopt(socket, IPPROTO_SCTP, SCTP_STATUS, &status, &size) == 0 &&
           status.sstat_state == SCTP_ESTABLISHED;
}

gboolean
sctp_handshake_end(const SctpHandshake *self, SctpEndpoint *endpoint, struct socket *socket)
{
    SctpSnapHeader header = { self->remote_port, self->local_port, self->own.tag };
    gpointer id = sctp_endpoint_get_id(endpoint);
    g_autoptr(GByteArray) packet = g_byte_array_new();
    PacketBatch dropped;

    sctp_snap_write_init_ack(packet, &header, &self->peer);
    usrsctp_conninput(id, packet->data, packet->len, 0);
    sctp_snap_write_cookie_ack(packet, &header);
    usrsctp_conninput(id, packet->data, packet->len, 0);
    packet_batch_init(&dropped);
    sctp_endpoint_take(endpoint, &dropped);
    packet_batch_clear(&dropped);
    return is_established(socket);
}
