/* Owns the wording, so that every failure of ICE says what was tried and what would help. */
#include "datachannel/ice-failure.h"

#include "datachannel/error.h"

GError *
ice_failure_explain(const IceAgentCounts *counts, gboolean had_path)
{
    if (had_path)
        return g_error_new_literal(
            PIERCE_ERROR, PIERCE_ERROR_ICE_CONSENT_LOST,
            "ICE: the path worked, then the peer stopped answering; it may be gone, or a network "
            "on the way has changed");
    if (counts->local_candidates == 0)
        return g_error_new_literal(
            PIERCE_ERROR, PIERCE_ERROR_ICE_NO_CANDIDATES,
            "ICE: this host has no address to be reached at; it needs a network interface besides "
            "loopback, or with the policy \"relay\" a TURN server that answers");
    if (counts->remote_candidates == 0 && !counts->heard_from_peer)
        return g_error_new_literal(PIERCE_ERROR, PIERCE_ERROR_ICE_NO_CANDIDATES,
                                   "ICE: the peer named no candidate, and no check of its arrived");
    return g_error_new(PIERCE_ERROR, PIERCE_ERROR_ICE_NO_ANSWER,
                       "ICE: no answer from any of the peer's %u candidates%s; a TURN server "
                       "reachable by both sides would help",
                       counts->remote_candidates,
                       counts->heard_from_peer ? ", although its checks arrived" : "");
}
