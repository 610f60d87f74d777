/* What happens when the path goes away under an open connection: its address is taken from the
 * host. */
#include "tests/support/channel-pair.h"
#include "tests/support/netns.h"

#include <string.h>

#define LOSE_IPV4 "address del 192.0.2.1/24 dev eth0"
#define LOSE_IPV6 "-6 address del 2001:db8::1/64 dev eth0"
#define GET_IPV4 "address add 192.0.2.1/24 dev eth0"
#define GET_IPV6 "-6 address add 2001:db8::1/64 dev eth0 nodad"

static PiercePeerConnectionState
get_state(PiercePeerConnection *connection)
{
    return pierce_peer_connection_get_connection_state(connection);
}

static void
test_a_lost_path_is_replaced_by_a_restart(ChannelPair *f, gconstpointer data)
{
    netns_ip(LOSE_IPV4);
    wait_until_within(30, get_state(f->pair.offerer) == PIERCE_PEER_CONNECTION_STATE_DISCONNECTED);
    g_assert_true(pierce_data_channel_send_text(f->sender, "sent while away", NULL));

    pierce_peer_connection_restart_ice(f->pair.offerer);
    peer_pair_negotiate(&f->pair, f->pair.offerer);
    wait_until(f->received->len == 1);
    g_assert_cmpint(get_state(f->pair.offerer), ==, PIERCE_PEER_CONNECTION_STATE_CONNECTED);
    g_assert_null(pierce_peer_connection_get_error(f->pair.offerer));
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(f->pair.offerer);
    g_assert_nonnull(strstr(pierce_stats_get_remote_address(stats), "2001:db8::1"));
    g_assert_cmpuint(f->closed, ==, 0);
    netns_ip(GET_IPV4);
}

static void
test_a_peer_that_vanishes_is_reported_within_30_s(ChannelPair *f, gconstpointer data)
{
    netns_ip(LOSE_IPV4);
    netns_ip(LOSE_IPV6);
    wait_until_within(30, get_state(f->pair.offerer) == PIERCE_PEER_CONNECTION_STATE_FAILED);
    g_assert_error(pierce_peer_connection_get_error(f->pair.offerer), PIERCE_ERROR,
                   PIERCE_ERROR_ICE_CONSENT_LOST);
    netns_ip(GET_IPV4);
    netns_ip(GET_IPV6);

    /* failed is not closed: a restart may still find a path */
    pierce_peer_connection_restart_ice(f->pair.offerer);
    peer_pair_negotiate(&f->pair, f->pair.offerer);
    wait_until(get_state(f->pair.offerer) == PIERCE_PEER_CONNECTION_STATE_CONNECTED);
    g_assert_true(pierce_data_channel_send_text(f->sender, "back", NULL));
    wait_until(f->received->len == 1);
}

static void
test_no_path_at_all_fails_with_what_was_tried(void)
{
    ChannelPair f;
    channel_pair_init(&f, NULL);
    f.pair.drops_candidates = TRUE;
    f.sender = pierce_peer_connection_create_data_channel(f.pair.offerer, "chat", NULL, NULL);
    netns_ip(LOSE_IPV4);
    netns_ip(LOSE_IPV6);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    wait_until_within(40, get_state(f.pair.offerer) == PIERCE_PEER_CONNECTION_STATE_FAILED);
    g_assert_error(pierce_peer_connection_get_error(f.pair.offerer), PIERCE_ERROR,
                   PIERCE_ERROR_ICE_NO_CANDIDATES);
    g_autofree char *report = pierce_peer_connection_get_report(f.pair.offerer);
    g_assert_nonnull(strstr(report, "why: ICE: this host has no address"));
    netns_ip(GET_IPV4);
    netns_ip(GET_IPV6);
    channel_pair_teardown(&f, NULL);
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
    add_channel_case("/path-loss/a-lost-path-is-replaced-by-a-restart",
                     test_a_lost_path_is_replaced_by_a_restart);
    add_channel_case("/path-loss/a-peer-that-vanishes-is-reported-within-30-s",
                     test_a_peer_that_vanishes_is_reported_within_30_s);
    g_test_add_func("/path-loss/no-path-at-all-fails-with-what-was-tried",
                    test_no_path_at_all_fails_with_what_was_tried);
    return g_test_run();
}
