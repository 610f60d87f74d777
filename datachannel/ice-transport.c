/* Owns at most two ICE generations, and decides when to give up.  A restart makes a second
 * generation; the first carries data until the second has a path, so that a restart loses nothing.
 *
 *   new --remote set--> checking --a path--> connected, completed --consent lost--> disconnected
 *                           +--GIVE_UP_MS--> failed <--LOST_GIVE_UP_MS--+
 *   disconnected or failed --the next generation's path--> connected
 */
#include "datachannel/ice-transport.h"

#include "datachannel/error.h"
#include "datachannel/ice-failure.h"

#define GIVE_UP_MS 30000          /* after the peer's description */
#define GIVE_UP_COMPLETE_MS 15000 /* after both sides' last candidate */
#define LOST_GIVE_UP_MS 15000     /* after consent was lost, which itself takes 10 s */
#define MAX_EARLY_CANDIDATES 100

typedef struct {
    IceTransport *transport;
    IceAgent *agent; /* NULL before gathering */
    char *ufrag;
    char *pwd;
    char *remote_ufrag;    /* NULL before the peer's description */
    GPtrArray *candidates; /* of char *, NULL-terminated */
    PierceIceGatheringState gathering_state;
    gboolean remote_is_complete;
} Generation;

/* A candidate that came before its description. */
typedef struct {
    char *candidate; /* NULL ends the list */
    char *ufrag;
} Early;

struct IceTransport {
    GMainContext *context;
    const PierceConfiguration *configuration;
    const IceTransportFuncs *funcs;
    gpointer user_data;
    Generation *active; /* the one whose path is in use */
    Generation *next;   /* the one being negotiated or checked */
    gboolean has_role;
    gboolean is_controlling;
    PierceIceConnectionState state;
    GSource *give_up_timer;
    gboolean is_stopped; /* and about to be freed */
    GPtrArray *early;    /* of Early */
};

static void
early_free(gpointer data)
{
    Early *early = data;
    g_free(early->candidate);
    g_free(early->ufrag);
    g_free(early);
}

/* Frees from the loop, because what is freed may have called the function that we are in. */
static void
free_later(GMainContext *context, gpointer data, GSourceFunc destroy)
{
    g_autoptr(GSource) idle = g_idle_source_new();
    g_source_set_name(idle, "pierce-ice-free");
    g_source_set_priority(idle, G_PRIORITY_HIGH);
    g_source_set_callback(idle, destroy, data, NULL);
    g_source_attach(idle, context);
}

static gboolean
generation_free(gpointer data)
{
    Generation *generation = data;
    g_clear_pointer(&generation->agent, ice_agent_free);
    g_ptr_array_unref(generation->candidates);
    g_free(generation->ufrag);
    g_free(generation->pwd);
    g_free(generation->remote_ufrag);
    g_free(generation);
    return G_SOURCE_REMOVE;
}

/* Nothing it tells is heard any more. */
static void
retire(Generation *generation)
{
    GMainContext *context = generation->transport->context;
    generation->transport = NULL;
    free_later(context, generation, generation_free);
}

static Generation *
newest(IceTransport *self)
{
    return self->next ? self->next : self->active;
}

static void
stop_give_up_timer(IceTransport *self)
{
    if (!self->give_up_timer)
        return;
    g_source_destroy(self->give_up_timer);
    g_clear_pointer(&self->give_up_timer, g_source_unref);
}

static void
set_state(IceTransport *self, PierceIceConnectionState state, const GError *error)
{
    if (self->state == state || self->is_stopped)
        return;
    g_info("ice %p: %s -> %s", (gpointer) self,
           pierce_enum_nick(PIERCE_TYPE_ICE_CONNECTION_STATE, (gint) self->state),
           pierce_enum_nick(PIERCE_TYPE_ICE_CONNECTION_STATE, (gint) state));
    self->state = state;
    self->funcs->on_state(state, error, self->user_data);
}

/* ---- giving up ---- */

static gboolean
on_give_up(gpointer user_data)
{
    IceTransport *self = user_data;
    IceAgentCounts counts;
    ice_transport_get_counts(self, &counts);
    g_autoptr(GError) error =
        ice_failure_explain(&counts, self->configuration, self->active != NULL);
    stop_give_up_timer(self);
    set_state(self, PIERCE_ICE_CONNECTION_STATE_FAILED, error);
    return G_SOURCE_REMOVE;
}

