/* What sctp-association and its -notification share. */
#pragma once

#include "datachannel/path-mtu.h"
#include "datachannel/sctp-association.h"
#include "datachannel/sctp-engine.h"
#include "datachannel/sctp-handshake.h"
#include "datachannel/sctp-packet.h"
#include "datachannel/sctp-socket.h"

struct SctpAssociation {
    grefcount references;
    const SctpAssociationFuncs *funcs;
    gpointer user_data;
    SctpEndpoint *endpoint;
    struct socket *socket;    /* NULL once closed */
    SctpHandshake *handshake; /* that SNAP leaves out; NULL for one with packets */
    guint16 local_port;
    guint16 remote_port;
    gsize max_message_size;
    guint streams;
    guint requested_streams;
    gboolean is_growth_denied; /* the peer has no more, as Chromium */
    gboolean is_down;
    gboolean has_sent; /* since the last packets began to come in */
    gboolean is_interleaved;
    GByteArray *partial; /* the beginning of a message that is not complete yet */
    guint16 partial_stream;
    GArray *waiting_resets; /* of guint16: refused while another reset was under way */
    SctpTsnCounter sent_tsns;
    GMainContext *context;
    guint8 header[SCTP_PROBE_HEADER_BYTES]; /* of a packet that we sent, with the peer's tag */
    gboolean has_header;
    PathMtu mtu;
    GSource *mtu_timer;
    gsize most_packet_bytes; /* that the path may take */
};

/* ---- -mtu ---- */

/* The association is up: larger packets are tried. */
void sctp_association_start_mtu(SctpAssociation *self);
void sctp_association_stop_mtu(SctpAssociation *self);
void sctp_association_keep_header(SctpAssociation *self, const guint8 *packet);
/* Data was sent again. */
void sctp_association_doubt_mtu(SctpAssociation *self);
/* Looks for answers to probes. */
void sctp_association_read_mtu(SctpAssociation *self, const guint8 *packet, gsize size);

/* ---- -notification ---- */

/* Tells the user that it is over, once. */
void sctp_association_go_down(SctpAssociation *self, gint code, const char *message);

/* What usrsctp says of the association itself, RFC 6458 section 6.1. */
void sctp_association_on_notification(SctpAssociation *self, const guint8 *bytes, gsize size);
