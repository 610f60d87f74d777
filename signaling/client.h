/* A peer's side of the signalling dialect: docs/signaling-protocol.md. */
#pragma once

#include "signaling/export.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PIERCE_SIGNALING_ERROR (pierce_signaling_error_quark())
#define PIERCE_TYPE_SIGNALING_ERROR (pierce_signaling_error_get_type())

/**
 * PierceSignalingError:
 * @PIERCE_SIGNALING_ERROR_ADDRESS: the server's URL cannot be used
 * @PIERCE_SIGNALING_ERROR_CONNECT: the server cannot be reached, or ended the connection
 * @PIERCE_SIGNALING_ERROR_REFUSED: the server refused the registration or a message
 * @PIERCE_SIGNALING_ERROR_PROTOCOL: the server sent what the dialect does not have
 * @PIERCE_SIGNALING_ERROR_PEER_NOT_FOUND: no peer of that name is registered
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_SIGNALING_ERROR_ADDRESS,
    PIERCE_SIGNALING_ERROR_CONNECT,
    PIERCE_SIGNALING_ERROR_REFUSED,
    PIERCE_SIGNALING_ERROR_PROTOCOL,
    PIERCE_SIGNALING_ERROR_PEER_NOT_FOUND,
} PierceSignalingError;

PIERCE_SIGNALING_EXPORT GType pierce_signaling_error_get_type(void) G_GNUC_CONST;
PIERCE_SIGNALING_EXPORT GQuark pierce_signaling_error_quark(void);

/**
 * PierceSignalingClientState:
 * @PIERCE_SIGNALING_CLIENT_STATE_IDLE: not started
 * @PIERCE_SIGNALING_CLIENT_STATE_CONNECTING: looking for the server, or waiting to try again
 * @PIERCE_SIGNALING_CLIENT_STATE_REGISTERED: known to the server
 * @PIERCE_SIGNALING_CLIENT_STATE_CLOSED: ended, for good
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_SIGNALING_CLIENT_STATE_IDLE,
    PIERCE_SIGNALING_CLIENT_STATE_CONNECTING,
    PIERCE_SIGNALING_CLIENT_STATE_REGISTERED,
    PIERCE_SIGNALING_CLIENT_STATE_CLOSED,
} PierceSignalingClientState;

#define PIERCE_TYPE_SIGNALING_CLIENT_STATE (pierce_signaling_client_state_get_type())
PIERCE_SIGNALING_EXPORT GType pierce_signaling_client_state_get_type(void) G_GNUC_CONST;

#define PIERCE_TYPE_SIGNALING_CLIENT (pierce_signaling_client_get_type())

/**
 * PierceSignalingClient:
 *
 * Signals, with peers named by their client id:
 * `registered` ({client_id string}), again after each reconnection;
 * `disconnected` ({error #GError}), after which it tries again by itself;
 * `peer-found` ({client_id string}, {peer_name string}); `peer-not-found` ({target_name string});
 * `peer-joined` ({client_id string}, {peer_name string}, {present gboolean}: it was in the room
 * before this peer, which offers to it) and `peer-left` ({client_id string}, {peer_name string});
 * `peer-unknown` ({client_id string}): what was sent to it was not delivered, because the server
 * does not have it now;
 * `description` ({client_id string}, {type string: `offer` or `answer`}, {sdp string});
 * `candidate` ({client_id string}, {candidate string}, {sdp_mid nullable string},
 * {sdp_m_line_index int, -1 unknown}, {username_fragment nullable string}), the empty string ends
 * the list; `bye` ({client_id string}); `error` ({error #GError}) for what the server refused.
 * Property with `notify`: `state`.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT
G_DECLARE_FINAL_TYPE(PierceSignalingClient, pierce_signaling_client, PIERCE, SIGNALING_CLIENT,
                     GObject)

/**
 * pierce_signaling_client_new:
 * @url: the server, `ws://host[:port]/` or `wss://...`; `http` and `https` mean the same
 * @peer_name: the name to register, UTF-8, 1 to 128 bytes
 * @room: (nullable): the room to join
 * @token: (nullable): what the server asks for, never logged
 * @error: return location for an error
 *
 * Belongs to the thread-default #GMainContext of its creation.
 *
 * Returns: (transfer full) (nullable): a client, or %NULL with %PIERCE_SIGNALING_ERROR_ADDRESS
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT PierceSignalingClient *
pierce_signaling_client_new(const char *url, const char *peer_name, const char *room,
                            const char *token, GError **error);

/**
 * pierce_signaling_client_start:
 * @self: a client
 *
 * Connects and registers, and does so again with jittered back-off whenever the connection is lost.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void pierce_signaling_client_start(PierceSignalingClient *self);

/**
 * pierce_signaling_client_close:
 * @self: a client
 *
 * Leaves the server.  Final, legal inside any callback.  The state becomes `closed` once what was
 * sent before has left, which takes a second at most.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void pierce_signaling_client_close(PierceSignalingClient *self);

/**
 * pierce_signaling_client_get_state:
 * @self: a client
 *
 * Returns: its state
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT PierceSignalingClientState
pierce_signaling_client_get_state(PierceSignalingClient *self);

/**
 * pierce_signaling_client_get_client_id:
 * @self: a client
 *
 * Returns: (transfer none) (nullable): the id that the server gave, %NULL before that
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT const char *
pierce_signaling_client_get_client_id(PierceSignalingClient *self);

/**
 * PierceIceServerFunc:
 * @uri: a `stun:` or `turn:` URI
 * @username: (nullable): for TURN
 * @credential: (nullable): for TURN
 * @user_data: what was given with the function
 *
 * Since: 0.1
 */
