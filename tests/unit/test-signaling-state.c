#include "datachannel/signaling-state.h"

#include <string.h>

/* The W3C's diagram, one row per state: local offer, pranswer, answer, rollback, then remote. */
#define STABLE PIERCE_SIGNALING_STATE_STABLE
#define LOCAL_OFFER PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER
#define REMOTE_OFFER PIERCE_SIGNALING_STATE_HAVE_REMOTE_OFFER
#define LOCAL_PRANSWER PIERCE_SIGNALING_STATE_HAVE_LOCAL_PRANSWER
#define REMOTE_PRANSWER PIERCE_SIGNALING_STATE_HAVE_REMOTE_PRANSWER
#define NO (-1)

#define STATE_COUNT (PIERCE_SIGNALING_STATE_CLOSED + 1)
#define TYPE_COUNT (PIERCE_SDP_TYPE_ROLLBACK + 1)

static const int expected[STATE_COUNT][2][TYPE_COUNT] = {
    [STABLE] = { { LOCAL_OFFER, NO, NO, NO }, { REMOTE_OFFER, NO, NO, NO } },
    [LOCAL_OFFER] = { { LOCAL_OFFER, NO, NO, STABLE }, { NO, REMOTE_PRANSWER, STABLE, STABLE } },
    [REMOTE_OFFER] = { { NO, LOCAL_PRANSWER, STABLE, STABLE }, { REMOTE_OFFER, NO, NO, STABLE } },
    [LOCAL_PRANSWER] = { { NO, LOCAL_PRANSWER, STABLE, NO }, { NO, NO, NO, NO } },
    [REMOTE_PRANSWER] = { { NO, NO, NO, NO }, { NO, REMOTE_PRANSWER, STABLE, NO } },
    [PIERCE_SIGNALING_STATE_CLOSED] = { { NO, NO, NO, NO }, { NO, NO, NO, NO } },
};

static void
check(int from, int side, int type)
{
    const PierceSignalingState untouched = PIERCE_SIGNALING_STATE_CLOSED;
    int want = expected[from][side][type];
    PierceSignalingState to = untouched;
    g_autoptr(GError) error = NULL;

    gboolean allowed = signaling_state_next((PierceSignalingState) from, (SignalingSide) side,
                                            (PierceSdpType) type, &to, &error);

    g_test_message("from %d side %d type %d", from, side, type);
    g_assert_cmpint(allowed, ==, want != NO);
    g_assert_cmpint((int) to, ==, want == NO ? (int) untouched : want);
    g_assert_true(allowed == (error == NULL));
    if (error)
        g_assert_error(error, SIGNALING_STATE_ERROR, SIGNALING_STATE_ERROR_NOT_ALLOWED);
}

static void
test_every_transition(void)
{
    for (int from = 0; from < STATE_COUNT; from++)
        for (int side = 0; side < 2; side++)
            for (int type = 0; type < TYPE_COUNT; type++)
                check(from, side, type);
}

static const struct {
    PierceSignalingState from;
    SignalingSide side;
    PierceSdpType type;
    const char *message;
} messages[] = {
    { PIERCE_SIGNALING_STATE_STABLE, SIGNALING_REMOTE, PIERCE_SDP_TYPE_ANSWER,
      "a remote answer cannot be set in the signalling state stable, which allows a local offer, "
      "a remote offer" },
    { PIERCE_SIGNALING_STATE_HAVE_REMOTE_PRANSWER, SIGNALING_LOCAL, PIERCE_SDP_TYPE_ROLLBACK,
      "a local rollback cannot be set in the signalling state have-remote-pranswer, which allows "
      "a remote pranswer, a remote answer" },
    { PIERCE_SIGNALING_STATE_CLOSED, SIGNALING_LOCAL, PIERCE_SDP_TYPE_OFFER,
      "a local offer cannot be set in the signalling state closed, which allows nothing" },
};

static void
test_an_error_says_what_is_allowed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(messages); i++) {
        PierceSignalingState to;
        g_autoptr(GError) error = NULL;

        g_assert_false(signaling_state_next(messages[i].from, messages[i].side, messages[i].type,
                                            &to, &error));
        g_assert_cmpstr(error->message, ==, messages[i].message);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/signaling-state/every-transition", test_every_transition);
    g_test_add_func("/signaling-state/an-error-says-what-is-allowed",
                    test_an_error_says_what_is_allowed);
    return g_test_run();
}
