/* Which description may be set in which signalling state: W3C WebRTC section 4.4.1.5 and
 * RFC 9429 section 3.2. */
#pragma once

#include "datachannel/types.h"

#define SIGNALING_STATE_ERROR (signaling_state_error_quark())

typedef enum {
    SIGNALING_STATE_ERROR_NOT_ALLOWED,
} SignalingStateError;

GQuark signaling_state_error_quark(void);

typedef enum {
    SIGNALING_LOCAL,  /* setLocalDescription */
    SIGNALING_REMOTE, /* setRemoteDescription */
} SignalingSide;

/* Where setting a description of @type leads.  FALSE with @error saying what is allowed instead,
 * and @to untouched.
 *
 * A remote offer in have-local-offer (glare) is not allowed here: the caller that wants the W3C's
 * implicit rollback asks for a local rollback first, and then for the offer. */
gboolean signaling_state_next(PierceSignalingState from, SignalingSide side, PierceSdpType type,
                              PierceSignalingState *to, GError **error);
