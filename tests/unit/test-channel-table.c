#include "datachannel/channel-table.h"

/* A channel is any pointer: here its id plus one, so that 0 is one too. */
#define CHANNEL(id) GUINT_TO_POINTER((guint) (id) + 1)

static const struct {
    const char *name;
    ChannelRole role;
    guint limit;
    guint16 taken[4]; /* ended by CHANNEL_ID_NONE */
    guint16 allocated[3];
} allocations[] = {
    { "client-is-even", CHANNEL_ROLE_CLIENT, 256, { CHANNEL_ID_NONE }, { 0, 2, 4 } },
    { "server-is-odd", CHANNEL_ROLE_SERVER, 256, { CHANNEL_ID_NONE }, { 1, 3, 5 } },
    { "unknown-role-waits",
      CHANNEL_ROLE_UNKNOWN,
      256,
      { CHANNEL_ID_NONE },
      { CHANNEL_ID_NONE, CHANNEL_ID_NONE, CHANNEL_ID_NONE } },
    { "steps-over-negotiated-ids",
      CHANNEL_ROLE_CLIENT,
      256,
      { 0, 1, 4, CHANNEL_ID_NONE },
      { 2, 6, 8 } },
    { "stops-at-the-limit",
      CHANNEL_ROLE_SERVER,
      4,
      { CHANNEL_ID_NONE },
      { 1, 3, CHANNEL_ID_NONE } },
    { "limit-of-one",
      CHANNEL_ROLE_SERVER,
      1,
      { CHANNEL_ID_NONE },
      { CHANNEL_ID_NONE, CHANNEL_ID_NONE, CHANNEL_ID_NONE } },
};

static void
test_allocation(gconstpointer data)
{
    gsize c = GPOINTER_TO_SIZE(data);
    g_autoptr(ChannelTable) table = channel_table_new();

    for (gsize i = 0; allocations[c].taken[i] != CHANNEL_ID_NONE; i++)
        g_assert_true(channel_table_claim(table, allocations[c].taken[i], table));
    channel_table_set_role(table, allocations[c].role);
    for (gsize i = 0; i < G_N_ELEMENTS(allocations[c].allocated); i++)
        g_assert_cmpuint(channel_table_allocate(table, allocations[c].limit, table), ==,
                         allocations[c].allocated[i]);
}

static void
test_a_claimed_id_is_found_and_released(void)
{
    static const guint16 ids[] = { 0, 63, 64, 255, 256, 1024, CHANNEL_ID_MAX };
    g_autoptr(ChannelTable) table = channel_table_new();

    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_assert_null(channel_table_lookup(table, ids[i]));
        g_assert_null(channel_table_release(table, ids[i]));
        g_assert_true(channel_table_claim(table, ids[i], CHANNEL(ids[i])));
        g_assert_false(channel_table_claim(table, ids[i], table));
        g_assert_true(channel_table_lookup(table, ids[i]) == CHANNEL(ids[i]));
    }
    g_assert_cmpuint(channel_table_size(table), ==, G_N_ELEMENTS(ids));
    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_assert_true(channel_table_release(table, ids[i]) == CHANNEL(ids[i]));
        g_assert_null(channel_table_lookup(table, ids[i]));
    }
    g_assert_cmpuint(channel_table_size(table), ==, 0);
}

static void
test_stream_65535_is_none(void)
{
    g_autoptr(ChannelTable) table = channel_table_new();

    channel_table_set_role(table, CHANNEL_ROLE_CLIENT);
    g_assert_false(channel_table_claim(table, CHANNEL_ID_NONE, table));
    g_assert_null(channel_table_lookup(table, CHANNEL_ID_NONE));
    g_assert_null(channel_table_release(table, CHANNEL_ID_NONE));
    g_assert_false(channel_table_is_peer_id(table, CHANNEL_ID_NONE));
}

static void
fill_and_drain(ChannelRole role, guint count)
{
    g_autoptr(ChannelTable) table = channel_table_new();
    guint first = role == CHANNEL_ROLE_SERVER ? 1 : 0;

    channel_table_set_role(table, role);
    for (guint i = 0; i < count; i++)
        g_assert_cmpuint(channel_table_allocate(table, 65535, CHANNEL(i)), ==, first + 2 * i);
    g_assert_cmpuint(channel_table_allocate(table, 65535, table), ==, CHANNEL_ID_NONE);
    g_assert_cmpuint(channel_table_size(table), ==, count);
    /* A hole anywhere is what comes next, the lowest first. */
    for (guint hole = first; hole < CHANNEL_ID_MAX - 600; hole += 602) {
        channel_table_release(table, (guint16) (hole + 600));
        channel_table_release(table, (guint16) hole);
        g_assert_cmpuint(channel_table_allocate(table, 65535, table), ==, hole);
        g_assert_cmpuint(channel_table_allocate(table, 65535, table), ==, hole + 600);
    }
    for (guint i = 0; i < count; i++)
        g_assert_nonnull(channel_table_release(table, (guint16) (first + 2 * i)));
    g_assert_cmpuint(channel_table_size(table), ==, 0);
    g_assert_cmpuint(channel_table_allocate(table, 65535, table), ==, first);
}