typedef void (*PierceIceServerFunc)(const char *uri, const char *username, const char *credential,
                                    gpointer user_data);

/**
 * pierce_signaling_client_foreach_ice_server:
 * @self: a client
 * @func: (scope call): called for each server
 * @user_data: passed to @func
 *
 * Lists the STUN and TURN servers that the server named at the last registration.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void pierce_signaling_client_foreach_ice_server(PierceSignalingClient *self,
                                                                        PierceIceServerFunc func,
                                                                        gpointer user_data);

/**
 * pierce_signaling_client_find_peer:
 * @self: a client
 * @target_name: the name that the peer registered
 *
 * Answered by `peer-found` or `peer-not-found`.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void pierce_signaling_client_find_peer(PierceSignalingClient *self,
                                                               const char *target_name);

/**
 * pierce_signaling_client_send_description:
 * @self: a client
 * @client_id: the peer
 * @type: `offer` or `answer`
 * @sdp: the text
 *
 * What is sent while the server is away is kept until it is back, up to 256 messages.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void pierce_signaling_client_send_description(PierceSignalingClient *self,
                                                                      const char *client_id,
                                                                      const char *type,
                                                                      const char *sdp);

/**
 * pierce_signaling_client_send_candidate:
 * @self: a client
 * @client_id: the peer
 * @candidate: `candidate:...`, or the empty string for the last one
 * @sdp_mid: (nullable): its media section
 * @sdp_m_line_index: the section's index, or -1
 * @username_fragment: (nullable): its ICE generation
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void
pierce_signaling_client_send_candidate(PierceSignalingClient *self, const char *client_id,
                                       const char *candidate, const char *sdp_mid,
                                       gint sdp_m_line_index, const char *username_fragment);

/**
 * pierce_signaling_client_send_bye:
 * @self: a client
 * @client_id: the peer
 *
 * Tells the peer that this side ended their connection.
 *
 * Since: 0.1
 */
PIERCE_SIGNALING_EXPORT void pierce_signaling_client_send_bye(PierceSignalingClient *self,
                                                              const char *client_id);

G_END_DECLS