static void
give_up_after(IceTransport *self, guint delay_ms)
{
    stop_give_up_timer(self);
    self->give_up_timer = g_timeout_source_new(delay_ms);
    g_source_set_name(self->give_up_timer, "pierce-ice-give-up");
    g_source_set_callback(self->give_up_timer, on_give_up, self, NULL);
    g_source_attach(self->give_up_timer, self->context);
}

/* With all candidates of both sides on the table there is less to wait for. */
static void
give_up_sooner_if_complete(IceTransport *self, Generation *generation)
{
    if (generation == newest(self) && generation->remote_is_complete &&
        generation->gathering_state == PIERCE_ICE_GATHERING_STATE_COMPLETE &&
        self->state == PIERCE_ICE_CONNECTION_STATE_CHECKING)
        give_up_after(self, GIVE_UP_COMPLETE_MS);
}

/* ---- what a generation's agent tells ---- */

static void
on_candidate(const Candidate *candidate, gpointer user_data)
{
    Generation *generation = user_data;
    IceTransport *self = generation->transport;
    if (!self)
        return;
    g_autofree char *text = candidate_print(candidate);
    g_ptr_array_insert(generation->candidates, (gint) generation->candidates->len - 1,
                       g_strdup(text));
    if (generation == newest(self))
        self->funcs->on_candidate(text, generation->ufrag, self->user_data);
}

static void
on_gathering_done(gpointer user_data)
{
    Generation *generation = user_data;
    IceTransport *self = generation->transport;
    if (!self)
        return;
    generation->gathering_state = PIERCE_ICE_GATHERING_STATE_COMPLETE;
    give_up_sooner_if_complete(self, generation);
    if (generation != newest(self))
        return;
    self->funcs->on_candidate(NULL, generation->ufrag, self->user_data);
    if (!self->is_stopped)
        self->funcs->on_gathering_state(PIERCE_ICE_GATHERING_STATE_COMPLETE, self->user_data);
}

static void
on_lost(IceTransport *self)
{
    g_autoptr(GError) error = g_error_new_literal(
        PIERCE_ERROR, PIERCE_ERROR_ICE_CONSENT_LOST,
        "ICE: the peer has not answered for 10 s; restart ICE to look for another path");
    give_up_after(self, LOST_GIVE_UP_MS);
    set_state(self, PIERCE_ICE_CONNECTION_STATE_DISCONNECTED, error);
}

static void
on_state(IceAgentState state, gpointer user_data)
{
    Generation *generation = user_data;
    IceTransport *self = generation->transport;
    if (!self || generation != self->active) /* on_path promotes it first */
        return;
    switch (state) {
    case ICE_AGENT_CONNECTED:
        set_state(self, PIERCE_ICE_CONNECTION_STATE_CONNECTED, NULL);
        break;
    case ICE_AGENT_COMPLETED:
        set_state(self, PIERCE_ICE_CONNECTION_STATE_COMPLETED, NULL);
        break;
    case ICE_AGENT_LOST:
        on_lost(self);
        break;
    case ICE_AGENT_NEW:
    case ICE_AGENT_CHECKING:
        break;
    }
}

static void
on_path(Path *path, gpointer user_data)
{
    Generation *generation = user_data;
    IceTransport *self = generation->transport;
    Generation *replaced = NULL;
    if (!self)
        return;
    if (generation == self->next) {
        replaced = self->active;
        self->active = g_steal_pointer(&self->next);
    }
    stop_give_up_timer(self);
    self->funcs->on_path(path, self->user_data);
    g_clear_pointer(&replaced, retire);
    set_state(self, PIERCE_ICE_CONNECTION_STATE_CONNECTED, NULL);
}

static void
on_receive(const guint8 *bytes, gsize size, gpointer user_data)
{
    Generation *generation = user_data;
    IceTransport *self = generation->transport;
    if (self)
        self->funcs->on_receive(bytes, size, self->user_data);
}

