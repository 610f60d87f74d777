/* Offers, answers and candidates: which may be set when is signaling-state's knowledge, what they
 * say sdp-negotiate's.  W3C WebRTC sections 4.4.1.5 and 4.7, RFC 9429.
 *
 * An ICE restart is a new pair of credentials in a description: ice-transport makes a generation
 * for it beside the one that carries data, and drops it again with a rollback. */
#include "datachannel/peer-connection-internal.h"

#include "datachannel/certificate.h"
#include "datachannel/error.h"
#include "datachannel/signaling-state.h"

/* ---- negotiation-needed ---- */

static gboolean
is_offer_due(PiercePeerConnection *self)
{
    return self->wants_restart || (sctp_transport_has_channels(self->sctp) && !self->current_local);
}

static gboolean
on_negotiation_due(gpointer user_data)
{
    PiercePeerConnection *self = user_data;
    if (self->is_closed || !self->needs_negotiation)
        return G_SOURCE_REMOVE;
    if (self->signaling_state == PIERCE_SIGNALING_STATE_STABLE && is_offer_due(self))
        peer_connection_emit_negotiation_needed(self);
    else
        self->needs_negotiation = FALSE;
    return G_SOURCE_REMOVE;
}

void
peer_connection_update_negotiation_needed(PiercePeerConnection *self)
{
    if (self->is_closed || self->signaling_state != PIERCE_SIGNALING_STATE_STABLE)
        return;
    if (!is_offer_due(self)) {
        self->needs_negotiation = FALSE;
        return;
    }
    if (self->needs_negotiation)
        return;
    self->needs_negotiation = TRUE;
    g_autoptr(GSource) idle = g_idle_source_new();
    g_source_set_name(idle, "pierce-negotiation-needed");
    g_source_set_priority(idle, G_PRIORITY_DEFAULT);
    g_source_set_callback(idle, on_negotiation_due, g_object_ref(self), g_object_unref);
    g_source_attach(idle, self->context);
}

/* ---- writing descriptions ---- */

static SdpLocal
describe_self(PiercePeerConnection *self, SdpSetup setup, SdpKind kind)
{
    SdpLocal local = { .fingerprint = pierce_certificate_get_fingerprint(self->certificate),
                       .setup = setup,
                       .sctp_port = DATA_SCTP_PORT,
                       .max_message_size = self->configuration->max_message_size,
                       .sctp_init = peer_connection_get_sctp_init(self, kind),
                       .session_id = self->session_id,
                       .version = self->version++ };
    ice_transport_get_credentials(self->ice, &local.ufrag, &local.pwd);
    return local;
}

PierceSessionDescription *
pierce_peer_connection_create_offer(PiercePeerConnection *self, GError **error)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), NULL);
    if (!peer_connection_check_open(self, "create_offer", error))
        return NULL;
    if (self->wants_restart || !ice_transport_has_generation(self->ice))
        ice_transport_prepare_generation(self->ice);
    SdpLocal local = describe_self(self, SDP_SETUP_ACTPASS, SDP_KIND_OFFER);
    g_free(self->last_offer);
    self->last_offer = sdp_build_offer(&local, self->mid ? self->mid : "0",
                                       self->has_remote ? &self->remote : NULL);
    return pierce_session_description_new(PIERCE_SDP_TYPE_OFFER, self->last_offer);
}

/* Who is DTLS client stays so for the life of the connection. */
static SdpSetup
choose_answer_setup(PiercePeerConnection *self)
{
    if (!self->has_dtls_role)
        return sdp_choose_setup(self->pending_offer.setup);
    return sdp_role_setup(self->dtls_role);
}

PierceSessionDescription *
pierce_peer_connection_create_answer(PiercePeerConnection *self, GError **error)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), NULL);
    if (!peer_connection_check_open(self, "create_answer", error))
        return NULL;
    if (!self->has_pending_offer) {
        g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE,
                            "create_answer: there is no remote offer; set it first");
        return NULL;
    }
    SdpLocal local = describe_self(self, choose_answer_setup(self), SDP_KIND_ANSWER);
    g_free(self->last_answer);
    self->last_answer = sdp_build_answer(&local, &self->pending_offer);
    return pierce_session_description_new(PIERCE_SDP_TYPE_ANSWER, self->last_answer);
}

