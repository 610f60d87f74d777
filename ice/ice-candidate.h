/* RTCIceCandidate: one address at which a peer may be reached. */
#pragma once

#include "ice/export.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define PIERCE_TYPE_ICE_CANDIDATE (pierce_ice_candidate_get_type())

typedef struct _PierceIceCandidate PierceIceCandidate;

PIERCE_EXPORT GType pierce_ice_candidate_get_type(void) G_GNUC_CONST;

/**
 * pierce_ice_candidate_new:
 * @candidate: a candidate-attribute as RFC 8839 section 5.1 writes it, `candidate:...`, with or
 *   without `a=` before it, or the empty string for the end of candidates
 * @sdp_mid: (nullable): the media section it belongs to
 * @sdp_m_line_index: the index of that section, or -1 where unknown
 * @username_fragment: (nullable): the ICE generation it belongs to
 *
 * Keeps copies.  The text is checked when the candidate is added to a connection.
 *
 * Returns: (transfer full): a new candidate
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceIceCandidate *pierce_ice_candidate_new(const char *candidate,
                                                           const char *sdp_mid,
                                                           gint sdp_m_line_index,
                                                           const char *username_fragment);

/**
 * pierce_ice_candidate_copy:
 * @self: a candidate
 *
 * Returns: (transfer full): a copy
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceIceCandidate *pierce_ice_candidate_copy(const PierceIceCandidate *self);

/**
 * pierce_ice_candidate_free:
 * @self: (transfer full): a candidate
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_ice_candidate_free(PierceIceCandidate *self);

/**
 * pierce_ice_candidate_get_candidate:
 * @self: a candidate
 *
 * Returns: (transfer none): the text, `candidate:...`, empty for the end of candidates
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_ice_candidate_get_candidate(const PierceIceCandidate *self);

/**
 * pierce_ice_candidate_get_sdp_mid:
 * @self: a candidate
 *
 * Returns: (transfer none) (nullable): the media section it belongs to
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_ice_candidate_get_sdp_mid(const PierceIceCandidate *self);

/**
 * pierce_ice_candidate_get_sdp_m_line_index:
 * @self: a candidate
 *
 * Returns: the index of its media section, or -1 where unknown
 *
 * Since: 0.1
 */
PIERCE_EXPORT gint pierce_ice_candidate_get_sdp_m_line_index(const PierceIceCandidate *self);

/**
 * pierce_ice_candidate_get_username_fragment:
 * @self: a candidate
 *
 * Returns: (transfer none) (nullable): the ICE generation it belongs to
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *
pierce_ice_candidate_get_username_fragment(const PierceIceCandidate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PierceIceCandidate, pierce_ice_candidate_free)

G_END_DECLS
