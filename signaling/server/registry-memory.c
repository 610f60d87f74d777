/* Owns the registrations of this process.  Never sends anything, never reads a clock.
 *
 * A peer is in up to four places, each of which it leaves in constant time: the table by id, the
 * list of its name (newest first), that of its room, and that of all peers by last sign of life
 * (oldest first, which is the order in which they expire, because all last equally long). */
#include "signaling/server/registry-memory.h"

#include <string.h>

const RegistryLimits registry_default_limits = {
    .max_peers = 10000,
    .max_room_peers = 64,
    .expiry_us = 300 * G_USEC_PER_SEC,
};

typedef struct {
    char *key;
    GQueue peers; /* of Peer, linked by one of their own links */
} Group;

typedef struct {
    RegistryEntry entry;
    char *info;
    gint64 alive_us; /* its last sign of life */
    Group *by_name, *by_room;
    GList name_link, room_link, age_link;
} Peer;

typedef struct {
    Registry base;
    RegistryLimits limits;
    GHashTable *peers; /* id to Peer */
    GHashTable *names; /* name to Group */
    GHashTable *rooms; /* room to Group */
    GQueue by_age;
} MemoryRegistry;

static void
free_group(gpointer data)
{
    Group *group = data;

    g_free(group->key);
    g_free(group);
}

static void
free_peer(gpointer data)
{
    Peer *peer = data;

    g_ref_string_release((char *) peer->entry.client_id);
    g_free(peer->info);
    g_free(peer);
}

static Group *
join_group(GHashTable *groups, const char *key, GList *link)
{
    Group *group = g_hash_table_lookup(groups, key);

    if (!group) {
        group = g_new0(Group, 1);
        group->key = g_strdup(key);
        g_hash_table_insert(groups, group->key, group);
    }
    g_queue_push_head_link(&group->peers, link);
    return group;
}

static void
leave_group(GHashTable *groups, Group *group, GList *link)
{
    g_queue_unlink(&group->peers, link);
    if (group->peers.length == 0)
        g_hash_table_remove(groups, group->key);
}

static RegistryResult
add(Registry *base, const RegistryEntry *entry, gint64 now_us)
{
    MemoryRegistry *self = (MemoryRegistry *) base;
    Group *room = entry->room ? g_hash_table_lookup(self->rooms, entry->room) : NULL;

    if (g_hash_table_size(self->peers) >= self->limits.max_peers)
        return REGISTRY_FULL;
    if (room && room->peers.length >= self->limits.max_room_peers)
        return REGISTRY_ROOM_FULL;

    Peer *peer = g_new0(Peer, 1);
    peer->name_link.data = peer->room_link.data = peer->age_link.data = peer;
    peer->info = g_strdup(entry->peer_info);
    peer->alive_us = now_us;
    peer->by_name = join_group(self->names, entry->peer_name, &peer->name_link);
    if (entry->room)
        peer->by_room = join_group(self->rooms, entry->room, &peer->room_link);
    peer->entry = (RegistryEntry){
        .client_id = g_ref_string_acquire((char *) entry->client_id),
        .peer_name = peer->by_name->key,
        .room = peer->by_room ? peer->by_room->key : NULL,
        .peer_info = peer->info,
    };
    g_queue_push_tail_link(&self->by_age, &peer->age_link);
    g_hash_table_insert(self->peers, (gpointer) peer->entry.client_id, peer);
    return REGISTRY_ADDED;
}

static const RegistryEntry *
find(Registry *base, const char *client_id)
{
    Peer *peer = g_hash_table_lookup(((MemoryRegistry *) base)->peers, client_id);

    return peer ? &peer->entry : NULL;
}

static const RegistryEntry *
find_by_name(Registry *base, const char *name, const char *except_id)
{
    Group *group = g_hash_table_lookup(((MemoryRegistry *) base)->names, name);

    for (GList *link = group ? group->peers.head : NULL; link; link = link->next) {
        Peer *peer = link->data;
        if (!except_id || strcmp(peer->entry.client_id, except_id) != 0)
            return &peer->entry;
    }
    return NULL;
}