/* ---- common to both sides ---- */

static gboolean
next_state(PiercePeerConnection *self, SignalingSide side, PierceSdpType type,
           PierceSignalingState *state, GError **error)
{
    g_autoptr(GError) why = NULL;
    if (signaling_state_next(self->signaling_state, side, type, state, &why))
        return TRUE;
    g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE, why->message);
    return FALSE;
}

static void
enter_state(PiercePeerConnection *self, PierceSignalingState state)
{
    if (self->signaling_state == state)
        return;
    self->signaling_state = state;
    if (state == PIERCE_SIGNALING_STATE_STABLE)
        self->needs_negotiation = FALSE;
    g_object_ref(self);
    peer_connection_notify(self, PEER_CONNECTION_SIGNALING_STATE);
    peer_connection_update_negotiation_needed(self);
    g_object_unref(self);
}

static void
drop_pending(PiercePeerConnection *self)
{
    g_clear_pointer(&self->pending_local, pierce_session_description_free);
    g_clear_pointer(&self->pending_remote, pierce_session_description_free);
    if (self->has_pending_offer)
        sdp_remote_clear(&self->pending_offer);
    self->has_pending_offer = FALSE;
}

static void
roll_back(PiercePeerConnection *self)
{
    drop_pending(self);
    if (self->has_pending_generation)
        ice_transport_rollback(self->ice);
    self->has_pending_generation = FALSE;
}

/* Offer and answer are both there: they are the current ones from now on. */
static void
settle(PiercePeerConnection *self, PierceSessionDescription *local,
       PierceSessionDescription *remote)
{
    g_clear_pointer(&self->current_local, pierce_session_description_free);
    g_clear_pointer(&self->current_remote, pierce_session_description_free);
    self->current_local = pierce_session_description_copy(local);
    self->current_remote = pierce_session_description_copy(remote);
    self->has_pending_generation = FALSE;
}

static void
give_remote_to_ice(PiercePeerConnection *self)
{
    const SdpRemote *remote = &self->remote;
    ice_transport_set_remote(self->ice, remote->ufrag, remote->pwd);
    for (guint i = 0; i < remote->candidates->len; i++)
        ice_transport_add_candidate(self->ice, g_ptr_array_index(remote->candidates, i),
                                    remote->ufrag, NULL);
    if (remote->end_of_candidates)
        ice_transport_add_candidate(self->ice, NULL, remote->ufrag, NULL);
}

static void
take_remote(PiercePeerConnection *self, SdpRemote *remote)
{
    if (self->has_remote)
        sdp_remote_clear(&self->remote);
    self->remote = *remote;
    self->has_remote = TRUE;
    *remote = (SdpRemote){ 0 };
    sctp_transport_set_peer_max_message_size(self->sctp, self->remote.max_message_size);
    peer_connection_take_sctp_init(self);
}

/* The answer, whoever gave it, decides who is the DTLS client. */
static void
begin_transports(PiercePeerConnection *self, SdpSetup answered, gboolean we_answered)
{
    if (!self->has_dtls_role) {
        self->has_dtls_role = TRUE;
        self->dtls_role = sdp_dtls_role(answered, we_answered);
    }
    give_remote_to_ice(self);
    peer_connection_start_dtls(self);
}

/* ---- set_local_description ---- */

static gboolean
check_unchanged(const char *sdp, const char *last, const char *what, GError **error)
{
    if (last && strcmp(sdp, last) == 0)
        return TRUE;
    g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT,
                "set_local_description: not the %s that create_%s gave last; local descriptions "
                "cannot be edited",
                what, what);
    return FALSE;
}

static void
start_gathering(PiercePeerConnection *self, gboolean is_controlling)
{
    if (self->started_us == 0)
        self->started_us = g_get_monotonic_time();
    ice_transport_gather(self->ice, is_controlling);
}

static void
set_local_offer(PiercePeerConnection *self, PierceSessionDescription *offer)
{
    g_clear_pointer(&self->pending_local, pierce_session_description_free);
    self->pending_local = pierce_session_description_copy(offer);
    if (self->wants_restart || !self->current_local)
        self->has_pending_generation = TRUE;
    self->wants_restart = FALSE;
    if (!self->mid)
        self->mid = g_strdup("0");
    start_gathering(self, TRUE);
}

