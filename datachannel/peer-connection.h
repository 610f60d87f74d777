/* RTCPeerConnection: one peer, its path, and the channels over it. */
#pragma once

#include "datachannel/types.h"
#include "ice/ice-candidate.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PIERCE_TYPE_PEER_CONNECTION (pierce_peer_connection_get_type())

/**
 * PiercePeerConnection:
 *
 * Belongs to the #GMainContext that was the thread's default when it was made: every call is made
 * and every signal emitted there.
 *
 * Signals: `negotiation-needed`; `ice-candidate` ({candidate #PierceIceCandidate}; an empty
 * candidate is the last one); `data-channel` ({channel #PierceDataChannel}).  Properties, all
 * read-only, with `notify`: `signaling-state`, `ice-gathering-state`, `ice-connection-state`,
 * `connection-state`, `dtls-state`.
 *
 * Creating and setting descriptions waits for nothing, so these calls return at once.
 *
 * Since: 0.1
 */
PIERCE_EXPORT
G_DECLARE_FINAL_TYPE(PiercePeerConnection, pierce_peer_connection, PIERCE, PEER_CONNECTION, GObject)

/**
 * pierce_peer_connection_new:
 * @configuration: (nullable): how to look for a path, %NULL for the defaults; it is copied
 *
 * Returns: (transfer full): a new connection in the state `new`
 *
 * Since: 0.1
 */
PIERCE_EXPORT PiercePeerConnection *pierce_peer_connection_new(PierceConfiguration *configuration);

/**
 * pierce_peer_connection_create_data_channel:
 * @self: a connection
 * @label: the channel's label, UTF-8, up to 65535 bytes, may be empty
 * @init: (nullable): its options, %NULL for an ordered and reliable channel
 * @error: return location for an error
 *
 * The channel opens once the connection is up.
 *
 * Returns: (transfer full) (nullable): a channel in the state `connecting`, or %NULL with
 *   %PIERCE_ERROR_INVALID_STATE (closed), %PIERCE_ERROR_INVALID_ARGUMENT (label, protocol or id) or
 *   %PIERCE_ERROR_OPERATION (the id is taken, or none is left)
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceDataChannel *
pierce_peer_connection_create_data_channel(PiercePeerConnection *self, const char *label,
                                           PierceDataChannelInit *init, GError **error);

/**
 * pierce_peer_connection_create_offer:
 * @self: a connection
 * @error: return location for an error
 *
 * After pierce_peer_connection_restart_ice() the offer starts a new ICE generation.
 *
 * Returns: (transfer full) (nullable): an offer, or %NULL with %PIERCE_ERROR_INVALID_STATE
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceSessionDescription *
pierce_peer_connection_create_offer(PiercePeerConnection *self, GError **error);

/**
 * pierce_peer_connection_create_answer:
 * @self: a connection
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): an answer to the remote offer, or %NULL with
 *   %PIERCE_ERROR_INVALID_STATE where there is none
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceSessionDescription *
pierce_peer_connection_create_answer(PiercePeerConnection *self, GError **error);

/**
 * pierce_peer_connection_set_local_description:
 * @self: a connection
 * @description: (nullable): what create_offer or create_answer gave, unchanged; a rollback; or
 * %NULL for whichever of offer and answer the signalling state asks for
 * @error: return location for an error
 *
 * Starts gathering candidates.
 *
 * Returns: %FALSE with %PIERCE_ERROR_INVALID_STATE or %PIERCE_ERROR_INVALID_ARGUMENT
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_peer_connection_set_local_description(
    PiercePeerConnection *self, PierceSessionDescription *description, GError **error);

/**
 * pierce_peer_connection_set_remote_description:
 * @self: a connection
 * @description: the peer's offer or answer, or a rollback
 * @error: return location for an error
 *
 * An offer in the state `have-local-offer` rolls the local offer back first, as perfect negotiation
 * needs it.
 *
 * Returns: %FALSE with %PIERCE_ERROR_INVALID_STATE, or %PIERCE_ERROR_SYNTAX saying what in the
 *   description cannot be used
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_peer_connection_set_remote_description(
    PiercePeerConnection *self, PierceSessionDescription *description, GError **error);

/**
 * pierce_peer_connection_add_ice_candidate:
 * @self: a connection
 * @candidate: the peer's candidate; an empty one is its last
 * @error: return location for an error
 *
 * A candidate that comes before its description is kept until then.  Candidates of another ICE
 * generation, link-local ones and those past the hundredth are dropped without an error.
 *
 * Returns: %FALSE with %PIERCE_ERROR_SYNTAX for one that cannot be parsed, or
 *   %PIERCE_ERROR_INVALID_STATE if the connection is closed
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_peer_connection_add_ice_candidate(PiercePeerConnection *self,
                                                                PierceIceCandidate *candidate,
                                                                GError **error);

/**
 * pierce_peer_connection_restart_ice:
 * @self: a connection
 *
 * Asks for new candidates and a new path by the next offer, and emits `negotiation-needed`.  Data
 * flows on the old path until the new one works.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_peer_connection_restart_ice(PiercePeerConnection *self);

/**
 * pierce_peer_connection_close:
 * @self: a connection
 *
 * Ends all channels and the connection, and tells the peer.  Final; may be called at any time, also
 * inside any callback, any number of times.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_peer_connection_close(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_signaling_state:
 * @self: a connection
 *
 * Returns: where offer and answer stand
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceSignalingState
pierce_peer_connection_get_signaling_state(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_ice_gathering_state:
 * @self: a connection
 *
 * Returns: how far local candidates are known
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceIceGatheringState
pierce_peer_connection_get_ice_gathering_state(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_ice_connection_state:
 * @self: a connection
 *
 * Returns: how the ICE transport stands
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceIceConnectionState
pierce_peer_connection_get_ice_connection_state(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_dtls_state:
 * @self: a connection
 *
 * Returns: how the DTLS transport stands
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceDtlsTransportState
pierce_peer_connection_get_dtls_state(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_connection_state:
 * @self: a connection
 *
 * Returns: ICE and DTLS seen as one
 *
 * Since: 0.1
 */
