/* Owns the wording, so that every failure of ICE says what was tried and what would help. */
#include "datachannel/ice-failure.h"

#include "datachannel/configuration-data.h"
#include "datachannel/error.h"

/* The TURN servers were asked, and none of them gave an address; NULL otherwise.  libnice does not
 * tell which of the two reasons it was. */
static char *
explain_missing_relay(const IceAgentCounts *counts, const PierceConfiguration *configuration)
{
    const GPtrArray *servers = configuration->servers;
    for (guint i = 0; i < servers->len && counts->relayed_candidates == 0; i++) {
        const ConfiguredServer *configured = g_ptr_array_index(servers, i);
        if (configured->server.scheme != ICE_SERVER_TURN)
            continue;
        g_autofree char *uri = ice_server_print(&configured->server);
        return g_strdup_printf("the TURN server %s gave no address: either it cannot be reached "
                               "from here, or it refused the user name or the password",
                               uri);
    }
    return NULL;
}

GError *
ice_failure_explain(const IceAgentCounts *counts, const PierceConfiguration *configuration,
                    gboolean had_path)
{
    g_autofree char *relay = explain_missing_relay(counts, configuration);

    if (had_path)
        return g_error_new_literal(
            PIERCE_ERROR, PIERCE_ERROR_ICE_CONSENT_LOST,
            "ICE: the path worked, then the peer stopped answering; it may be gone, or a network "
            "on the way has changed");
    if (counts->local_candidates == 0)
        return g_error_new(
            PIERCE_ERROR, PIERCE_ERROR_ICE_NO_CANDIDATES, "ICE: %s",
            relay ? relay
                  : "this host has no address to be reached at; it needs a network interface "
                    "besides loopback, or with the policy \"relay\" a TURN server");
    if (counts->remote_candidates == 0 && !counts->heard_from_peer)
        return g_error_new_literal(PIERCE_ERROR, PIERCE_ERROR_ICE_NO_CANDIDATES,
                                   "ICE: the peer named no candidate, and no check of its arrived");
    return g_error_new(PIERCE_ERROR, PIERCE_ERROR_ICE_NO_ANSWER,
                       "ICE: no answer from any of the peer's %u candidates%s; %s",
                       counts->remote_candidates,
                       counts->heard_from_peer ? ", although its checks arrived" : "",
                       relay ? relay : "a TURN server reachable by both sides would help");
}