static void
set_local_answer(PiercePeerConnection *self, PierceSessionDescription *answer)
{
    SdpSetup setup = choose_answer_setup(self);
    settle(self, answer, self->pending_remote);
    take_remote(self, &self->pending_offer);
    self->has_pending_offer = FALSE;
    drop_pending(self);
    start_gathering(self, self->remote.ice_lite);
    begin_transports(self, setup, TRUE);
}

static gboolean
set_local(PiercePeerConnection *self, PierceSessionDescription *description, GError **error)
{
    PierceSdpType type = pierce_session_description_get_sdp_type(description);
    const char *sdp = pierce_session_description_get_sdp(description);
    PierceSignalingState state;

    if (!next_state(self, SIGNALING_LOCAL, type, &state, error))
        return FALSE;
    switch (type) {
    case PIERCE_SDP_TYPE_OFFER:
        if (!check_unchanged(sdp, self->last_offer, "offer", error))
            return FALSE;
        set_local_offer(self, description);
        break;
    case PIERCE_SDP_TYPE_ANSWER:
    case PIERCE_SDP_TYPE_PRANSWER:
        if (!check_unchanged(sdp, self->last_answer, "answer", error))
            return FALSE;
        if (type == PIERCE_SDP_TYPE_ANSWER)
            set_local_answer(self, description);
        break;
    case PIERCE_SDP_TYPE_ROLLBACK:
        roll_back(self);
        break;
    }
    if (!self->is_closed) /* a candidate's handler may have closed it */
        enter_state(self, state);
    return TRUE;
}

gboolean
pierce_peer_connection_set_local_description(PiercePeerConnection *self,
                                             PierceSessionDescription *description, GError **error)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), FALSE);
    g_autoptr(PierceSessionDescription) made = NULL;

    if (!peer_connection_check_open(self, "set_local_description", error))
        return FALSE;
    if (!description) {
        made = self->has_pending_offer ? pierce_peer_connection_create_answer(self, error)
                                       : pierce_peer_connection_create_offer(self, error);
        if (!made)
            return FALSE;
        description = made;
    }
    g_object_ref(self);
    gboolean is_set = set_local(self, description, error);
    g_object_unref(self);
    return is_set;
}

/* ---- set_remote_description ---- */

static void
set_remote_offer(PiercePeerConnection *self, PierceSessionDescription *offer, SdpRemote *remote)
{
    gboolean is_new_generation =
        !self->has_remote || sdp_remote_is_ice_restart(&self->remote, remote);
    drop_pending(self);
    if (is_new_generation) {
        ice_transport_prepare_generation(self->ice);
        self->has_pending_generation = TRUE;
    }
    g_free(self->mid);
    self->mid = g_strdup(remote->mid ? remote->mid : "0");
    self->pending_offer = *remote;
    self->has_pending_offer = TRUE;
    *remote = (SdpRemote){ 0 };
    self->pending_remote = pierce_session_description_copy(offer);
}

static void
set_remote_answer(PiercePeerConnection *self, PierceSessionDescription *answer, SdpRemote *remote,
                  gboolean is_final)
{
    SdpSetup setup = remote->setup;
    take_remote(self, remote);
    if (is_final) {
        settle(self, self->pending_local, answer);
        drop_pending(self);
    } else {
        g_clear_pointer(&self->pending_remote, pierce_session_description_free);
        self->pending_remote = pierce_session_description_copy(answer);
    }
    begin_transports(self, setup, FALSE);
}

static gboolean
set_remote(PiercePeerConnection *self, PierceSessionDescription *description, GError **error)
{
    PierceSdpType type = pierce_session_description_get_sdp_type(description);
    const char *sdp = pierce_session_description_get_sdp(description);
    SdpKind kind = type == PIERCE_SDP_TYPE_OFFER ? SDP_KIND_OFFER : SDP_KIND_ANSWER;
    g_auto(SdpRemote) remote = { 0 };
    PierceSignalingState state;

    if (!next_state(self, SIGNALING_REMOTE, type, &state, error))
        return FALSE;
    if (type == PIERCE_SDP_TYPE_ROLLBACK) {
        roll_back(self);
        enter_state(self, state);
        return TRUE;
    }
    if (!peer_connection_parse_remote(self, &remote, sdp, kind, error))
        return FALSE;
    if (type == PIERCE_SDP_TYPE_OFFER)
        set_remote_offer(self, description, &remote);
    else
        set_remote_answer(self, description, &remote, type == PIERCE_SDP_TYPE_ANSWER);
    if (!self->is_closed)
        enter_state(self, state);
    return TRUE;
}

