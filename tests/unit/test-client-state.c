/* Drives signaling/client-state through simulated time. */
#include "signaling/client-state.h"

#define MS G_TIME_SPAN_MILLISECOND
#define S G_TIME_SPAN_SECOND

typedef struct {
    ClientEvent event;
    gint64 at_us;
    guint32 random;
    ClientPhase phase;   /* after the event */
    ClientAction action; /* that it asks for */
    gint64 deadline_us;  /* after the event */
} Step;

typedef struct {
    const char *name;
    gint64 heartbeat_us;
    Step steps[12]; /* up to the first without a deadline */
} Story;

#define HALF 0x80000000u
#define NEVER CLIENT_STATE_NEVER

static const Story stories[] = {
    { "registers-and-beats",
      30 * S,
      { { CLIENT_EVENT_START, 0, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 10 * S },
        { CLIENT_EVENT_OPENED, 1 * S, 0, CLIENT_PHASE_REGISTERING, CLIENT_ACTION_REGISTER, 11 * S },
        { CLIENT_EVENT_REGISTERED, 2 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_NONE, 32 * S },
        { CLIENT_EVENT_ALIVE, 3 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_NONE, 32 * S },
        { CLIENT_EVENT_TICK, 31 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_NONE, 32 * S },
        { CLIENT_EVENT_TICK, 32 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_HEARTBEAT, 42 * S },
        { CLIENT_EVENT_ALIVE, 33 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_NONE, 63 * S },
        { CLIENT_EVENT_TICK, 63 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_HEARTBEAT,
          73 * S } } },
    { "drops-a-server-that-is-silent",
      30 * S,
      { { CLIENT_EVENT_START, 0, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 10 * S },
        { CLIENT_EVENT_OPENED, 0, 0, CLIENT_PHASE_REGISTERING, CLIENT_ACTION_REGISTER, 10 * S },
        { CLIENT_EVENT_REGISTERED, 0, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_NONE, 30 * S },
        { CLIENT_EVENT_TICK, 30 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_HEARTBEAT, 40 * S },
        { CLIENT_EVENT_TICK, 40 * S, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_DROP,
          40 * S + 125 * MS },
        { CLIENT_EVENT_TICK, 41 * S, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT,
          51 * S } } },
    { "gives-up-on-a-slow-connect",
      0,
      { { CLIENT_EVENT_START, 0, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 10 * S },
        { CLIENT_EVENT_TICK, 10 * S, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_DROP,
          10 * S + 125 * MS } } },
    { "gives-up-on-a-slow-registration",
      0,
      { { CLIENT_EVENT_START, 0, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 10 * S },
        { CLIENT_EVENT_OPENED, 4 * S, 0, CLIENT_PHASE_REGISTERING, CLIENT_ACTION_REGISTER, 14 * S },
        { CLIENT_EVENT_TICK, 14 * S, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_DROP,
          14 * S + 125 * MS } } },
    { "a-short-registration-keeps-the-delay-growing",
      30 * S,
      { { CLIENT_EVENT_START, 0, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 10 * S },
        { CLIENT_EVENT_LOST, 0, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE, 125 * MS },
        { CLIENT_EVENT_TICK, 1 * S, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 11 * S },
        { CLIENT_EVENT_OPENED, 1 * S, 0, CLIENT_PHASE_REGISTERING, CLIENT_ACTION_REGISTER, 11 * S },
        { CLIENT_EVENT_REGISTERED, 1 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_NONE, 31 * S },
        { CLIENT_EVENT_LOST, 2 * S, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE,
          2 * S + 250 * MS } } },
    { "a-stable-registration-makes-the-delay-short-again",
      30 * S,
      { { CLIENT_EVENT_START, 0, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 10 * S },
        { CLIENT_EVENT_LOST, 0, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE, 125 * MS },
        { CLIENT_EVENT_TICK, 1 * S, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 11 * S },
        { CLIENT_EVENT_OPENED, 1 * S, 0, CLIENT_PHASE_REGISTERING, CLIENT_ACTION_REGISTER, 11 * S },
        { CLIENT_EVENT_REGISTERED, 1 * S, 0, CLIENT_PHASE_REGISTERED, CLIENT_ACTION_NONE, 31 * S },
        { CLIENT_EVENT_LOST, 11 * S, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE,
          11 * S + 125 * MS } } },
    { "closed-is-final",
      30 * S,
      { { CLIENT_EVENT_START, 0, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 10 * S },
        { CLIENT_EVENT_CLOSE, 1 * S, 0, CLIENT_PHASE_CLOSED, CLIENT_ACTION_NONE, NEVER },
        { CLIENT_EVENT_OPENED, 1 * S, 0, CLIENT_PHASE_CLOSED, CLIENT_ACTION_NONE, NEVER },
        { CLIENT_EVENT_REGISTERED, 1 * S, 0, CLIENT_PHASE_CLOSED, CLIENT_ACTION_NONE, NEVER },
        { CLIENT_EVENT_LOST, 1 * S, 0, CLIENT_PHASE_CLOSED, CLIENT_ACTION_NONE, NEVER },
        { CLIENT_EVENT_TICK, 99 * S, 0, CLIENT_PHASE_CLOSED, CLIENT_ACTION_NONE, NEVER },
        { CLIENT_EVENT_START, 99 * S, 0, CLIENT_PHASE_CLOSED, CLIENT_ACTION_NONE, NEVER } } },
    { "late-events-of-a-lost-connection-are-ignored",
      30 * S,
      { { CLIENT_EVENT_START, 0, 0, CLIENT_PHASE_CONNECTING, CLIENT_ACTION_CONNECT, 10 * S },
        { CLIENT_EVENT_LOST, 0, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE, 125 * MS },
        { CLIENT_EVENT_LOST, 0, HALF, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE, 125 * MS },
        { CLIENT_EVENT_OPENED, 0, 0, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE, 125 * MS },
        { CLIENT_EVENT_REGISTERED, 0, 0, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE, 125 * MS },
        { CLIENT_EVENT_ALIVE, 0, 0, CLIENT_PHASE_WAITING, CLIENT_ACTION_NONE, 125 * MS } } },
};

