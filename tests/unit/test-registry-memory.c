#include "signaling/server/registry-memory.h"

#include <string.h>

#define SECOND G_USEC_PER_SEC

static const RegistryLimits limits = { .max_peers = 4,
                                       .max_room_peers = 2,
                                       .expiry_us = 10 * SECOND };

static RegistryResult
add(Registry *registry, const char *id, const char *name, const char *room, gint64 now_us)
{
    char *client_id = g_ref_string_new(id);
    RegistryEntry entry = { client_id, name, room, "{}" };
    RegistryResult result = registry->funcs->add(registry, &entry, now_us);

    g_ref_string_release(client_id);
    return result;
}

static const char *
found_by_name(Registry *registry, const char *name, const char *except)
{
    const RegistryEntry *entry = registry->funcs->find_by_name(registry, name, except);

    return entry ? entry->client_id : NULL;
}

static void
note(const RegistryEntry *entry, gpointer data)
{
    GString *ids = data;

    g_string_append_printf(ids, "%s%s/%s/%s", ids->len ? " " : "", entry->client_id,
                           entry->peer_name, entry->room ? entry->room : "-");
}

static void
test_the_newest_of_a_name_is_found(void)
{
    g_autoptr(Registry) registry = registry_memory_new(NULL);
    const RegistryFuncs *funcs = registry->funcs;

    add(registry, "1", "anna", NULL, 0);
    add(registry, "2", "anna", NULL, 0);
    g_assert_cmpstr(found_by_name(registry, "anna", NULL), ==, "2");
    g_assert_cmpstr(found_by_name(registry, "anna", "2"), ==, "1");
    g_assert_cmpstr(found_by_name(registry, "bob", NULL), ==, NULL);
    g_assert_true(funcs->remove(registry, "2", NULL, NULL));
    g_assert_false(funcs->remove(registry, "2", NULL, NULL));
    g_assert_cmpstr(found_by_name(registry, "anna", NULL), ==, "1");
    g_assert_true(funcs->remove(registry, "1", NULL, NULL));
    g_assert_cmpstr(found_by_name(registry, "anna", NULL), ==, NULL);
    g_assert_null(funcs->find(registry, "1"));
}

static void
test_rooms(void)
{
    g_autoptr(Registry) registry = registry_memory_new(NULL);
    const RegistryFuncs *funcs = registry->funcs;
    g_autoptr(GString) ids = g_string_new(NULL);

    add(registry, "1", "a", "lobby", 0);
    add(registry, "2", "b", "lobby", 0);
    add(registry, "3", "c", "attic", 0);
    add(registry, "4", "d", NULL, 0);
    g_assert_cmpuint(funcs->count_peers(registry), ==, 4);
    g_assert_cmpuint(funcs->count_rooms(registry), ==, 2);
    funcs->foreach_in_room(registry, "lobby", note, ids);
    g_assert_cmpstr(ids->str, ==, "1/a/lobby 2/b/lobby");
    g_string_truncate(ids, 0);
    funcs->remove(registry, "3", note, ids);
    g_assert_cmpstr(ids->str, ==, "3/c/attic");
    g_assert_cmpuint(funcs->count_rooms(registry), ==, 1);
    funcs->foreach_in_room(registry, "attic", note, ids);
    g_assert_cmpstr(ids->str, ==, "3/c/attic");
}

static void
test_limits(void)
{
    g_autoptr(Registry) registry = registry_memory_new(&limits);

    g_assert_cmpint(add(registry, "1", "a", "lobby", 0), ==, REGISTRY_ADDED);
    g_assert_cmpint(add(registry, "2", "a", "lobby", 0), ==, REGISTRY_ADDED);
    g_assert_cmpint(add(registry, "3", "a", "lobby", 0), ==, REGISTRY_ROOM_FULL);
    g_assert_cmpint(add(registry, "3", "a", "attic", 0), ==, REGISTRY_ADDED);
    g_assert_cmpint(add(registry, "4", "a", NULL, 0), ==, REGISTRY_ADDED);
    g_assert_cmpint(add(registry, "5", "a", NULL, 0), ==, REGISTRY_FULL);
    g_assert_cmpuint(registry->funcs->count_peers(registry), ==, 4);
}

static void
test_expiry(void)
{
    g_autoptr(Registry) registry = registry_memory_new(&limits);
    const RegistryFuncs *funcs = registry->funcs;
    g_autoptr(GString) ids = g_string_new(NULL);

    g_assert_cmpint(funcs->next_expiry_us(registry), ==, -1);
    add(registry, "1", "a", "lobby", 0);
    add(registry, "2", "b", NULL, 1 * SECOND);
    add(registry, "3", "c", "lobby", 2 * SECOND);
    funcs->touch(registry, "1", 5 * SECOND);
    funcs->touch(registry, "unknown", 5 * SECOND);
    g_assert_cmpint(funcs->next_expiry_us(registry), ==, 11 * SECOND);
    funcs->expire(registry, 11 * SECOND - 1, note, ids);
    g_assert_cmpstr(ids->str, ==, "");
    funcs->expire(registry, 12 * SECOND, note, ids);
    g_assert_cmpstr(ids->str, ==, "2/b/- 3/c/lobby");
    g_assert_cmpint(funcs->next_expiry_us(registry), ==, 15 * SECOND);
    g_assert_nonnull(funcs->find(registry, "1"));
    funcs->expire(registry, 15 * SECOND, NULL, NULL);
    g_assert_cmpuint(funcs->count_peers(registry), ==, 0);
    g_assert_cmpuint(funcs->count_rooms(registry), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/registry-memory/names", test_the_newest_of_a_name_is_found);
    g_test_add_func("/registry-memory/rooms", test_rooms);
    g_test_add_func("/registry-memory/limits", test_limits);
    g_test_add_func("/registry-memory/expiry", test_expiry);
    return g_test_run();
}
