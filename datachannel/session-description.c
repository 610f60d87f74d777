/* Owns a description's type and text.  Never parses it: sdp-negotiate does, when it is set. */
#include "datachannel/session-description.h"

struct _PierceSessionDescription {
    PierceSdpType type;
    char *sdp;
};

G_DEFINE_BOXED_TYPE(PierceSessionDescription, pierce_session_description,
                    pierce_session_description_copy, pierce_session_description_free)

PierceSessionDescription *
pierce_session_description_new(PierceSdpType type, const char *sdp)
{
    PierceSessionDescription *self = g_new0(PierceSessionDescription, 1);
    self->type = type;
    self->sdp = g_strdup(sdp && type != PIERCE_SDP_TYPE_ROLLBACK ? sdp : "");
    return self;
}

PierceSessionDescription *
pierce_session_description_copy(const PierceSessionDescription *self)
{
    g_return_val_if_fail(self, NULL);
    return pierce_session_description_new(self->type, self->sdp);
}

void
pierce_session_description_free(PierceSessionDescription *self)
{
    g_return_if_fail(self);
    g_free(self->sdp);
    g_free(self);
}

PierceSdpType
pierce_session_description_get_sdp_type(const PierceSessionDescription *self)
{
    g_return_val_if_fail(self, PIERCE_SDP_TYPE_ROLLBACK);
    return self->type;
}

const char *
pierce_session_description_get_sdp(const PierceSessionDescription *self)
{
    g_return_val_if_fail(self, "");
    return self->sdp;
}
