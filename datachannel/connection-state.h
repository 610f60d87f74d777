/* RTCPeerConnectionState out of the states it is derived from. */
#pragma once

#include "datachannel/types.h"

/* W3C WebRTC section 4.3.3, for the one ICE and the one DTLS transport that data channels have.
 * Derived anew whenever one of them changes, never stored by this function. */
PiercePeerConnectionState connection_state(gboolean is_closed, PierceIceConnectionState ice,
                                           PierceDtlsTransportState dtls);
