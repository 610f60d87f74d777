/* Drives peer connections over a signalling client: perfect negotiation (W3C WebRTC section 10.7)
 * with trickled candidates, for any number of peers. */
#pragma once

#include "datachannel/peer-connection.h"
#include "signaling/client.h"
#include "signaling/export.h"

G_BEGIN_DECLS

#define PIERCE_TYPE_NEGOTIATOR (pierce_negotiator_get_type())

/**
 * PierceNegotiator:
 *
 * Signal `peer` ({client_id string}, {connection #PiercePeerConnection}): a connection was made, by
 * pierce_negotiator_connect() or for an offer that came in; channels can be created and signals
 * connected now, before anything is sent.  Signal `peer-gone` ({client_id string},
 * {connection #PiercePeerConnection}): it is closed or failed for good, and dropped.
 *
 * A connection whose path is lost is restarted (ICE restart) while its peer is known to the server.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT
G_DECLARE_FINAL_TYPE(PierceNegotiator, pierce_negotiator, PIERCE, NEGOTIATOR, GObject)

/**
 * pierce_negotiator_new:
 * @client: the signalling client; it is started and closed by its owner
 * @configuration: (nullable): for each connection; the server's ICE servers are added to it
 *
 * Returns: (transfer full): a new negotiator
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT PierceNegotiator *pierce_negotiator_new(PierceSignalingClient *client,
                                                                PierceConfiguration *configuration);

/**
 * pierce_negotiator_refuse_relays:
 * @self: a negotiator
 *
 * From the next connection on, the TURN servers that the signalling server names are not used, and
 * neither are relayed candidates of the peers.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void pierce_negotiator_refuse_relays(PierceNegotiator *self);

/**
 * pierce_negotiator_connect:
 * @self: a negotiator
 * @client_id: the peer's id at the server
 *
 * Makes a connection to a peer, or gives the one there is.  It offers as soon as a channel is
 * created.
 *
 * Returns: (transfer none) (nullable): the connection, %NULL if there are 256 already
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT PiercePeerConnection *pierce_negotiator_connect(PierceNegotiator *self,
                                                                        const char *client_id);

/**
 * pierce_negotiator_close:
 * @self: a negotiator
 *
 * Closes all connections, telling the peers.  Final.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void pierce_negotiator_close(PierceNegotiator *self);

G_END_DECLS
