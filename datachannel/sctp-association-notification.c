/* Decides what usrsctp's notifications mean for the association: up, down, streams reset or added.
 * RFC 6458 section 6.1, RFC 6525. */
#include "datachannel/sctp-association-internal.h"

#include "datachannel/error.h"

void
sctp_association_go_down(SctpAssociation *self, gint code, const char *message)
{
    if (self->is_down)
        return;
    self->is_down = TRUE;
    g_autoptr(GError) error = g_error_new_literal(PIERCE_ERROR, code, message);
    self->funcs->on_down(error, self->user_data);
}

/* usrsctp 0.9.5.0 puts the peer's ABORT behind the notification; when it gives up by itself there
 * is none (RFC 6458 section 6.1.1). */
static void
on_lost(SctpAssociation *self, const struct sctp_assoc_change *change)
{
    if (change->sac_length > sizeof *change)
        sctp_association_go_down(self, PIERCE_ERROR_PEER_CLOSED,
                                 "SCTP: the peer closed the association");
    else
        sctp_association_go_down(
            self, PIERCE_ERROR_SCTP,
            "SCTP: the peer no longer acknowledges data, although its path answers");
}

static void
on_association_change(SctpAssociation *self, const struct sctp_assoc_change *change)
{
    switch (change->sac_state) {
    case SCTP_COMM_UP:
        self->streams = self->requested_streams = change->sac_outbound_streams;
        sctp_association_start_mtu(self);
        sctp_engine_lock_shared();
        self->is_interleaved = sctp_socket_is_interleaved(self->socket);
        sctp_engine_unlock();
        self->funcs->on_up(self->user_data);
        break;
    case SCTP_COMM_LOST:
        if (change->sac_flags & SCTP_CANT_STR_ASSOC)
            break;
        on_lost(self, change);
        break;
    case SCTP_SHUTDOWN_COMP:
        sctp_association_go_down(self, PIERCE_ERROR_PEER_CLOSED,
                                 "SCTP: the peer closed the association");
        break;
    case SCTP_CANT_STR_ASSOC:
        sctp_association_go_down(
            self, PIERCE_ERROR_SCTP,
            "SCTP: the handshake failed: the peer refused it or did not answer");
        break;
    default:
        break;
    }
}

/* Only one request at a time is under way, of either kind: what was refused meanwhile is asked for
 * at the end of each. */
static void
retry_resets(SctpAssociation *self)
{
    g_autoptr(GArray) waiting = g_steal_pointer(&self->waiting_resets);
    self->waiting_resets = g_array_new(FALSE, FALSE, sizeof(guint16));
    for (guint i = 0; i < waiting->len; i++)
        sctp_association_reset_stream(self, g_array_index(waiting, guint16, i));
}

static void
on_stream_reset(SctpAssociation *self, const struct sctp_stream_reset_event *event)
{
    guint count = (event->strreset_length - (guint32) sizeof *event) / sizeof(guint16);
    for (guint i = 0; i < count && self->socket; i++) {
        guint16 stream = event->strreset_stream_list[i];
        if (event->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN)
            self->funcs->on_incoming_reset(stream, self->user_data);
        else
            self->funcs->on_outgoing_reset(stream, self->user_data);
    }
    if (self->socket)
        retry_resets(self);
}

static void
on_stream_change(SctpAssociation *self, const struct sctp_stream_change_event *event)
{
    if (event->strchange_flags == 0)
        self->streams = event->strchange_outstrms;
    else
        self->is_growth_denied = TRUE;
    self->requested_streams = self->streams;
    retry_resets(self);
}

void
sctp_association_on_notification(SctpAssociation *self, const guint8 *bytes, gsize size)
{
    union sctp_notification notification = { 0 };
    memcpy(&notification, bytes, MIN(size, sizeof notification));
    switch (notification.sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE:
        on_association_change(self, &notification.sn_assoc_change);
        break;
    case SCTP_STREAM_RESET_EVENT:
        if (size >= sizeof(struct sctp_stream_reset_event)) {
            g_autofree struct sctp_stream_reset_event *event = g_memdup2(bytes, size);
            event->strreset_length = (guint32) MIN(event->strreset_length, size);
            on_stream_reset(self, event);
        }
        break;
    case SCTP_STREAM_CHANGE_EVENT:
        on_stream_change(self, &notification.sn_strchange_event);
        break;
    case SCTP_PARTIAL_DELIVERY_EVENT: /* the sender gave up in the middle of a message */
        g_byte_array_set_size(self->partial, 0);
        break;
    default:
        break;
    }
}
