/* The handshake that SNAP leaves out, as usrsctp has to be led through it: draft-hancke-tsvwg-snap
 * section 6. */
#pragma once

#include "datachannel/sctp-engine.h"
#include "datachannel/sctp-snap.h"
#include "datachannel/sctp-socket.h"

/* What the INIT of an association will say whose socket is opened with this @max_message_size,
 * interleaves or not, and has @own's tag.  FALSE if usrsctp gave none. */
gboolean sctp_handshake_describe(GMainContext *context, gsize max_message_size,
                                 gboolean interleaves, SctpSnapInit *own);

typedef struct {
    guint16 local_port;
    guint16 remote_port;
    SctpSnapInit own;  /* as it was described */
    SctpSnapInit peer; /* as its description says */
} SctpHandshake;

/* Whether the INIT that usrsctp has put into @endpoint's outbox is the one that was described; it
 * is dropped.  Under the lock. */
gboolean sctp_handshake_begin(const SctpHandshake *self, SctpEndpoint *endpoint);

/* Tells usrsctp that the peer has answered, and drops what it says to that.  The time since begin
 * is what it takes for the round trip.  FALSE if @socket is not connected by that.  Under the lock.
 */
gboolean sctp_handshake_end(const SctpHandshake *self, SctpEndpoint *endpoint,
                            struct socket *socket);
