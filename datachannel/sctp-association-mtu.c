/* Drives path-mtu: sends its probes, keeps its timer, and has usrsctp and the outbox make packets
 * of the size that was found.  RFC 8899. */
#include "datachannel/sctp-association-internal.h"

#define TAG_AT 4

static void poll_now(SctpAssociation *self);

void
sctp_association_stop_mtu(SctpAssociation *self)
{
    if (!self->mtu_timer)
        return;
    g_source_destroy(self->mtu_timer);
    g_clear_pointer(&self->mtu_timer, g_source_unref);
}

static gboolean
on_timer(gpointer user_data)
{
    SctpAssociation *self = user_data;
    sctp_association_stop_mtu(self);
    poll_now(self);
    return G_SOURCE_REMOVE;
}

static void
schedule(SctpAssociation *self)
{
    sctp_association_stop_mtu(self);
    if (self->mtu.deadline_us == PATH_MTU_NEVER)
        return;
    gint64 left_us = MAX(self->mtu.deadline_us - g_get_monotonic_time(), 0);
    self->mtu_timer = g_timeout_source_new((guint) ((left_us + 999) / 1000));
    g_source_set_name(self->mtu_timer, "pierce-path-mtu");
    g_source_set_callback(self->mtu_timer, on_timer, self, NULL);
    g_source_attach(self->mtu_timer, self->context);
}

static gboolean
send_probe(SctpAssociation *self, gsize size)
{
    g_autoptr(GByteArray) packet = g_byte_array_new();
    sctp_packet_write_probe(packet, self->header, size);
    sctp_packet_set_checksum(packet->data, packet->len);
    return self->funcs->on_probe(packet->data, packet->len, self->user_data);
}

static void
use_packet_bytes(SctpAssociation *self, gsize before)
{
    if (self->mtu.bytes == before || !self->socket)
        return;
    g_debug("sctp %p: packets of %" G_GSIZE_FORMAT " bytes, before %" G_GSIZE_FORMAT,
            (gpointer) self, self->mtu.bytes, before);
    sctp_engine_lock();
    sctp_socket_set_packet_bytes(self->socket, self->mtu.bytes);
    sctp_endpoint_set_packet_bytes(self->endpoint, self->mtu.bytes);
    sctp_engine_unlock();
    self->funcs->on_packet_bytes(self->mtu.bytes, self->user_data);
}

static void
poll_now(SctpAssociation *self)
{
    gsize before = self->mtu.bytes;
    for (gsize size; (size = path_mtu_poll(&self->mtu, g_get_monotonic_time())) > 0;)
        if (!send_probe(self, size))
            path_mtu_refused(&self->mtu, size, g_get_monotonic_time());
    use_packet_bytes(self, before);
    schedule(self);
}

void
sctp_association_start_mtu(SctpAssociation *self)
{
    gsize before = self->mtu.bytes;
    if (!self->socket || self->streams == 0 || !self->has_header)
        return;
    path_mtu_begin(&self->mtu, self->most_packet_bytes, g_get_monotonic_time());
    use_packet_bytes(self, before);
    schedule(self);
}

/* An INIT, whose tag is 0, is of no use.  With SNAP the first packet comes only after on_up. */
void
sctp_association_keep_header(SctpAssociation *self, const guint8 *packet)
{
    static const guint8 no_tag[4] = { 0 };
    if (memcmp(packet + TAG_AT, no_tag, sizeof no_tag) == 0)
        return;
    self->has_header = TRUE;
    memcpy(self->header, packet, sizeof self->header);
    sctp_association_start_mtu(self);
}

void
sctp_association_set_path(SctpAssociation *self, gsize most)
{
    self->most_packet_bytes = most;
    sctp_association_start_mtu(self);
}

void
sctp_association_doubt_mtu(SctpAssociation *self)
{
    path_mtu_doubt(&self->mtu, g_get_monotonic_time());
    schedule(self); /* not now: a batch is on its way out */
}

void
sctp_association_read_mtu(SctpAssociation *self, const guint8 *packet, gsize size)
{
    gsize before = self->mtu.bytes;
    gsize arrived = sctp_packet_find_probe_answer(packet, size);
    if (arrived == 0)
        return;
    path_mtu_arrived(&self->mtu, arrived, g_get_monotonic_time());
    use_packet_bytes(self, before);
    schedule(self);
}
