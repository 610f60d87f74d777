/* RTCIceTransport: the ICE generation in use and, during a restart, the next one.  RFC 8445 section
 * 9, RFC 8838, RFC 8863. */
#pragma once

#include "datachannel/configuration-data.h"
#include "datachannel/types.h"
#include "ice/ice-agent.h"

typedef struct IceTransport IceTransport;

typedef struct {
    /* A local candidate of the generation that @ufrag names; NULL after the last one. */
    void (*on_candidate)(const char *candidate, const char *ufrag, gpointer user_data);
    void (*on_gathering_state)(PierceIceGatheringState state, gpointer user_data);
    /* @error is set for DISCONNECTED and FAILED. */
    void (*on_state)(PierceIceConnectionState state, const GError *error, gpointer user_data);
    /* Another path is in use, or none. */
    void (*on_path)(Path *path, gpointer user_data);
    PathReceiveFunc on_receive;
} IceTransportFuncs;

IceTransport *ice_transport_new(GMainContext *context, const PierceConfiguration *configuration,
                                const IceTransportFuncs *funcs, gpointer user_data);

/* Makes the next generation, with new credentials, unless one is there that was not offered yet. */
void ice_transport_prepare_generation(IceTransport *self);

/* Whether any generation is there. */
gboolean ice_transport_has_generation(IceTransport *self);

/* The newest generation's credentials. */
void ice_transport_get_credentials(IceTransport *self, const char **ufrag, const char **pwd);

/* The newest generation's candidates so far, NULL-terminated, and whether that is all of them. */
const char *const *ice_transport_get_candidates(IceTransport *self, gboolean *is_complete);

/* Starts gathering in the newest generation, if it has not.  The first call decides the role. */
void ice_transport_gather(IceTransport *self, gboolean is_controlling);

/* What the peer's description says of the newest generation; starts checks. */
void ice_transport_set_remote(IceTransport *self, const char *ufrag, const char *pwd);

/* Adds a candidate line of the peer's; NULL ends them.  @ufrag is NULL where the peer did not say.
 * A candidate whose description has not come yet is kept.  FALSE for what cannot be parsed. */
gboolean ice_transport_add_candidate(IceTransport *self, const char *candidate, const char *ufrag,
                                     GError **error);

/* Forgets the generation that was made for an offer that is taken back. */
void ice_transport_rollback(IceTransport *self);

PierceIceConnectionState ice_transport_get_state(IceTransport *self);
PierceIceGatheringState ice_transport_get_gathering_state(IceTransport *self);
Path *ice_transport_get_path(IceTransport *self);

/* Of the newest generation. */
void ice_transport_get_counts(IceTransport *self, IceAgentCounts *counts);

/* Ends it; calls nothing any more. */
void ice_transport_free(IceTransport *self);