/* Glare: our offer gives way to the peer's, once that is known to be good. */
static gboolean
give_way(PiercePeerConnection *self, PierceSessionDescription *offer, GError **error)
{
    g_auto(SdpRemote) remote = { 0 };
    if (!peer_connection_parse_remote(self, &remote, pierce_session_description_get_sdp(offer),
                                      SDP_KIND_OFFER, error))
        return FALSE;
    roll_back(self);
    self->signaling_state = PIERCE_SIGNALING_STATE_STABLE;
    return TRUE;
}

gboolean
pierce_peer_connection_set_remote_description(PiercePeerConnection *self,
                                              PierceSessionDescription *description, GError **error)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self) && description, FALSE);
    gboolean is_glare =
        self->signaling_state == PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER &&
        pierce_session_description_get_sdp_type(description) == PIERCE_SDP_TYPE_OFFER;

    if (!peer_connection_check_open(self, "set_remote_description", error))
        return FALSE;
    if (is_glare && !give_way(self, description, error))
        return FALSE;
    g_object_ref(self);
    gboolean is_set = set_remote(self, description, error);
    g_object_unref(self);
    return is_set;
}

/* ---- candidates and restarts ---- */

gboolean
pierce_peer_connection_add_ice_candidate(PiercePeerConnection *self, PierceIceCandidate *candidate,
                                         GError **error)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self) && candidate, FALSE);
    g_autoptr(GError) why = NULL;

    if (!peer_connection_check_open(self, "add_ice_candidate", error))
        return FALSE;
    if (ice_transport_add_candidate(self->ice, pierce_ice_candidate_get_candidate(candidate),
                                    pierce_ice_candidate_get_username_fragment(candidate), &why))
        return TRUE;
    g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX, why->message);
    return FALSE;
}

void
pierce_peer_connection_restart_ice(PiercePeerConnection *self)
{
    g_return_if_fail(PIERCE_IS_PEER_CONNECTION(self));
    if (self->is_closed)
        return;
    self->wants_restart = TRUE;
    peer_connection_update_negotiation_needed(self);
}

/* ---- reading descriptions ---- */

PierceSessionDescription *
pierce_peer_connection_get_local_description(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), NULL);
    PierceSessionDescription *local =
        self->pending_local ? self->pending_local : self->current_local;
    gboolean is_complete = FALSE;
    if (!local)
        return NULL;
    if (self->is_closed)
        return pierce_session_description_copy(local);
    const char *const *candidates = ice_transport_get_candidates(self->ice, &is_complete);
    g_autofree char *sdp =
        sdp_add_candidates(pierce_session_description_get_sdp(local), candidates, is_complete);
    return pierce_session_description_new(pierce_session_description_get_sdp_type(local), sdp);
}

PierceSessionDescription *
pierce_peer_connection_get_remote_description(PiercePeerConnection *self)
{
    g_return_val_if_fail(PIERCE_IS_PEER_CONNECTION(self), NULL);
    PierceSessionDescription *remote =
        self->pending_remote ? self->pending_remote : self->current_remote;
    return remote ? pierce_session_description_copy(remote) : NULL;
}

void
peer_connection_clear_negotiation(PiercePeerConnection *self)
{
    drop_pending(self);
    g_clear_pointer(&self->current_local, pierce_session_description_free);
    g_clear_pointer(&self->current_remote, pierce_session_description_free);
    if (self->has_remote)
        sdp_remote_clear(&self->remote);
    self->has_remote = FALSE;
    g_clear_pointer(&self->last_offer, g_free);
    g_clear_pointer(&self->last_answer, g_free);
    g_clear_pointer(&self->mid, g_free);
    g_clear_pointer(&self->sctp_init, g_free);
}
