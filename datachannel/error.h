/* What can go wrong, in one error domain. */
#pragma once

#include "datachannel/types.h"

G_BEGIN_DECLS

#define PIERCE_ERROR (pierce_error_quark())
#define PIERCE_TYPE_ERROR (pierce_error_get_type())

/**
 * PierceError:
 * @PIERCE_ERROR_INVALID_STATE: the call is not allowed in this state (InvalidStateError)
 * @PIERCE_ERROR_SYNTAX: a description or candidate cannot be parsed (SyntaxError)
 * @PIERCE_ERROR_INVALID_ARGUMENT: an argument is out of its range (TypeError)
 * @PIERCE_ERROR_OPERATION: the call failed for another reason (OperationError)
 * @PIERCE_ERROR_MESSAGE_TOO_LARGE: a message is larger than the peer takes
 * @PIERCE_ERROR_ICE_NO_CANDIDATES: neither side had an address to try
 * @PIERCE_ERROR_ICE_NO_ANSWER: no pair of candidates worked
 * @PIERCE_ERROR_ICE_CONSENT_LOST: the path worked once, then the peer stopped answering
 * @PIERCE_ERROR_DTLS_HANDSHAKE: the DTLS handshake failed or timed out
 * @PIERCE_ERROR_DTLS_FINGERPRINT: the peer's certificate is not the one its description named
 * @PIERCE_ERROR_SCTP: the SCTP association failed or timed out
 * @PIERCE_ERROR_PEER_CLOSED: the peer closed the connection
 *
 * Error codes of %PIERCE_ERROR.  Those after MESSAGE_TOO_LARGE say which layer of a connection
 * failed; see pierce_peer_connection_get_error().
 *
 * Since: 0.1
 */
typedef enum {
    PIERCE_ERROR_INVALID_STATE,
    PIERCE_ERROR_SYNTAX,
    PIERCE_ERROR_INVALID_ARGUMENT,
    PIERCE_ERROR_OPERATION,
    PIERCE_ERROR_MESSAGE_TOO_LARGE,
    PIERCE_ERROR_ICE_NO_CANDIDATES,
    PIERCE_ERROR_ICE_NO_ANSWER,
    PIERCE_ERROR_ICE_CONSENT_LOST,
    PIERCE_ERROR_DTLS_HANDSHAKE,
    PIERCE_ERROR_DTLS_FINGERPRINT,
    PIERCE_ERROR_SCTP,
    PIERCE_ERROR_PEER_CLOSED,
} PierceError;

PIERCE_EXPORT GType pierce_error_get_type(void) G_GNUC_CONST;
PIERCE_EXPORT GQuark pierce_error_quark(void);

G_END_DECLS
