/* What sctp-association and its -notification share. */
#pragma once

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
    gboolean has_sent;   /* since the last packets began to come in */
    GByteArray *partial; /* the beginning of a message that is not complete yet */
    guint16 partial_stream;
    GArray *waiting_resets; /* of guint16: refused while another reset was under way */
    SctpTsnCounter sent_tsns;
};

/* Tells the user that it is over, once. */
void sctp_association_go_down(SctpAssociation *self, gint code, const char *message);

/* What usrsctp says of the association itself, RFC 6458 section 6.1. */
void sctp_association_on_notification(SctpAssociation *self, const guint8 *bytes, gsize size);
