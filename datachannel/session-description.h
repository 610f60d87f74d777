/* RTCSessionDescription: a type and its SDP. */
#pragma once

#include "datachannel/types.h"

G_BEGIN_DECLS

#define PIERCE_TYPE_SESSION_DESCRIPTION (pierce_session_description_get_type())

PIERCE_EXPORT GType pierce_session_description_get_type(void) G_GNUC_CONST;

/**
 * pierce_session_description_new:
 * @type: what the description is for
 * @sdp: (nullable): its text, UTF-8; ignored for a rollback
 *
 * Keeps a copy of @sdp.  The text is parsed when the description is set.
 *
 * Returns: (transfer full): a new description
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceSessionDescription *pierce_session_description_new(PierceSdpType type,
                                                                       const char *sdp);

/**
 * pierce_session_description_copy:
 * @self: a description
 *
 * Returns: (transfer full): a copy
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceSessionDescription *
pierce_session_description_copy(const PierceSessionDescription *self);

/**
 * pierce_session_description_free:
 * @self: (transfer full): a description
 *
 * Since: 0.1
 */
PIERCE_EXPORT void pierce_session_description_free(PierceSessionDescription *self);

/**
 * pierce_session_description_get_sdp_type:
 * @self: a description
 *
 * Returns: what it is for
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceSdpType
pierce_session_description_get_sdp_type(const PierceSessionDescription *self);

/**
 * pierce_session_description_get_sdp:
 * @self: a description
 *
 * Returns: (transfer none): its text, empty for a rollback
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_session_description_get_sdp(const PierceSessionDescription *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PierceSessionDescription, pierce_session_description_free)

G_END_DECLS
