/* Whether libnice's sources are still found: two of its agents whose Ta is longer than the test. */
#include "ice/nice-sources.h"
#include "tests/support/netns.h"
#include "tests/support/peer-pair.h"

#include <nice/agent.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(NiceAgent, g_object_unref)

#define TA_MS 3600000
#define STREAM 1
#define COMPONENT 1
#define MAX_SOURCE_ID 1000

static NiceAgent *
new_agent(gboolean is_controlling)
{
    NiceAgent *agent =
        nice_agent_new_full(NULL, NICE_COMPATIBILITY_RFC5245, NICE_AGENT_OPTION_ICE_TRICKLE);
    g_object_set(agent, "upnp", FALSE, "ice-tcp", FALSE, "stun-pacing-timer", TA_MS,
                 "controlling-mode", is_controlling, NULL);
    g_assert_cmpuint(nice_agent_add_stream(agent, 1), ==, STREAM);
    return agent;
}

static void
ignore(NiceAgent *agent, guint stream, guint component, guint size, gchar *bytes,
       gpointer user_data)
{
}

static void
gather(NiceAgent *agent)
{
    nice_agent_attach_recv(agent, STREAM, COMPONENT, NULL, ignore, NULL);
    g_assert_true(nice_agent_gather_candidates(agent, STREAM));
}

static void
introduce(NiceAgent *agent, NiceAgent *peer)
{
    g_autofree char *ufrag = NULL, *pwd = NULL;
    nice_agent_get_local_credentials(peer, STREAM, &ufrag, &pwd);
    nice_agent_set_remote_credentials(agent, STREAM, ufrag, pwd);
    GSList *candidates = nice_agent_get_local_candidates(peer, STREAM, COMPONENT);
    g_assert_nonnull(candidates);
    NiceSources since = nice_sources_mark(NULL);
    nice_agent_set_remote_candidates(agent, STREAM, COMPONENT, candidates);
    nice_sources_check_at_once(&since);
    g_slist_free_full(candidates, (GDestroyNotify) nice_candidate_free);
}

static gboolean
is_connected(NiceAgent *agent)
{
    return nice_agent_get_component_state(agent, STREAM, COMPONENT) >=
           NICE_COMPONENT_STATE_CONNECTED;
}

static void
the_first_check_waits_for_no_pacing(void)
{
    g_autoptr(NiceAgent) a = new_agent(TRUE), b = new_agent(FALSE);
    gather(a);
    gather(b);
    introduce(a, b);
    introduce(b, a);
    wait_until(is_connected(a) && is_connected(b));
}

/* Those with an id up to MAX_SOURCE_ID that have libnice's name for a socket. */
static guint
count_sockets(gboolean can_recurse)
{
    guint count = 0;
    for (guint id = 1; id < MAX_SOURCE_ID; id++) {
        GSource *source = g_main_context_find_source_by_id(NULL, id);
        count += source && g_strcmp0(g_source_get_name(source), "GSocket") == 0 &&
                 g_source_get_can_recurse(source) == can_recurse;
    }
    return count;
}

static void
sockets_stay_in_the_poll_set(void)
{
    g_autoptr(NiceAgent) others = new_agent(TRUE), ours = new_agent(TRUE);
    gather(others);
    guint before = count_sockets(FALSE);
    g_assert_cmpuint(before, >, 0);

    NiceSources since = nice_sources_mark(NULL);
    gather(ours);
    nice_sources_keep_polling(&since);
    g_assert_cmpuint(count_sockets(TRUE), ==, before);
    g_assert_cmpuint(count_sockets(FALSE), ==, before);
}

int
main(int argc, char **argv)
{
    const char *why = NULL;
    g_test_init(&argc, &argv, NULL);
    if (!netns_enter(&why)) {
        g_print("1..0 # SKIP %s\n", why);
        return 77;
    }
    wait_until_enable();
    g_test_add_func("/nice-sources/the-first-check-waits-for-no-pacing",
                    the_first_check_waits_for_no_pacing);
    g_test_add_func("/nice-sources/sockets-stay-in-the-poll-set", sockets_stay_in_the_poll_set);
    return g_test_run();
}
