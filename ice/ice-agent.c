/* Sole owner of a NiceAgent.  Never lets it parse what a peer wrote, and never asks it when to give
 * up: libnice would fail with no remote candidate left, although the peer may still reach us first
 * (a browser whose .local names cannot be resolved).  RFC 8445, RFC 8838, RFC 7675.
 *
 *   new --gather--> checking --first pair--> connected --> completed
 *                                                +--consent expired--> lost
 */
#include "ice/ice-agent.h"

#include "ice/candidate-nice.h"
#include "ice/inner-loop.h"
#include "ice/local-addresses.h"
#include "ice/mdns.h"
#include "ice/nice-path.h"
#include "ice/nice-sources.h"
#include "ice/udp-path.h"

#include <nice/agent.h>
#include <sys/random.h>

#define COMPONENT NICE_COMPONENT_TYPE_RTP
#define MAX_REMOTE_CANDIDATES 100
#define PACING_MS 5 /* Ta, RFC 8445 section 14.2 */
#define UFRAG_CHARS 4
#define PWD_CHARS 24

struct IceAgent {
    NiceAgent *nice;
    guint stream_id;
    GMainContext *context;
    InnerLoop *loop; /* libnice's sources run in it */
    const IceAgentFuncs *funcs;
    gpointer user_data;
    gboolean is_relay_only;
    gboolean has_chosen_addresses;
    IceAgentState state;
    gboolean has_gathered;
    Path *path;
    gboolean is_udp_path;
    GSocket *selected_socket; /* the UDP path's, held so that its descriptor stays */
    MdnsResolver *resolver;
    GPtrArray *unresolved; /* of Unresolved */
    IceAgentCounts counts;
};

typedef struct {
    IceAgent *agent;
    Candidate candidate;
} Unresolved;

static void
unresolved_free(gpointer data)
{
    Unresolved *unresolved = data;
    candidate_clear(&unresolved->candidate);
    g_free(unresolved);
}

static void
set_state(IceAgent *self, IceAgentState state)
{
    if (self->state == state)
        return;
    self->state = state;
    self->funcs->on_state(state, self->user_data);
}

/* ---- local candidates ---- */

static gboolean
is_worth_telling(IceAgent *self, const Candidate *candidate)
{
    AddressKind kind = address_classify(&candidate->address);
    if (self->is_relay_only && candidate->type != CANDIDATE_RELAY)
        return FALSE;
    return self->has_chosen_addresses || candidate->type == CANDIDATE_RELAY ||
           (kind != ADDRESS_LINK_LOCAL && kind != ADDRESS_LOOPBACK);
}

static void
on_new_candidate(NiceAgent *nice, NiceCandidate *found, gpointer user_data)
{
    IceAgent *self = user_data;
    g_auto(Candidate) candidate = { 0 };
    if (!candidate_from_nice(&candidate, found) || !is_worth_telling(self, &candidate))
        return;
    if (self->is_relay_only) /* the peer is to learn nothing of this host */
        candidate.related = (Address){ .family = candidate.address.family };
    self->counts.local_candidates++;
    self->counts.relayed_candidates += candidate.type == CANDIDATE_RELAY;
    self->funcs->on_candidate(&candidate, self->user_data);
}

static void
on_gathering_done(NiceAgent *nice, guint stream_id, gpointer user_data)
{
    IceAgent *self = user_data;
    if (self->has_gathered)
        return;
    self->has_gathered = TRUE;
    self->funcs->on_gathering_done(self->user_data);
}

/* ---- the selected pair ---- */

static void
free_path(IceAgent *self, Path *path, GSocket *socket)
{
    if (path)
        path_free(path);
    g_clear_object(&socket);
}

static void
describe_pair(PathInfo *info, const NiceCandidate *local, const NiceCandidate *remote)
{
    gboolean is_tcp = local->transport != NICE_CANDIDATE_TRANSPORT_UDP;
    *info = (PathInfo){
        .local_type = candidate_type_name(candidate_type_from_nice(local->type)),
        .remote_type = candidate_type_name(candidate_type_from_nice(remote->type)),
        .protocol = is_tcp ? "tcp" : "udp",
        .note = is_tcp ? "through libnice: TCP" : "through libnice: relayed",
    };
    address_from_nice(&info->local, &local->addr);
    address_from_nice(&info->remote, &remote->addr);
}

