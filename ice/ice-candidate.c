/* Owns the text of a candidate and what it belongs to.  Never parses it: candidate.c does. */
#include "ice/ice-candidate.h"

struct _PierceIceCandidate {
    char *candidate;
    char *sdp_mid;
    gint sdp_m_line_index;
    char *username_fragment;
};

G_DEFINE_BOXED_TYPE(PierceIceCandidate, pierce_ice_candidate, pierce_ice_candidate_copy,
                    pierce_ice_candidate_free)

PierceIceCandidate *
pierce_ice_candidate_new(const char *candidate, const char *sdp_mid, gint sdp_m_line_index,
                         const char *username_fragment)
{
    g_return_val_if_fail(candidate, NULL);
    PierceIceCandidate *self = g_new0(PierceIceCandidate, 1);
    self->candidate = g_strdup(g_str_has_prefix(candidate, "a=") ? candidate + 2 : candidate);
    self->sdp_mid = g_strdup(sdp_mid);
    self->sdp_m_line_index = sdp_m_line_index;
    self->username_fragment = g_strdup(username_fragment);
    return self;
}

PierceIceCandidate *
pierce_ice_candidate_copy(const PierceIceCandidate *self)
{
    g_return_val_if_fail(self, NULL);
    return pierce_ice_candidate_new(self->candidate, self->sdp_mid, self->sdp_m_line_index,
                                    self->username_fragment);
}

void
pierce_ice_candidate_free(PierceIceCandidate *self)
{
    g_return_if_fail(self);
    g_free(self->candidate);
    g_free(self->sdp_mid);
    g_free(self->username_fragment);
    g_free(self);
}

const char *
pierce_ice_candidate_get_candidate(const PierceIceCandidate *self)
{
    g_return_val_if_fail(self, "");
    return self->candidate;
}

const char *
pierce_ice_candidate_get_sdp_mid(const PierceIceCandidate *self)
{
    g_return_val_if_fail(self, NULL);
    return self->sdp_mid;
}

gint
pierce_ice_candidate_get_sdp_m_line_index(const PierceIceCandidate *self)
{
    g_return_val_if_fail(self, -1);
    return self->sdp_m_line_index;
}

const char *
pierce_ice_candidate_get_username_fragment(const PierceIceCandidate *self)
{
    g_return_val_if_fail(self, NULL);
    return self->username_fragment;
}