static void
test_story(gconstpointer data)
{
    const Story *story = data;
    ClientState state;

    client_state_init(&state);
    if (story->heartbeat_us)
        client_state_set_heartbeat(&state, story->heartbeat_us);
    for (gsize i = 0; i < G_N_ELEMENTS(story->steps) && story->steps[i].deadline_us; i++) {
        const Step *step = &story->steps[i];
        ClientAction action = client_state_handle(&state, step->event, step->at_us, step->random);

        g_test_message("step %" G_GSIZE_FORMAT, i);
        g_assert_cmpint(action, ==, step->action);
        g_assert_cmpint(state.phase, ==, step->phase);
        g_assert_cmpint(state.deadline_us, ==, step->deadline_us);
    }
}

static void
test_delay_doubles_up_to_its_cap(void)
{
    static const gint64 ceilings_ms[] = { 250,  500,   1000,  2000,  4000,
                                          8000, 16000, 30000, 30000, 30000 };
    ClientState state;
    gint64 now_us = 0;

    client_state_init(&state);
    client_state_handle(&state, CLIENT_EVENT_START, now_us, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(ceilings_ms); i++) {
        client_state_handle(&state, CLIENT_EVENT_LOST, now_us, G_MAXUINT32);
        gint64 waited_us = state.deadline_us - now_us;
        g_assert_cmpint(waited_us, <=, ceilings_ms[i] * MS);
        g_assert_cmpint(waited_us, >=, ceilings_ms[i] * MS - MS);
        now_us = state.deadline_us;
        g_assert_cmpint(client_state_handle(&state, CLIENT_EVENT_TICK, now_us, 0), ==,
                        CLIENT_ACTION_CONNECT);
    }
}

static void
test_jitter_is_full(void)
{
    static const guint32 randoms[] = { 0, HALF, G_MAXUINT32 };
    static const gint64 expected_us[] = { 0, 125 * MS, 250 * MS - 1 };

    for (gsize i = 0; i < G_N_ELEMENTS(randoms); i++) {
        ClientState state;
        client_state_init(&state);
        client_state_handle(&state, CLIENT_EVENT_START, 0, 0);
        client_state_handle(&state, CLIENT_EVENT_LOST, 0, randoms[i]);
        g_assert_cmpint(state.deadline_us, ==, expected_us[i]);
    }
}

static void
test_heartbeat_interval_is_bounded(void)
{
    ClientState state;

    client_state_init(&state);
    client_state_set_heartbeat(&state, 0);
    g_assert_cmpint(state.heartbeat_interval_us, ==, S);
    client_state_set_heartbeat(&state, G_MAXINT64);
    g_assert_cmpint(state.heartbeat_interval_us, ==, G_TIME_SPAN_HOUR);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(stories); i++) {
        g_autofree char *path = g_strconcat("/client-state/", stories[i].name, NULL);
        g_test_add_data_func(path, &stories[i], test_story);
    }
    g_test_add_func("/client-state/delay-doubles-up-to-its-cap", test_delay_doubles_up_to_its_cap);
    g_test_add_func("/client-state/jitter-is-full", test_jitter_is_full);
    g_test_add_func("/client-state/heartbeat-interval-is-bounded",
                    test_heartbeat_interval_is_bounded);
    return g_test_run();
}