static void
on_selected_pair(NiceAgent *nice, guint stream_id, guint component, NiceCandidate *local,
                 NiceCandidate *remote, gpointer user_data)
{
    IceAgent *self = user_data;
    Path *old_path = self->path;
    GSocket *old_socket = self->selected_socket;
    PathInfo info;

    describe_pair(&info, local, remote);
    self->selected_socket = nice_agent_get_selected_socket(nice, stream_id, component);
    self->is_udp_path = self->selected_socket && local->transport == NICE_CANDIDATE_TRANSPORT_UDP;
    self->path = self->is_udp_path
                     ? udp_path_new(self->context, g_socket_get_fd(self->selected_socket), &info)
                     : nice_path_new(nice, stream_id, &info);
    self->funcs->on_path(self->path, self->user_data);
    free_path(self, old_path, old_socket);
}

static void
on_component_state(NiceAgent *nice, guint stream_id, guint component, guint state,
                   gpointer user_data)
{
    IceAgent *self = user_data;
    gboolean was_connected =
        self->state == ICE_AGENT_CONNECTED || self->state == ICE_AGENT_COMPLETED;
    switch ((NiceComponentState) state) {
    case NICE_COMPONENT_STATE_CONNECTING:
        if (!was_connected)
            set_state(self, ICE_AGENT_CHECKING);
        break;
    case NICE_COMPONENT_STATE_CONNECTED:
        set_state(self, ICE_AGENT_CONNECTED);
        break;
    case NICE_COMPONENT_STATE_READY:
        set_state(self, ICE_AGENT_COMPLETED);
        break;
    case NICE_COMPONENT_STATE_FAILED:
        if (was_connected)
            set_state(self, ICE_AGENT_LOST);
        break;
    case NICE_COMPONENT_STATE_DISCONNECTED:
    case NICE_COMPONENT_STATE_GATHERING:
    case NICE_COMPONENT_STATE_LAST:
    default:
        break;
    }
}

static void
on_first_binding_request(NiceAgent *nice, guint stream_id, gpointer user_data)
{
    ((IceAgent *) user_data)->counts.heard_from_peer = TRUE;
}

static void
on_receive(NiceAgent *nice, guint stream_id, guint component, guint size, gchar *bytes,
           gpointer user_data)
{
    IceAgent *self = user_data;
    if (self->is_udp_path)
        udp_path_check_received(self->path, (const guint8 *) bytes, size);
    self->funcs->on_receive((const guint8 *) bytes, size, self->user_data);
}

/* ---- remote candidates ---- */

static void
give_remote_candidate(IceAgent *self, const Candidate *candidate)
{
    NiceCandidate *nice = candidate_to_nice(candidate, self->stream_id);
    GSList list = { .data = nice };
    NiceSources since = nice_sources_mark(inner_loop_get_context(self->loop));
    nice_agent_set_remote_candidates(self->nice, self->stream_id, COMPONENT, &list);
    nice_sources_check_at_once(&since);
    nice_candidate_free(nice);
    if (self->state == ICE_AGENT_NEW)
        set_state(self, ICE_AGENT_CHECKING);
}

static void
on_resolved(const char *name, const Address *address, gpointer user_data)
{
    Unresolved *unresolved = user_data;
    IceAgent *self = unresolved->agent;
    if (address) {
        guint16 port = unresolved->candidate.address.port;
        unresolved->candidate.address = *address;
        unresolved->candidate.address.port = port;
        give_remote_candidate(self, &unresolved->candidate);
    } else {
        self->counts.unresolved_names++;
        g_info("ice: nobody answers for %s, candidate skipped", name);
    }
    g_ptr_array_remove_fast(self->unresolved, unresolved);
}

