/* Owns the transitions of RTCSignalingState and nothing else: who stores the state, and what the
 * description says, is peer-connection's.  W3C WebRTC section 4.4.1.5, RFC 9429 section 3.2.
 *
 *                        local offer                remote answer
 *            stable ---------------> have-local-offer -----------------------------> stable
 *                                        | remote pranswer                              ^
 *                                        +---> have-remote-pranswer --- remote answer --+
 *
 *                        remote offer               local answer
 *            stable ---------------> have-remote-offer ----------------------------> stable
 *                                        | local pranswer                               ^
 *                                        +---> have-local-pranswer ---- local answer ---+
 *
 *     A rollback leads from both have-...-offer states back to stable, whichever side sets it.
 */
#include "datachannel/signaling-state.h"

GQuark
signaling_state_error_quark(void)
{
    return g_quark_from_static_string("pierce-signaling-state-error");
}

#define OFFER PIERCE_SDP_TYPE_OFFER
#define PRANSWER PIERCE_SDP_TYPE_PRANSWER
#define ANSWER PIERCE_SDP_TYPE_ANSWER
#define ROLLBACK PIERCE_SDP_TYPE_ROLLBACK
#define STABLE PIERCE_SIGNALING_STATE_STABLE
#define HAVE_LOCAL_OFFER PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER
#define HAVE_REMOTE_OFFER PIERCE_SIGNALING_STATE_HAVE_REMOTE_OFFER
#define HAVE_LOCAL_PRANSWER PIERCE_SIGNALING_STATE_HAVE_LOCAL_PRANSWER
#define HAVE_REMOTE_PRANSWER PIERCE_SIGNALING_STATE_HAVE_REMOTE_PRANSWER

typedef struct {
    PierceSignalingState from;
    SignalingSide side;
    PierceSdpType type;
    PierceSignalingState to;
} Transition;

static const Transition transitions[] = {
    { STABLE, SIGNALING_LOCAL, OFFER, HAVE_LOCAL_OFFER },
    { STABLE, SIGNALING_REMOTE, OFFER, HAVE_REMOTE_OFFER },
    { HAVE_LOCAL_OFFER, SIGNALING_LOCAL, OFFER, HAVE_LOCAL_OFFER },
    { HAVE_LOCAL_OFFER, SIGNALING_REMOTE, ANSWER, STABLE },
    { HAVE_LOCAL_OFFER, SIGNALING_REMOTE, PRANSWER, HAVE_REMOTE_PRANSWER },
    { HAVE_LOCAL_OFFER, SIGNALING_LOCAL, ROLLBACK, STABLE },
    { HAVE_LOCAL_OFFER, SIGNALING_REMOTE, ROLLBACK, STABLE },
    { HAVE_REMOTE_OFFER, SIGNALING_REMOTE, OFFER, HAVE_REMOTE_OFFER },
    { HAVE_REMOTE_OFFER, SIGNALING_LOCAL, ANSWER, STABLE },
    { HAVE_REMOTE_OFFER, SIGNALING_LOCAL, PRANSWER, HAVE_LOCAL_PRANSWER },
    { HAVE_REMOTE_OFFER, SIGNALING_LOCAL, ROLLBACK, STABLE },
    { HAVE_REMOTE_OFFER, SIGNALING_REMOTE, ROLLBACK, STABLE },
    { HAVE_LOCAL_PRANSWER, SIGNALING_LOCAL, PRANSWER, HAVE_LOCAL_PRANSWER },
    { HAVE_LOCAL_PRANSWER, SIGNALING_LOCAL, ANSWER, STABLE },
    { HAVE_REMOTE_PRANSWER, SIGNALING_REMOTE, PRANSWER, HAVE_REMOTE_PRANSWER },
    { HAVE_REMOTE_PRANSWER, SIGNALING_REMOTE, ANSWER, STABLE },
};

/* The W3C's strings.  pierce_enum_nick() gives them too, but asks the type system. */
static const char *const state_names[] = {
    [STABLE] = "stable",
    [HAVE_LOCAL_OFFER] = "have-local-offer",
    [HAVE_REMOTE_OFFER] = "have-remote-offer",
    [HAVE_LOCAL_PRANSWER] = "have-local-pranswer",
    [HAVE_REMOTE_PRANSWER] = "have-remote-pranswer",
    [PIERCE_SIGNALING_STATE_CLOSED] = "closed",
};

static const char *const side_names[] = {
    [SIGNALING_LOCAL] = "local",
    [SIGNALING_REMOTE] = "remote",
};

static const char *const type_names[] = {
    [OFFER] = "offer",
    [PRANSWER] = "pranswer",
    [ANSWER] = "answer",
    [ROLLBACK] = "rollback",
};

static char *
describe_allowed(PierceSignalingState from)
{
    GString *out = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(transitions); i++) {
        const Transition *t = &transitions[i];
        if (t->from == from)
            g_string_append_printf(out, "%sa %s %s", out->len ? ", " : "", side_names[t->side],
                                   type_names[t->type]);
    }
    if (out->len == 0)
        g_string_append(out, "nothing");
    return g_string_free(out, FALSE);
}

gboolean
signaling_state_next(PierceSignalingState from, SignalingSide side, PierceSdpType type,
                     PierceSignalingState *to, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(transitions); i++) {
        const Transition *t = &transitions[i];
        if (t->from == from && t->side == side && t->type == type) {
            *to = t->to;
            return TRUE;
        }
    }
    g_autofree char *allowed = describe_allowed(from);
    g_set_error(error, SIGNALING_STATE_ERROR, SIGNALING_STATE_ERROR_NOT_ALLOWED,
                "a %s %s cannot be set in the signalling state %s, which allows %s",
                side_names[side], type_names[type], state_names[from], allowed);
    return FALSE;
}
