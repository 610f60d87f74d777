/* RTCConfiguration: how a peer connection looks for its path. */
#pragma once

#include "datachannel/types.h"

G_BEGIN_DECLS

#define PIERCE_TYPE_CONFIGURATION (pierce_configuration_get_type())

/**
 * PIERCE_DEFAULT_MAX_MESSAGE_SIZE:
 *
 * The largest message taken unless set otherwise, in bytes.
 *
 * Since: 0.1
 */
#define PIERCE_DEFAULT_MAX_MESSAGE_SIZE 262144

PIERCE_EXPORT GType pierce_configuration_get_type(void) G_GNUC_CONST;

/**
 * pierce_configuration_new:
 *
 * A configuration with no servers, the policy `all`, and a fresh certificate per connection.
 *
 * Returns: (transfer full): a new configuration
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceConfiguration *pierce_configuration_new(void);

/**
 * pierce_configuration_copy:
 * @self: a configuration
 *
 * Returns: (transfer full): an independent copy
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceConfiguration *pierce_configuration_copy(const PierceConfiguration *self);

/**
 * pierce_configuration_free:
 * @self: (transfer full): a configuration
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_configuration_free(PierceConfiguration *self);

/**
 * pierce_configuration_add_ice_server:
 * @self: a configuration
 * @uri: `stun:host[:port]` or `turn:host[:port][?transport=udp|tcp]` (RFC 7064, RFC 7065)
 * @username: (nullable): for TURN, the long-term credential's user name
 * @credential: (nullable): for TURN, its password
 * @error: return location for an error
 *
 * Adds a STUN or TURN server (RTCIceServer).  Names are resolved when gathering starts.  At
 * most 16.
 *
 * Returns: %FALSE with %PIERCE_ERROR_SYNTAX for a URI that cannot be used or a TURN server without
 *   credentials
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_configuration_add_ice_server(PierceConfiguration *self,
                                                           const char *uri, const char *username,
                                                           const char *credential, GError **error);

/**
 * pierce_configuration_set_ice_transport_policy:
 * @self: a configuration
 * @policy: which candidates may be used
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_configuration_set_ice_transport_policy(PierceConfiguration *self,
                                                                 PierceIceTransportPolicy policy);

/**
 * pierce_configuration_set_certificate:
 * @self: a configuration
 * @certificate: (nullable): the certificate to show to the peer, %NULL for a fresh one per
 * connection
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_configuration_set_certificate(PierceConfiguration *self,
                                                        PierceCertificate *certificate);

/**
 * pierce_configuration_set_max_message_size:
 * @self: a configuration
 * @size_bytes: the largest message to take and to send, from 1,024 bytes to 64 MiB
 *
 * What is announced as `max-message-size` (RFC 8841 section 6).  A value outside the range is moved
 * to its nearest end.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_configuration_set_max_message_size(PierceConfiguration *self,
                                                             gsize size_bytes);

/**
 * pierce_configuration_set_sctp_snap:
 * @self: a configuration
 * @enabled: whether descriptions may carry SCTP's INIT; %TRUE unless set
 *
 * SNAP (draft-hancke-tsvwg-snap-00): offers say in `a=sctp-init` what SCTP's first packet would,
 * and answers say it to an offer that did.  If both have it, data may be sent as soon as DTLS is
 * up, two round trips earlier.  A peer that does not know it ignores it, and the usual handshake
 * follows.  With %FALSE it is neither said nor looked at.
 *
 * While it is %TRUE, pierce_peer_connection_set_remote_description() refuses an `a=sctp-init` that
 * is not a valid INIT with %PIERCE_ERROR_SYNTAX, and one that changes with %PIERCE_ERROR_OPERATION.
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_configuration_set_sctp_snap(PierceConfiguration *self, gboolean enabled);

/**
 * pierce_configuration_add_local_address:
 * @self: a configuration
 * @address: a numeric IPv4 or IPv6 address of this host
 * @error: return location for an error
 *
 * Gathers candidates on this address; without any call, on all addresses but loopback and
 * link-local.
 *
 * Returns: %FALSE with %PIERCE_ERROR_SYNTAX if @address is not numeric
 *
 * Since: 0.1
 */
PIERCE_EXPORT gboolean pierce_configuration_add_local_address(PierceConfiguration *self,
                                                              const char *address, GError **error);

/**
 * pierce_configuration_set_port_range:
 * @self: a configuration
 * @min_port: the first UDP port to use, 1 to 65535, or 0 for any
 * @max_port: the last one, not below @min_port
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_configuration_set_port_range(PierceConfiguration *self, guint16 min_port,
                                                       guint16 max_port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PierceConfiguration, pierce_configuration_free)

G_END_DECLS