static const IceAgentFuncs agent_funcs = {
    .on_candidate = on_candidate,
    .on_gathering_done = on_gathering_done,
    .on_state = on_state,
    .on_path = on_path,
    .on_receive = on_receive,
};

/* ---- generations ---- */

void
ice_transport_prepare_generation(IceTransport *self)
{
    if (self->next && !self->next->agent)
        return;
    g_clear_pointer(&self->next, retire);
    Generation *generation = g_new0(Generation, 1);
    generation->transport = self;
    ice_agent_make_credentials(&generation->ufrag, &generation->pwd);
    generation->candidates = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(generation->candidates, NULL);
    self->next = generation;
}

gboolean
ice_transport_has_generation(IceTransport *self)
{
    return newest(self) != NULL;
}

void
ice_transport_get_credentials(IceTransport *self, const char **ufrag, const char **pwd)
{
    *ufrag = newest(self)->ufrag;
    *pwd = newest(self)->pwd;
}

const char *const *
ice_transport_get_candidates(IceTransport *self, gboolean *is_complete)
{
    Generation *generation = newest(self);
    *is_complete = generation->gathering_state == PIERCE_ICE_GATHERING_STATE_COMPLETE;
    return (const char *const *) generation->candidates->pdata;
}

static IceAgent *
make_agent(IceTransport *self, Generation *generation)
{
    const PierceConfiguration *configuration = self->configuration;
    g_autofree IceAgentServer *servers = g_new0(IceAgentServer, configuration->servers->len);
    for (guint i = 0; i < configuration->servers->len; i++) {
        const ConfiguredServer *configured = g_ptr_array_index(configuration->servers, i);
        servers[i] = (IceAgentServer){ .server = &configured->server,
                                       .username = configured->username,
                                       .credential = configured->credential };
    }
    IceAgentParameters parameters = {
        .context = self->context,
        .is_controlling = self->is_controlling,
        .is_relay_only = configuration->ice_transport_policy == PIERCE_ICE_TRANSPORT_POLICY_RELAY,
        .ufrag = generation->ufrag,
        .pwd = generation->pwd,
        .local_addresses = (const Address *) (const void *) configuration->local_addresses->data,
        .n_local_addresses = configuration->local_addresses->len,
        .servers = servers,
        .n_servers = configuration->servers->len,
        .min_port = configuration->min_port,
        .max_port = configuration->max_port,
    };
    return ice_agent_new(&parameters, &agent_funcs, generation);
}

void
ice_transport_gather(IceTransport *self, gboolean is_controlling)
{
    Generation *generation = newest(self);
    if (generation->agent)
        return;
    if (!self->has_role) {
        self->has_role = TRUE;
        self->is_controlling = is_controlling;
    }
    generation->agent = make_agent(self, generation);
    generation->gathering_state = PIERCE_ICE_GATHERING_STATE_GATHERING;
    self->funcs->on_gathering_state(PIERCE_ICE_GATHERING_STATE_GATHERING, self->user_data);
    if (generation->transport &&
        !ice_agent_gather(generation->agent)) /* no address, or no port in the range */
        on_gathering_done(generation);
}

void
ice_transport_rollback(IceTransport *self)
{
    g_clear_pointer(&self->next, retire);
}

/* ---- the peer's side ---- */

static gboolean
give_candidate(IceTransport *self, Generation *generation, const char *text, GError **error)
{
    g_auto(Candidate) candidate = { 0 };
    if (!text || *text == '\0') {
        generation->remote_is_complete = TRUE;
        give_up_sooner_if_complete(self, generation);
        return TRUE;
    }
    if (!candidate_parse(&candidate, text, error))
        return FALSE;
    if (generation->agent)
        ice_agent_add_remote_candidate(generation->agent, &candidate);
    return TRUE;
}

static void
keep_early(IceTransport *self, const char *candidate, const char *ufrag)
{
    if (self->early->len >= MAX_EARLY_CANDIDATES)
        return;
    Early *early = g_new(Early, 1);
    *early = (Early){ g_strdup(candidate), g_strdup(ufrag) };
    g_ptr_array_add(self->early, early);
}

