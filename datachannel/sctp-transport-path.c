/* Stands between the association, which finds out how large packets may be, and the path that it is
 * about. */
#include "datachannel/sctp-transport-internal.h"

gboolean
sctp_transport_on_probe(const guint8 *packet, gsize size, gpointer user_data)
{
    SctpTransport *self = user_data;
    return self->funcs && self->funcs->on_probe(packet, size, self->user_data);
}

void
sctp_transport_on_packet_bytes(gsize bytes, gpointer user_data)
{
    SctpTransport *self = user_data;
    if (self->funcs)
        self->funcs->on_packet_bytes(bytes, self->user_data);
}

void
sctp_transport_set_path(SctpTransport *self, gsize most)
{
    self->most_packet_bytes = most;
    if (self->association)
        sctp_association_set_path(self->association, most);
}
