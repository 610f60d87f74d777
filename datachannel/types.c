/* Registers the enumerations of types.h and error.h with GObject.  A nick is the W3C's string. */
#include "datachannel/error.h"
#include "datachannel/types.h"

#define VALUE(constant, nick) G_DEFINE_ENUM_VALUE(constant, nick)

G_DEFINE_ENUM_TYPE(PierceSdpType, pierce_sdp_type, VALUE(PIERCE_SDP_TYPE_OFFER, "offer"),
                   VALUE(PIERCE_SDP_TYPE_PRANSWER, "pranswer"),
                   VALUE(PIERCE_SDP_TYPE_ANSWER, "answer"),
                   VALUE(PIERCE_SDP_TYPE_ROLLBACK, "rollback"))

G_DEFINE_ENUM_TYPE(PierceSignalingState, pierce_signaling_state,
                   VALUE(PIERCE_SIGNALING_STATE_STABLE, "stable"),
                   VALUE(PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER, "have-local-offer"),
                   VALUE(PIERCE_SIGNALING_STATE_HAVE_REMOTE_OFFER, "have-remote-offer"),
                   VALUE(PIERCE_SIGNALING_STATE_HAVE_LOCAL_PRANSWER, "have-local-pranswer"),
                   VALUE(PIERCE_SIGNALING_STATE_HAVE_REMOTE_PRANSWER, "have-remote-pranswer"),
                   VALUE(PIERCE_SIGNALING_STATE_CLOSED, "closed"))

G_DEFINE_ENUM_TYPE(PierceIceGatheringState, pierce_ice_gathering_state,
                   VALUE(PIERCE_ICE_GATHERING_STATE_NEW, "new"),
                   VALUE(PIERCE_ICE_GATHERING_STATE_GATHERING, "gathering"),
                   VALUE(PIERCE_ICE_GATHERING_STATE_COMPLETE, "complete"))

G_DEFINE_ENUM_TYPE(PierceIceConnectionState, pierce_ice_connection_state,
                   VALUE(PIERCE_ICE_CONNECTION_STATE_NEW, "new"),
                   VALUE(PIERCE_ICE_CONNECTION_STATE_CHECKING, "checking"),
                   VALUE(PIERCE_ICE_CONNECTION_STATE_CONNECTED, "connected"),
                   VALUE(PIERCE_ICE_CONNECTION_STATE_COMPLETED, "completed"),
                   VALUE(PIERCE_ICE_CONNECTION_STATE_DISCONNECTED, "disconnected"),
                   VALUE(PIERCE_ICE_CONNECTION_STATE_FAILED, "failed"),
                   VALUE(PIERCE_ICE_CONNECTION_STATE_CLOSED, "closed"))

G_DEFINE_ENUM_TYPE(PiercePeerConnectionState, pierce_peer_connection_state,
                   VALUE(PIERCE_PEER_CONNECTION_STATE_NEW, "new"),
                   VALUE(PIERCE_PEER_CONNECTION_STATE_CONNECTING, "connecting"),
                   VALUE(PIERCE_PEER_CONNECTION_STATE_CONNECTED, "connected"),
                   VALUE(PIERCE_PEER_CONNECTION_STATE_DISCONNECTED, "disconnected"),
                   VALUE(PIERCE_PEER_CONNECTION_STATE_FAILED, "failed"),
                   VALUE(PIERCE_PEER_CONNECTION_STATE_CLOSED, "closed"))

G_DEFINE_ENUM_TYPE(PierceDtlsTransportState, pierce_dtls_transport_state,
                   VALUE(PIERCE_DTLS_TRANSPORT_STATE_NEW, "new"),
                   VALUE(PIERCE_DTLS_TRANSPORT_STATE_CONNECTING, "connecting"),
                   VALUE(PIERCE_DTLS_TRANSPORT_STATE_CONNECTED, "connected"),
                   VALUE(PIERCE_DTLS_TRANSPORT_STATE_CLOSED, "closed"),
                   VALUE(PIERCE_DTLS_TRANSPORT_STATE_FAILED, "failed"))

G_DEFINE_ENUM_TYPE(PierceDataChannelState, pierce_data_channel_state,
                   VALUE(PIERCE_DATA_CHANNEL_STATE_CONNECTING, "connecting"),
                   VALUE(PIERCE_DATA_CHANNEL_STATE_OPEN, "open"),
                   VALUE(PIERCE_DATA_CHANNEL_STATE_CLOSING, "closing"),
                   VALUE(PIERCE_DATA_CHANNEL_STATE_CLOSED, "closed"))

G_DEFINE_ENUM_TYPE(PierceIceTransportPolicy, pierce_ice_transport_policy,
                   VALUE(PIERCE_ICE_TRANSPORT_POLICY_ALL, "all"),
                   VALUE(PIERCE_ICE_TRANSPORT_POLICY_RELAY, "relay"))

G_DEFINE_ENUM_TYPE(PierceMessageType, pierce_message_type, VALUE(PIERCE_MESSAGE_TYPE_TEXT, "text"),
                   VALUE(PIERCE_MESSAGE_TYPE_BINARY, "binary"))

G_DEFINE_ENUM_TYPE(PierceSetupPhase, pierce_setup_phase, VALUE(PIERCE_SETUP_PHASE_GATHER, "gather"),
                   VALUE(PIERCE_SETUP_PHASE_ICE, "ice"), VALUE(PIERCE_SETUP_PHASE_DTLS, "dtls"),
                   VALUE(PIERCE_SETUP_PHASE_SCTP, "sctp"), VALUE(PIERCE_SETUP_PHASE_OPEN, "open"))

G_DEFINE_ENUM_TYPE(PierceError, pierce_error, VALUE(PIERCE_ERROR_INVALID_STATE, "invalid-state"),
                   VALUE(PIERCE_ERROR_SYNTAX, "syntax"),
                   VALUE(PIERCE_ERROR_INVALID_ARGUMENT, "invalid-argument"),
                   VALUE(PIERCE_ERROR_OPERATION, "operation"),
                   VALUE(PIERCE_ERROR_MESSAGE_TOO_LARGE, "message-too-large"),
                   VALUE(PIERCE_ERROR_ICE_NO_CANDIDATES, "ice-no-candidates"),
                   VALUE(PIERCE_ERROR_ICE_NO_ANSWER, "ice-no-answer"),
                   VALUE(PIERCE_ERROR_ICE_CONSENT_LOST, "ice-consent-lost"),
                   VALUE(PIERCE_ERROR_DTLS_HANDSHAKE, "dtls-handshake"),
                   VALUE(PIERCE_ERROR_DTLS_FINGERPRINT, "dtls-fingerprint"),
                   VALUE(PIERCE_ERROR_SCTP, "sctp"), VALUE(PIERCE_ERROR_PEER_CLOSED, "peer-closed"))

/* Without G_DEFINE_QUARK, whose first argument clang-format takes for a subtraction. */
GQuark
pierce_error_quark(void)
{
    return g_quark_from_static_string("pierce-error-quark");
}

const char *
pierce_enum_nick(GType type, gint value)
{
    g_return_val_if_fail(G_TYPE_IS_ENUM(type), "unknown");
    GEnumClass *enum_class = g_type_class_ref(type);
    GEnumValue *enum_value = g_enum_get_value(enum_class, value);
    const char *nick = enum_value ? enum_value->value_nick : "unknown";
    g_type_class_unref(enum_class); /* the nick is static */
    return nick;
}