static void
resolve(IceAgent *self, const Candidate *candidate)
{
    g_autoptr(GError) error = NULL;
    Unresolved *unresolved = g_new0(Unresolved, 1);
    unresolved->agent = self;
    unresolved->candidate = *candidate;
    unresolved->candidate.host = g_strdup(candidate->host);
    unresolved->candidate.ufrag = g_strdup(candidate->ufrag);
    g_ptr_array_add(self->unresolved, unresolved);
    if (!self->resolver)
        self->resolver = mdns_resolver_new();
    if (!mdns_resolver_resolve(self->resolver, candidate->host, on_resolved, unresolved, &error)) {
        g_info("ice: %s: %s, candidate skipped", candidate->host, error->message);
        self->counts.unresolved_names++;
        g_ptr_array_remove_fast(self->unresolved, unresolved);
    }
}

void
ice_agent_add_remote_candidate(IceAgent *self, const Candidate *candidate)
{
    gboolean is_link_local =
        !candidate->host && address_classify(&candidate->address) == ADDRESS_LINK_LOCAL;
    if (candidate->component != COMPONENT || is_link_local ||
        self->counts.remote_candidates >= MAX_REMOTE_CANDIDATES) {
        self->counts.dropped_candidates++;
        return;
    }
    self->counts.remote_candidates++;
    if (candidate->host)
        resolve(self, candidate);
    else
        give_remote_candidate(self, candidate);
}

void
ice_agent_set_remote_credentials(IceAgent *self, const char *ufrag, const char *pwd)
{
    NiceSources since = nice_sources_mark(inner_loop_get_context(self->loop));
    nice_agent_set_remote_credentials(self->nice, self->stream_id, ufrag, pwd);
    nice_sources_check_at_once(&since); /* the peer's checks may have come before its description */
}

/* ---- set-up ---- */

static char *
random_ice_chars(guint count)
{
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    guint8 random[PWD_CHARS];
    char *text = g_malloc0(count + 1);
    while (getrandom(random, count, 0) != (ssize_t) count)
        ; /* only a signal can cut so few bytes short */
    for (guint i = 0; i < count; i++)
        text[i] = chars[random[i] % 64];
    return text;
}

void
ice_agent_make_credentials(char **ufrag, char **pwd)
{
    *ufrag = random_ice_chars(UFRAG_CHARS);
    *pwd = random_ice_chars(PWD_CHARS);
}

static gboolean
has_turn_over_udp(const IceAgentParameters *parameters)
{
    for (guint i = 0; i < parameters->n_servers; i++) {
        const IceServer *server = parameters->servers[i].server;
        if (server->scheme == ICE_SERVER_TURN && server->transport == ICE_SERVER_UDP)
            return TRUE;
    }
    return FALSE;
}

/* libnice knows one STUN server.  Beside TURN over UDP, which tells the same, it would only make
 * gathering take 2 s: libnice 0.1.21 sends it a request whose answer it then drops. */
static void
set_servers(IceAgent *self, const IceAgentParameters *parameters)
{
    gboolean needs_stun = !has_turn_over_udp(parameters) && !parameters->is_relay_only;
    for (guint i = 0; i < parameters->n_servers; i++) {
        const IceAgentServer *server = &parameters->servers[i];
        if (server->server->scheme == ICE_SERVER_TURN) {
            NiceRelayType type = server->server->transport == ICE_SERVER_TCP
                                     ? NICE_RELAY_TYPE_TURN_TCP
                                     : NICE_RELAY_TYPE_TURN_UDP;
            nice_agent_set_relay_info(self->nice, self->stream_id, COMPONENT, server->server->host,
                                      server->server->port, server->username, server->credential,
                                      type);
        } else if (needs_stun) {
            g_object_set(self->nice, "stun-server", server->server->host, "stun-server-port",
                         (guint) server->server->port, NULL);
            needs_stun = FALSE;
        }
    }
}

static void
set_addresses(IceAgent *self, const Address *chosen, guint n_chosen)
{
    g_autoptr(GArray) found = n_chosen > 0 ? NULL : local_addresses_list();
    guint count = found ? found->len : n_chosen;
    for (guint i = 0; i < count; i++) {
        NiceAddress address;
        address_to_nice(found ? &g_array_index(found, Address, i) : &chosen[i], &address);
        nice_agent_add_local_address(self->nice, &address);
    }
}

