/* One peer of a negotiator: its connection, offer and answer, candidates, and the restarts of a
 * lost path. */
#pragma once

#include "datachannel/pierce.h"
#include "signaling/client.h"

G_BEGIN_DECLS

typedef struct _NegotiatorPeer NegotiatorPeer;

/* Called once, when the connection is closed or given up; the owner frees @peer, maybe at once. */
typedef void (*NegotiatorPeerGoneFunc)(NegotiatorPeer *peer, gpointer user_data);

NegotiatorPeer *negotiator_peer_new(PierceSignalingClient *client, const char *client_id,
                                    PierceConfiguration *configuration,
                                    NegotiatorPeerGoneFunc on_gone, gpointer user_data);

/* Closes the connection, without a call of on_gone. */
void negotiator_peer_free(NegotiatorPeer *self);

const char *negotiator_peer_get_client_id(const NegotiatorPeer *self);
PiercePeerConnection *negotiator_peer_get_connection(const NegotiatorPeer *self);

/* The name by which the peer can be found again, NULL if not known. */
const char *negotiator_peer_get_name(const NegotiatorPeer *self);
void negotiator_peer_set_name(NegotiatorPeer *self, const char *name);

/* Whether the peer's last offer or answer came from the same connection object as @sdp does: the
 * session id of RFC 8866 section 5.2, which RFC 9429 keeps for a connection's life. */
gboolean negotiator_peer_is_session(const NegotiatorPeer *self, const char *sdp);
gboolean negotiator_peer_has_session(const NegotiatorPeer *self);

/* The server does not know this client id any more, or may not. */
void negotiator_peer_set_stale(NegotiatorPeer *self);
gboolean negotiator_peer_is_stale(const NegotiatorPeer *self);

/* The peer is known to the server, by this id. */
void negotiator_peer_set_client_id(NegotiatorPeer *self, const char *client_id);

/* Restarts now, if the path is lost: the peer can be told of it. */
void negotiator_peer_resume(NegotiatorPeer *self);

/* A path that worked once: such a connection outlives the server's knowledge of its peer. */
gboolean negotiator_peer_was_connected(const NegotiatorPeer *self);

void negotiator_peer_take_description(NegotiatorPeer *self, const char *type, const char *sdp);
void negotiator_peer_take_candidate(NegotiatorPeer *self, PierceIceCandidate *candidate);

G_END_DECLS
