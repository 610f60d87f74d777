/* Owns the error domain and the enumerated types of PierceSignalingClient. */
#include "signaling/client.h"

GQuark
pierce_signaling_error_quark(void)
{
    return g_quark_from_static_string("pierce-signaling-error-quark");
}

G_DEFINE_ENUM_TYPE(PierceSignalingError, pierce_signaling_error,
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_ERROR_ADDRESS, "address"),
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_ERROR_CONNECT, "connect"),
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_ERROR_REFUSED, "refused"),
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_ERROR_PROTOCOL, "protocol"),
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_ERROR_PEER_NOT_FOUND, "peer-not-found"))

G_DEFINE_ENUM_TYPE(PierceSignalingClientState, pierce_signaling_client_state,
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_CLIENT_STATE_IDLE, "idle"),
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_CLIENT_STATE_CONNECTING, "connecting"),
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_CLIENT_STATE_REGISTERED, "registered"),
                   G_DEFINE_ENUM_VALUE(PIERCE_SIGNALING_CLIENT_STATE_CLOSED, "closed"))