/* The ufrag may also stand in the line itself, as Chromium writes it. */
static gboolean
check_candidate(const char *text, const char **ufrag, Candidate *candidate, GError **error)
{
    if (!text || *text == '\0')
        return TRUE;
    if (!candidate_parse(candidate, text, error))
        return FALSE;
    if (!*ufrag)
        *ufrag = candidate->ufrag;
    return TRUE;
}

static Generation *
find_by_remote_ufrag(IceTransport *self, const char *ufrag)
{
    if (self->next && g_strcmp0(self->next->remote_ufrag, ufrag) == 0)
        return self->next;
    if (self->active && g_strcmp0(self->active->remote_ufrag, ufrag) == 0)
        return self->active;
    return NULL;
}

gboolean
ice_transport_add_candidate(IceTransport *self, const char *candidate, const char *ufrag,
                            GError **error)
{
    g_auto(Candidate) parsed = { 0 };
    if (!check_candidate(candidate, &ufrag, &parsed, error))
        return FALSE;
    Generation *generation = ufrag ? find_by_remote_ufrag(self, ufrag) : newest(self);
    if (!generation || !generation->remote_ufrag || !generation->agent) {
        keep_early(self, candidate, ufrag);
        return TRUE;
    }
    return give_candidate(self, generation, candidate, error);
}

/* Those of the new generation are given to it; the others belong to descriptions that were passed
 * over. */
static void
give_early_candidates(IceTransport *self, Generation *generation)
{
    g_autoptr(GPtrArray) early = g_steal_pointer(&self->early);
    self->early = g_ptr_array_new_with_free_func(early_free);
    for (guint i = 0; i < early->len; i++) {
        const Early *kept = g_ptr_array_index(early, i);
        if (!kept->ufrag || strcmp(kept->ufrag, generation->remote_ufrag) == 0)
            give_candidate(self, generation, kept->candidate, NULL);
    }
}

void
ice_transport_set_remote(IceTransport *self, const char *ufrag, const char *pwd)
{
    Generation *generation = newest(self);
    if (!generation->agent || g_strcmp0(generation->remote_ufrag, ufrag) == 0)
        return;
    g_free(generation->remote_ufrag);
    generation->remote_ufrag = g_strdup(ufrag);
    ice_agent_set_remote_credentials(generation->agent, ufrag, pwd);
    if (!self->active)
        set_state(self, PIERCE_ICE_CONNECTION_STATE_CHECKING, NULL);
    if (generation == self->next)
        give_up_after(self, GIVE_UP_MS);
    give_early_candidates(self, generation);
}

/* ---- life ---- */

IceTransport *
ice_transport_new(GMainContext *context, const PierceConfiguration *configuration,
                  const IceTransportFuncs *funcs, gpointer user_data)
{
    IceTransport *self = g_new0(IceTransport, 1);
    self->context = g_main_context_ref(context);
    self->configuration = configuration;
    self->funcs = funcs;
    self->user_data = user_data;
    self->early = g_ptr_array_new_with_free_func(early_free);
    return self;
}

PierceIceConnectionState
ice_transport_get_state(IceTransport *self)
{
    return self->state;
}

PierceIceGatheringState
ice_transport_get_gathering_state(IceTransport *self)
{
    Generation *generation = newest(self);
    return generation ? generation->gathering_state : PIERCE_ICE_GATHERING_STATE_NEW;
}

Path *
ice_transport_get_path(IceTransport *self)
{
    return self->active && self->active->agent ? ice_agent_get_path(self->active->agent) : NULL;
}

void
ice_transport_get_counts(IceTransport *self, IceAgentCounts *counts)
{
    Generation *generation = newest(self);
    *counts = (IceAgentCounts){ 0 };
    if (generation && generation->agent)
        ice_agent_get_counts(generation->agent, counts);
}

static gboolean
transport_free(gpointer data)
{
    IceTransport *self = data;
    g_ptr_array_unref(self->early);
    g_main_context_unref(self->context);
    g_free(self);
    return G_SOURCE_REMOVE;
}

void
ice_transport_free(IceTransport *self)
{
    self->is_stopped = TRUE;
    stop_give_up_timer(self);
    g_clear_pointer(&self->next, retire);
    g_clear_pointer(&self->active, retire);
    free_later(self->context, self, transport_free);
}
