/* Owns how the states of ICE and DTLS add up to RTCPeerConnectionState.  Stores nothing.  W3C
 * WebRTC section 4.3.3: the first of these rows that is true.
 *
 *     closed        the connection was closed
 *     failed        ICE or DTLS has failed
 *     disconnected  ICE is disconnected
 *     new           ICE is new or closed, and DTLS is new or closed
 *     connected     ICE is connected, completed or closed, and DTLS is connected or closed
 *     connecting    anything else
 */
#include "datachannel/connection-state.h"

static gboolean
is_ice_up(PierceIceConnectionState ice)
{
    return ice == PIERCE_ICE_CONNECTION_STATE_CONNECTED ||
           ice == PIERCE_ICE_CONNECTION_STATE_COMPLETED ||
           ice == PIERCE_ICE_CONNECTION_STATE_CLOSED;
}

PiercePeerConnectionState
connection_state(gboolean is_closed, PierceIceConnectionState ice, PierceDtlsTransportState dtls)
{
    gboolean is_dtls_closed = dtls == PIERCE_DTLS_TRANSPORT_STATE_CLOSED;

    if (is_closed)
        return PIERCE_PEER_CONNECTION_STATE_CLOSED;
    if (ice == PIERCE_ICE_CONNECTION_STATE_FAILED || dtls == PIERCE_DTLS_TRANSPORT_STATE_FAILED)
        return PIERCE_PEER_CONNECTION_STATE_FAILED;
    if (ice == PIERCE_ICE_CONNECTION_STATE_DISCONNECTED)
        return PIERCE_PEER_CONNECTION_STATE_DISCONNECTED;
    if ((ice == PIERCE_ICE_CONNECTION_STATE_NEW || ice == PIERCE_ICE_CONNECTION_STATE_CLOSED) &&
        (dtls == PIERCE_DTLS_TRANSPORT_STATE_NEW || is_dtls_closed))
        return PIERCE_PEER_CONNECTION_STATE_NEW;
    if (is_ice_up(ice) && (dtls == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED || is_dtls_closed))
        return PIERCE_PEER_CONNECTION_STATE_CONNECTED;
    return PIERCE_PEER_CONNECTION_STATE_CONNECTING;
}
