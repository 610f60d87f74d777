/* How large packets may be, seen from above DTLS: records add to them.  RFC 8899 section 6.2. */
#include "datachannel/dtls-transport-internal.h"

#include <openssl/err.h>

/* What a record adds, with the cipher that was agreed on. */
static gsize
overhead(DtlsTransport *self)
{
    return DTLS_HANDSHAKE_MTU - DTLS_get_data_mtu(self->ssl);
}

gsize
dtls_transport_get_most_packet_bytes(DtlsTransport *self)
{
    if (self->state != PIERCE_DTLS_TRANSPORT_STATE_CONNECTED || !self->ssl || !self->path)
        return 0;
    gsize datagram = path_get_max_datagram(self->path);
    gsize packet = datagram > overhead(self) ? datagram - overhead(self) : 0;
    return MIN(packet, DTLS_MAX_PLAINTEXT) & ~(gsize) 3; /* SCTP's are a multiple of 4 */
}

gboolean
dtls_transport_send_probe(DtlsTransport *self, const guint8 *packet, gsize size)
{
    if (self->state != PIERCE_DTLS_TRANSPORT_STATE_CONNECTED || !self->ssl || !self->path)
        return TRUE; /* lost, not refused */
    dtls_transport_flush(self);
    ERR_clear_error();
    dtls_transport_borrow_buffers(self);
    SSL_write(self->ssl, packet, (int) size);
    gboolean is_sent =
        path_send_probe(self->path, self->outgoing.bytes->data, self->outgoing.bytes->len);
    self->stats.packets_sent += is_sent ? 1 : 0;
    packet_batch_empty(&self->outgoing);
    dtls_transport_give_buffers_back(self);
    packet_batch_clear(&self->outgoing); /* it grew for a packet that may stay the only large one */
    packet_batch_init(&self->outgoing);
    return is_sent;
}

void
dtls_transport_set_packet_bytes(DtlsTransport *self, gsize bytes)
{
    if (self->ssl && self->path)
        path_set_whole_datagram(self->path, (guint) (bytes + overhead(self)));
}
