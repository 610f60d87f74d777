/* One ICE generation: gathers candidates, checks pairs, and gives the path that works.  RFC 8445,
 * RFC 8838, RFC 7675.  A restart is a new agent, so that the old path carries data until the new
 * one works. */
#pragma once

#include "ice/candidate.h"
#include "ice/ice-server.h"
#include "ice/path.h"

#include <glib.h>

typedef struct IceAgent IceAgent;

typedef enum {
    ICE_AGENT_NEW,
    ICE_AGENT_CHECKING,
    ICE_AGENT_CONNECTED, /* a pair works */
    ICE_AGENT_COMPLETED,
    ICE_AGENT_LOST, /* consent has expired: the pair worked once, and no longer does */
} IceAgentState;

typedef struct {
    /* A local candidate, to be told to the peer. */
    void (*on_candidate)(const Candidate *candidate, gpointer user_data);
    void (*on_gathering_done)(gpointer user_data);
    void (*on_state)(IceAgentState state, gpointer user_data);
    /* The path to use from now on, which stays the agent's; NULL before the one before goes away.
     */
    void (*on_path)(Path *path, gpointer user_data);
    PathReceiveFunc on_receive;
} IceAgentFuncs;

typedef struct {
    const IceServer *server;
    const char *username;
    const char *credential;
} IceAgentServer;

typedef struct {
    GMainContext *context;
    gboolean is_controlling;
    gboolean is_relay_only;
    const char *ufrag;
    const char *pwd;
    const Address *local_addresses; /* none: all but loopback and link-local */
    guint n_local_addresses;
    const IceAgentServer *servers;
    guint n_servers;
    guint16 min_port; /* 0 for any */
    guint16 max_port;
} IceAgentParameters;

/* Makes new credentials: RFC 8839 section 5.4 lengths, random.  Free with g_free. */
void ice_agent_make_credentials(char **ufrag, char **pwd);

IceAgent *ice_agent_new(const IceAgentParameters *parameters, const IceAgentFuncs *funcs,
                        gpointer user_data);

/* Starts gathering.  Candidates are announced from here on, also from within this call. */
gboolean ice_agent_gather(IceAgent *self);

void ice_agent_set_remote_credentials(IceAgent *self, const char *ufrag, const char *pwd);

/* Adds a remote candidate; a name is resolved first.  Dropped: the hundred-and-first, link-local
 * ones, and names that nobody answers for. */
void ice_agent_add_remote_candidate(IceAgent *self, const Candidate *candidate);

/* For the report of a failure. */
typedef struct {
    guint local_candidates;
    guint relayed_candidates; /* of the local ones */
    guint remote_candidates;
    guint unresolved_names;
    guint dropped_candidates;
    gboolean heard_from_peer; /* a check of the peer arrived */
} IceAgentCounts;

void ice_agent_get_counts(IceAgent *self, IceAgentCounts *counts);
IceAgentState ice_agent_get_state(IceAgent *self);

/* NULL while there is none. */
Path *ice_agent_get_path(IceAgent *self);

/* Ends it; calls nothing any more. */
void ice_agent_free(IceAgent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IceAgent, ice_agent_free)