static void
test_all_ids_of_a_parity_can_be_used(void)
{
    fill_and_drain(CHANNEL_ROLE_CLIENT, 32768);
    fill_and_drain(CHANNEL_ROLE_SERVER, 32767);
}

static void
test_a_walk_may_start_anywhere(void)
{
    static const struct {
        guint from;
        guint16 found;
    } cases[] = {
        { 0, 5 },   { 5, 5 },    { 6, 70 },    { 64, 70 },
        { 70, 70 }, { 71, 300 }, { 300, 300 }, { 301, CHANNEL_ID_NONE },
    };
    g_autoptr(ChannelTable) table = channel_table_new();

    channel_table_claim(table, 5, table);
    channel_table_claim(table, 70, table);
    channel_table_claim(table, 300, table);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpuint(channel_table_next(table, cases[i].from), ==, cases[i].found);
}

static void
test_the_highest_id_is_known(void)
{
    g_autoptr(ChannelTable) table = channel_table_new();
    static const guint16 ids[] = { 5, 64, 3, CHANNEL_ID_MAX };
    static const guint16 highest[] = { 5, 64, 64, CHANNEL_ID_MAX };

    g_assert_cmpuint(channel_table_highest(table), ==, CHANNEL_ID_NONE);
    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
        channel_table_claim(table, ids[i], table);
        g_assert_cmpuint(channel_table_highest(table), ==, highest[i]);
    }
    channel_table_release(table, CHANNEL_ID_MAX);
    g_assert_cmpuint(channel_table_highest(table), ==, 64);
}

static void
test_walking_is_in_order_and_allows_changes(void)
{
    static const guint16 ids[] = { 0, 1, 63, 64, 65, 255, 256, 300, 40000, CHANNEL_ID_MAX };
    g_autoptr(ChannelTable) table = channel_table_new();
    gsize i = 0;

    g_assert_cmpuint(channel_table_next(table, 0), ==, CHANNEL_ID_NONE);
    for (gsize j = 0; j < G_N_ELEMENTS(ids); j++)
        g_assert_true(channel_table_claim(table, ids[j], CHANNEL(ids[j])));
    g_assert_true(channel_table_claim(table, 301, table));
    for (guint id = channel_table_next(table, 0); id != CHANNEL_ID_NONE;
         id = channel_table_next(table, id + 1)) {
        g_assert_cmpuint(i, <, G_N_ELEMENTS(ids));
        g_assert_cmpuint(id, ==, ids[i++]);
        channel_table_release(table, (guint16) id);
        channel_table_release(table, 301);         /* one that was still to come */
        channel_table_claim(table, 2, CHANNEL(2)); /* one that is behind already, or next */
        channel_table_release(table, 2);
    }
    g_assert_cmpuint(i, ==, G_N_ELEMENTS(ids));
    g_assert_cmpuint(channel_table_size(table), ==, 0);
    g_assert_cmpuint(channel_table_next(table, 65535), ==, CHANNEL_ID_NONE);
    g_assert_cmpuint(channel_table_next(table, 65536), ==, CHANNEL_ID_NONE);
}

static void
test_the_peer_has_the_other_parity(void)
{
    static const struct {
        ChannelRole role;
        guint16 id;
        gboolean is_peers;
    } cases[] = {
        { CHANNEL_ROLE_CLIENT, 0, FALSE },    { CHANNEL_ROLE_CLIENT, 1, TRUE },
        { CHANNEL_ROLE_SERVER, 0, TRUE },     { CHANNEL_ROLE_SERVER, 1, FALSE },
        { CHANNEL_ROLE_UNKNOWN, 0, FALSE },   { CHANNEL_ROLE_UNKNOWN, 1, FALSE },
        { CHANNEL_ROLE_SERVER, 65534, TRUE },
    };
    g_autoptr(ChannelTable) table = channel_table_new();

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        channel_table_set_role(table, cases[i].role);
        g_assert_cmpint(channel_table_get_role(table), ==, cases[i].role);
        g_assert_cmpint(channel_table_is_peer_id(table, cases[i].id), ==, cases[i].is_peers);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(allocations); i++) {
        g_autofree char *path =
            g_strconcat("/channel-table/allocation/", allocations[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_allocation);
    }
    g_test_add_func("/channel-table/a-claimed-id-is-found-and-released",
                    test_a_claimed_id_is_found_and_released);
    g_test_add_func("/channel-table/stream-65535-is-none", test_stream_65535_is_none);
    g_test_add_func("/channel-table/all-ids-of-a-parity-can-be-used",
                    test_all_ids_of_a_parity_can_be_used);
    g_test_add_func("/channel-table/a-walk-may-start-anywhere", test_a_walk_may_start_anywhere);
    g_test_add_func("/channel-table/the-highest-id-is-known", test_the_highest_id_is_known);
    g_test_add_func("/channel-table/walking-is-in-order-and-allows-changes",
                    test_walking_is_in_order_and_allows_changes);
    g_test_add_func("/channel-table/the-peer-has-the-other-parity",
                    test_the_peer_has_the_other_parity);
    return g_test_run();
}
