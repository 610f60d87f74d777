/* What a connection has done so far, as RTCStatsReport tells it. */
#pragma once

#include "datachannel/types.h"
#include "ice/ice-candidate.h"

G_BEGIN_DECLS

#define PIERCE_TYPE_STATS (pierce_stats_get_type())

PIERCE_EXPORT GType pierce_stats_get_type(void) G_GNUC_CONST;

/**
 * pierce_stats_copy:
 * @self: stats
 *
 * Returns: (transfer full): a copy
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceStats *pierce_stats_copy(const PierceStats *self);

/**
 * pierce_stats_free:
 * @self: (transfer full): stats
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_stats_free(PierceStats *self);

/**
 * pierce_stats_get_local_candidate_type:
 * @self: stats
 *
 * Returns: (transfer none) (nullable): `host`, `srflx`, `prflx` or `relay` for the local candidate
 * in use, %NULL while there is none
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_stats_get_local_candidate_type(const PierceStats *self);

/**
 * pierce_stats_get_remote_candidate_type:
 * @self: stats
 *
 * Returns: (transfer none) (nullable): the same for the remote candidate
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_stats_get_remote_candidate_type(const PierceStats *self);

/**
 * pierce_stats_get_local_address:
 * @self: stats
 *
 * Returns: (transfer none) (nullable): the local candidate's `address:port`, IPv6 in brackets
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_stats_get_local_address(const PierceStats *self);

/**
 * pierce_stats_get_remote_address:
 * @self: stats
 *
 * Returns: (transfer none) (nullable): the remote candidate's `address:port`, IPv6 in brackets
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_stats_get_remote_address(const PierceStats *self);

/**
 * pierce_stats_get_protocol:
 * @self: stats
 *
 * Returns: (transfer none) (nullable): `udp` or `tcp`
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_stats_get_protocol(const PierceStats *self);

/**
 * pierce_stats_get_path_note:
 * @self: stats
 *
 * Returns: (transfer none) (nullable): how packets are moved on the path, and why not faster: for
 *   example `segmentation offload` or `through libnice: relayed`
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_stats_get_path_note(const PierceStats *self);

/**
 * pierce_stats_get_round_trip_time_ms:
 * @self: stats
 *
 * Returns: the smoothed round-trip time that SCTP measured in milliseconds, or -1 if not known
 *
 * Since: 0.1
 */
PIERCE_EXPORT double pierce_stats_get_round_trip_time_ms(const PierceStats *self);

/**
 * pierce_stats_get_bytes_sent:
 * @self: stats
 *
 * Returns: bytes of messages given to send, over all channels
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_stats_get_bytes_sent(const PierceStats *self);

/**
 * pierce_stats_get_bytes_received:
 * @self: stats
 *
 * Returns: bytes of messages received, over all channels
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_stats_get_bytes_received(const PierceStats *self);

/**
 * pierce_stats_get_messages_sent:
 * @self: stats
 *
 * Returns: messages given to send
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_stats_get_messages_sent(const PierceStats *self);

/**
 * pierce_stats_get_messages_received:
 * @self: stats
 *
 * Returns: messages received
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_stats_get_messages_received(const PierceStats *self);

/**
 * pierce_stats_get_packets_sent:
 * @self: stats
 *
 * Returns: datagrams sent on the path, handshakes and acknowledgements included
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_stats_get_packets_sent(const PierceStats *self);

/**
 * pierce_stats_get_packets_received:
 * @self: stats
 *
 * Returns: datagrams received on the path
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_stats_get_packets_received(const PierceStats *self);

/**
 * pierce_stats_get_packets_discarded:
 * @self: stats
 *
 * Returns: datagrams received and dropped because no honest peer sends them
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_stats_get_packets_discarded(const PierceStats *self);

/**
 * pierce_stats_get_retransmissions:
 * @self: stats
 *
 * Returns: SCTP data chunks sent again
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint64 pierce_stats_get_retransmissions(const PierceStats *self);

/**
 * pierce_stats_get_max_packet_size:
 * @self: stats
 *
 * Begins with what every path takes, and grows as probes of more are answered (RFC 8899).  A
 * datagram is 37 bytes larger, for DTLS.
 *
 * Returns: the largest SCTP packet that is sent on the path in bytes, or 0 before there is one
 *
 * Since: 0.1
 */
PIERCE_EXPORT guint pierce_stats_get_max_packet_size(const PierceStats *self);

/**
 * pierce_stats_get_setup_time_ms:
 * @self: stats
 * @phase: a step of the set-up
 *
 * Times count from the first local description.
 *
 * Returns: when @phase ended in milliseconds, or -1 if it has not
 *
 * Since: 0.1
 */
PIERCE_EXPORT double pierce_stats_get_setup_time_ms(const PierceStats *self,
                                                    PierceSetupPhase phase);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PierceStats, pierce_stats_free)

G_END_DECLS
