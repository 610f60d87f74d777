/* The enumerations and forward declarations that every public header shares.  An enumeration's nick
 * is the string that the W3C's WebRTC recommendation uses for it. */
#pragma once

#include "ice/export.h"

#include <glib-object.h>

G_BEGIN_DECLS

typedef struct _PierceConfiguration PierceConfiguration;
typedef struct _PierceCertificate PierceCertificate;
typedef struct _PierceDataChannel PierceDataChannel;
typedef struct _PierceDataChannelInit PierceDataChannelInit;
typedef struct _PiercePeerConnection PiercePeerConnection;
typedef struct _PierceSessionDescription PierceSessionDescription;
typedef struct _PierceStats PierceStats;

/**
 * PierceSdpType:
 * @PIERCE_SDP_TYPE_OFFER: `offer`
 * @PIERCE_SDP_TYPE_PRANSWER: `pranswer`
 * @PIERCE_SDP_TYPE_ANSWER: `answer`
 * @PIERCE_SDP_TYPE_ROLLBACK: `rollback`, which carries no SDP
 *
 * What a session description is for: RTCSdpType.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_SDP_TYPE_OFFER,
    PIERCE_SDP_TYPE_PRANSWER,
    PIERCE_SDP_TYPE_ANSWER,
    PIERCE_SDP_TYPE_ROLLBACK,
} PierceSdpType;

/**
 * PierceSignalingState:
 * @PIERCE_SIGNALING_STATE_STABLE: `stable`
 * @PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER: `have-local-offer`
 * @PIERCE_SIGNALING_STATE_HAVE_REMOTE_OFFER: `have-remote-offer`
 * @PIERCE_SIGNALING_STATE_HAVE_LOCAL_PRANSWER: `have-local-pranswer`
 * @PIERCE_SIGNALING_STATE_HAVE_REMOTE_PRANSWER: `have-remote-pranswer`
 * @PIERCE_SIGNALING_STATE_CLOSED: `closed`
 *
 * Where offer and answer stand: RTCSignalingState.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_SIGNALING_STATE_STABLE,
    PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER,
    PIERCE_SIGNALING_STATE_HAVE_REMOTE_OFFER,
    PIERCE_SIGNALING_STATE_HAVE_LOCAL_PRANSWER,
    PIERCE_SIGNALING_STATE_HAVE_REMOTE_PRANSWER,
    PIERCE_SIGNALING_STATE_CLOSED,
} PierceSignalingState;

/**
 * PierceIceGatheringState:
 * @PIERCE_ICE_GATHERING_STATE_NEW: `new`
 * @PIERCE_ICE_GATHERING_STATE_GATHERING: `gathering`
 * @PIERCE_ICE_GATHERING_STATE_COMPLETE: `complete`
 *
 * How far local candidates are known: RTCIceGatheringState.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_ICE_GATHERING_STATE_NEW,
    PIERCE_ICE_GATHERING_STATE_GATHERING,
    PIERCE_ICE_GATHERING_STATE_COMPLETE,
} PierceIceGatheringState;

/**
 * PierceIceConnectionState:
 * @PIERCE_ICE_CONNECTION_STATE_NEW: `new`
 * @PIERCE_ICE_CONNECTION_STATE_CHECKING: `checking`
 * @PIERCE_ICE_CONNECTION_STATE_CONNECTED: `connected`: data flows, checks go on
 * @PIERCE_ICE_CONNECTION_STATE_COMPLETED: `completed`
 * @PIERCE_ICE_CONNECTION_STATE_DISCONNECTED: `disconnected`: consent was lost, it may come back
 * @PIERCE_ICE_CONNECTION_STATE_FAILED: `failed`
 * @PIERCE_ICE_CONNECTION_STATE_CLOSED: `closed`
 *
 * How the ICE transport stands: RTCIceConnectionState.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_ICE_CONNECTION_STATE_NEW,
    PIERCE_ICE_CONNECTION_STATE_CHECKING,
    PIERCE_ICE_CONNECTION_STATE_CONNECTED,
    PIERCE_ICE_CONNECTION_STATE_COMPLETED,
    PIERCE_ICE_CONNECTION_STATE_DISCONNECTED,
    PIERCE_ICE_CONNECTION_STATE_FAILED,
    PIERCE_ICE_CONNECTION_STATE_CLOSED,
} PierceIceConnectionState;

/**
 * PiercePeerConnectionState:
 * @PIERCE_PEER_CONNECTION_STATE_NEW: `new`
 * @PIERCE_PEER_CONNECTION_STATE_CONNECTING: `connecting`
 * @PIERCE_PEER_CONNECTION_STATE_CONNECTED: `connected`
 * @PIERCE_PEER_CONNECTION_STATE_DISCONNECTED: `disconnected`
 * @PIERCE_PEER_CONNECTION_STATE_FAILED: `failed`
 * @PIERCE_PEER_CONNECTION_STATE_CLOSED: `closed`
 *
 * ICE and DTLS seen as one: RTCPeerConnectionState.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_PEER_CONNECTION_STATE_NEW,
    PIERCE_PEER_CONNECTION_STATE_CONNECTING,
    PIERCE_PEER_CONNECTION_STATE_CONNECTED,
    PIERCE_PEER_CONNECTION_STATE_DISCONNECTED,
    PIERCE_PEER_CONNECTION_STATE_FAILED,
    PIERCE_PEER_CONNECTION_STATE_CLOSED,
} PiercePeerConnectionState;

/**
 * PierceDtlsTransportState:
 * @PIERCE_DTLS_TRANSPORT_STATE_NEW: `new`
 * @PIERCE_DTLS_TRANSPORT_STATE_CONNECTING: `connecting`
 * @PIERCE_DTLS_TRANSPORT_STATE_CONNECTED: `connected`: the peer's fingerprint has been checked
 * @PIERCE_DTLS_TRANSPORT_STATE_CLOSED: `closed`
 * @PIERCE_DTLS_TRANSPORT_STATE_FAILED: `failed`
 *
 * How the DTLS transport stands: RTCDtlsTransportState.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_DTLS_TRANSPORT_STATE_NEW,
    PIERCE_DTLS_TRANSPORT_STATE_CONNECTING,
    PIERCE_DTLS_TRANSPORT_STATE_CONNECTED,
    PIERCE_DTLS_TRANSPORT_STATE_CLOSED,
    PIERCE_DTLS_TRANSPORT_STATE_FAILED,
} PierceDtlsTransportState;

/**
 * PierceDataChannelState:
 * @PIERCE_DATA_CHANNEL_STATE_CONNECTING: `connecting`
 * @PIERCE_DATA_CHANNEL_STATE_OPEN: `open`
 * @PIERCE_DATA_CHANNEL_STATE_CLOSING: `closing`
 * @PIERCE_DATA_CHANNEL_STATE_CLOSED: `closed`
 *
 * How a data channel stands: RTCDataChannelState.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_DATA_CHANNEL_STATE_CONNECTING,
    PIERCE_DATA_CHANNEL_STATE_OPEN,
    PIERCE_DATA_CHANNEL_STATE_CLOSING,
    PIERCE_DATA_CHANNEL_STATE_CLOSED,
} PierceDataChannelState;

/**
 * PierceIceTransportPolicy:
 * @PIERCE_ICE_TRANSPORT_POLICY_ALL: `all`: any candidate may be used
 * @PIERCE_ICE_TRANSPORT_POLICY_RELAY: `relay`: only relayed candidates, so that the peer learns no
 *   address of this host
 *
 * Which candidates may be used: RTCIceTransportPolicy.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_ICE_TRANSPORT_POLICY_ALL,
    PIERCE_ICE_TRANSPORT_POLICY_RELAY,
} PierceIceTransportPolicy;

/**
 * PierceMessageType:
 * @PIERCE_MESSAGE_TYPE_TEXT: UTF-8 text
 * @PIERCE_MESSAGE_TYPE_BINARY: bytes
 *
 * What a data channel's message is (RFC 8831 section 8).
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_MESSAGE_TYPE_TEXT,
    PIERCE_MESSAGE_TYPE_BINARY,
} PierceMessageType;

/**
 * PierceSetupPhase:
 * @PIERCE_SETUP_PHASE_GATHER: `gather`: until the last local candidate was known
 * @PIERCE_SETUP_PHASE_ICE: `ice`: until a first pair of candidates worked
 * @PIERCE_SETUP_PHASE_DTLS: `dtls`: until the peer was authenticated
 * @PIERCE_SETUP_PHASE_SCTP: `sctp`: until the association was up
 * @PIERCE_SETUP_PHASE_OPEN: `open`: until the first channel was open
 *
 * The steps of setting up a connection, in the order in which they end.
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_SETUP_PHASE_GATHER,
    PIERCE_SETUP_PHASE_ICE,
    PIERCE_SETUP_PHASE_DTLS,
    PIERCE_SETUP_PHASE_SCTP,
    PIERCE_SETUP_PHASE_OPEN,
} PierceSetupPhase;

#define PIERCE_TYPE_SDP_TYPE (pierce_sdp_type_get_type())
#define PIERCE_TYPE_SIGNALING_STATE (pierce_signaling_state_get_type())
#define PIERCE_TYPE_ICE_GATHERING_STATE (pierce_ice_gathering_state_get_type())
#define PIERCE_TYPE_ICE_CONNECTION_STATE (pierce_ice_connection_state_get_type())
#define PIERCE_TYPE_PEER_CONNECTION_STATE (pierce_peer_connection_state_get_type())
#define PIERCE_TYPE_DTLS_TRANSPORT_STATE (pierce_dtls_transport_state_get_type())
#define PIERCE_TYPE_DATA_CHANNEL_STATE (pierce_data_channel_state_get_type())
#define PIERCE_TYPE_ICE_TRANSPORT_POLICY (pierce_ice_transport_policy_get_type())
#define PIERCE_TYPE_MESSAGE_TYPE (pierce_message_type_get_type())
#define PIERCE_TYPE_SETUP_PHASE (pierce_setup_phase_get_type())

PIERCE_EXPORT GType pierce_sdp_type_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_signaling_state_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_ice_gathering_state_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_ice_connection_state_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_peer_connection_state_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_dtls_transport_state_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_data_channel_state_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_ice_transport_policy_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_message_type_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GType pierce_setup_phase_get_type(void) G_GNUC_CONST;

/**
 * pierce_enum_nick:
 * @type: the type of one of this library's enumerations, such as %PIERCE_TYPE_SIGNALING_STATE
 * @value: a value of that enumeration
 *
 * Names @value as the W3C does, for example `have-local-offer`.
 *
 * Returns: (transfer none): the nick, or `unknown` for a value that @type does not have
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_enum_nick(GType type, gint value);

G_END_DECLS