static void
foreach_in_room(Registry *base, const char *room, RegistryFunc func, gpointer user_data)
{
    Group *group = g_hash_table_lookup(((MemoryRegistry *) base)->rooms, room);

    for (GList *link = group ? group->peers.tail : NULL; link; link = link->prev)
        func(&((Peer *) link->data)->entry, user_data);
}

static void
touch(Registry *base, const char *client_id, gint64 now_us)
{
    MemoryRegistry *self = (MemoryRegistry *) base;
    Peer *peer = g_hash_table_lookup(self->peers, client_id);

    if (!peer)
        return;
    peer->alive_us = now_us;
    g_queue_unlink(&self->by_age, &peer->age_link);
    g_queue_push_tail_link(&self->by_age, &peer->age_link);
}

/* The entry that @func gets must outlive the groups, which may hold its strings alone. */
static void
take_out(MemoryRegistry *self, Peer *peer, RegistryFunc func, gpointer user_data)
{
    RegistryEntry entry = peer->entry;
    g_autofree char *name = g_strdup(entry.peer_name);
    g_autofree char *room = g_strdup(entry.room);

    entry.peer_name = name;
    entry.room = room;
    leave_group(self->names, peer->by_name, &peer->name_link);
    if (peer->by_room)
        leave_group(self->rooms, peer->by_room, &peer->room_link);
    g_queue_unlink(&self->by_age, &peer->age_link);
    g_hash_table_steal(self->peers, entry.client_id);
    if (func)
        func(&entry, user_data);
    free_peer(peer);
}

static gboolean
remove_peer(Registry *base, const char *client_id, RegistryFunc func, gpointer user_data)
{
    MemoryRegistry *self = (MemoryRegistry *) base;
    Peer *peer = g_hash_table_lookup(self->peers, client_id);

    if (peer)
        take_out(self, peer, func, user_data);
    return peer != NULL;
}

static gint64
next_expiry_us(Registry *base)
{
    MemoryRegistry *self = (MemoryRegistry *) base;
    Peer *oldest = g_queue_peek_head(&self->by_age);

    return oldest ? oldest->alive_us + self->limits.expiry_us : -1;
}

static void
expire(Registry *base, gint64 now_us, RegistryFunc func, gpointer user_data)
{
    MemoryRegistry *self = (MemoryRegistry *) base;
    gint64 next_us;

    while ((next_us = next_expiry_us(base)) >= 0 && next_us <= now_us)
        take_out(self, g_queue_peek_head(&self->by_age), func, user_data);
}

static guint
count_peers(Registry *base)
{
    return g_hash_table_size(((MemoryRegistry *) base)->peers);
}

static guint
count_rooms(Registry *base)
{
    return g_hash_table_size(((MemoryRegistry *) base)->rooms);
}

static void
free_registry(Registry *base)
{
    MemoryRegistry *self = (MemoryRegistry *) base;

    g_hash_table_unref(self->peers);
    g_hash_table_unref(self->names);
    g_hash_table_unref(self->rooms);
    g_free(self);
}

static const RegistryFuncs memory_funcs = {
    .add = add,
    .find = find,
    .find_by_name = find_by_name,
    .foreach_in_room = foreach_in_room,
    .touch = touch,
    .remove = remove_peer,
    .expire = expire,
    .next_expiry_us = next_expiry_us,
    .count_peers = count_peers,
    .count_rooms = count_rooms,
    .free = free_registry,
};

Registry *
registry_memory_new(const RegistryLimits *limits)
{
    MemoryRegistry *self = g_new0(MemoryRegistry, 1);

    self->base.funcs = &memory_funcs;
    self->limits = limits ? *limits : registry_default_limits;
    self->peers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_peer);
    self->names = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_group);
    self->rooms = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_group);
    g_queue_init(&self->by_age);
    return &self->base;
}