static void
connect_signals(IceAgent *self)
{
    g_signal_connect(self->nice, "new-candidate-full", G_CALLBACK(on_new_candidate), self);
    g_signal_connect(self->nice, "candidate-gathering-done", G_CALLBACK(on_gathering_done), self);
    g_signal_connect(self->nice, "new-selected-pair-full", G_CALLBACK(on_selected_pair), self);
    g_signal_connect(self->nice, "component-state-changed", G_CALLBACK(on_component_state), self);
    g_signal_connect(self->nice, "initial-binding-request-received",
                     G_CALLBACK(on_first_binding_request), self);
}

IceAgent *
ice_agent_new(const IceAgentParameters *parameters, const IceAgentFuncs *funcs, gpointer user_data)
{
    IceAgent *self = g_new0(IceAgent, 1);
    self->context = g_main_context_ref(parameters->context);
    self->loop = inner_loop_new(self->context);
    GMainContext *inner = inner_loop_get_context(self->loop);
    self->funcs = funcs;
    self->user_data = user_data;
    self->is_relay_only = parameters->is_relay_only;
    self->has_chosen_addresses = parameters->n_local_addresses > 0;
    self->unresolved = g_ptr_array_new_with_free_func(unresolved_free);
    self->nice =
        nice_agent_new_full(inner, NICE_COMPATIBILITY_RFC5245,
                            NICE_AGENT_OPTION_ICE_TRICKLE | NICE_AGENT_OPTION_CONSENT_FRESHNESS);
    g_object_set(self->nice, "controlling-mode", parameters->is_controlling, "upnp", FALSE,
                 "ice-tcp", FALSE, "stun-pacing-timer", PACING_MS, "force-relay",
                 parameters->is_relay_only, NULL);
    connect_signals(self);
    set_addresses(self, parameters->local_addresses, parameters->n_local_addresses);
    self->stream_id = nice_agent_add_stream(self->nice, 1);
    nice_agent_set_local_credentials(self->nice, self->stream_id, parameters->ufrag,
                                     parameters->pwd);
    if (parameters->min_port > 0)
        nice_agent_set_port_range(self->nice, self->stream_id, COMPONENT, parameters->min_port,
                                  parameters->max_port);
    set_servers(self, parameters);
    nice_agent_attach_recv(self->nice, self->stream_id, COMPONENT, inner, on_receive, self);
    return self;
}

gboolean
ice_agent_gather(IceAgent *self)
{
    NiceSources since = nice_sources_mark(inner_loop_get_context(self->loop));
    gboolean has_begun = nice_agent_gather_candidates(self->nice, self->stream_id);
    nice_sources_keep_polling(&since);
    return has_begun;
}

void
ice_agent_get_counts(IceAgent *self, IceAgentCounts *counts)
{
    *counts = self->counts;
}

IceAgentState
ice_agent_get_state(IceAgent *self)
{
    return self->state;
}

Path *
ice_agent_get_path(IceAgent *self)
{
    return self->path;
}

/* What comes in after the end.  Somebody has to take it: without a receiver libnice 0.1.21 does not
 * read its sockets, misses the TURN server's last answer in them, and has the loop spin until it
 * gives that up. */
static void
ignore(NiceAgent *nice, guint stream_id, guint component, guint size, gchar *bytes,
       gpointer user_data)
{
}

/* libnice gives TURN allocations back first, which takes a round trip. */
static void
on_closed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_object_unref(source);
    inner_loop_unref(user_data);
}

void
ice_agent_free(IceAgent *self)
{
    g_clear_pointer(&self->resolver, mdns_resolver_free);
    g_ptr_array_unref(self->unresolved);
    g_signal_handlers_disconnect_by_data(self->nice, self);
    nice_agent_attach_recv(self->nice, self->stream_id, COMPONENT,
                           inner_loop_get_context(self->loop), ignore, NULL);
    free_path(self, self->path, self->selected_socket);
    nice_agent_close_async(self->nice, on_closed, self->loop);
    g_main_context_unref(self->context);
    g_free(self);
}