PIERCE_EXPORT PiercePeerConnectionState
pierce_peer_connection_get_connection_state(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_local_description:
 * @self: a connection
 *
 * Returns: (transfer full) (nullable): the pending local description, else the current one, with
 * the candidates gathered so far
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceSessionDescription *
pierce_peer_connection_get_local_description(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_remote_description:
 * @self: a connection
 *
 * Returns: (transfer full) (nullable): the pending remote description, else the current one
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceSessionDescription *
pierce_peer_connection_get_remote_description(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_max_message_size:
 * @self: a connection
 *
 * Returns: the largest message that can be sent in bytes (RTCSctpTransport.maxMessageSize), 0
 * before a remote description was set
 *
 * Since: 0.1
 */
PIERCE_EXPORT gsize pierce_peer_connection_get_max_message_size(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_stats:
 * @self: a connection
 *
 * Returns: (transfer full): what the connection has done so far
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceStats *pierce_peer_connection_get_stats(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_error:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): why the connection failed or was closed by the peer, %NULL
 *   while neither happened
 *
 * Since: 0.1
 */
PIERCE_EXPORT const GError *pierce_peer_connection_get_error(PiercePeerConnection *self);

/**
 * pierce_peer_connection_get_report:
 * @self: a connection
 *
 * Tells how far the connection came, layer by layer, and where it stopped: lines for people.  Holds
 * addresses, but no credentials.
 *
 * Returns: (transfer full): the report
 *
 * Since: 0.1
 */
PIERCE_EXPORT char *pierce_peer_connection_get_report(PiercePeerConnection *self);

G_END_DECLS
