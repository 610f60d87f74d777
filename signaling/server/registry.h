/* Who is registered: a table of functions that every way of keeping that fills in.
 *
 * Time is passed in, in monotonic microseconds.  Strings that come out belong to the registry until
 * its next change; ids are #GRefString, so that who needs one longer takes a reference. */
#pragma once

#include <glib.h>

typedef struct {
    const char *client_id; /* a GRefString */
    const char *peer_name;
    const char *room;      /* NULL where it is in none */
    const char *peer_info; /* JSON text, as message_take_peer_info() makes it */
} RegistryEntry;

typedef enum {
    REGISTRY_ADDED,
    REGISTRY_FULL,
    REGISTRY_ROOM_FULL,
} RegistryResult;

typedef struct {
    guint max_peers;
    guint max_room_peers;
    gint64 expiry_us; /* a registration lasts so long after its last sign of life */
} RegistryLimits;

extern const RegistryLimits registry_default_limits;

typedef void (*RegistryFunc)(const RegistryEntry *entry, gpointer user_data);

typedef struct Registry Registry;

typedef struct {
    /* The id must not be registered. */
    RegistryResult (*add)(Registry *self, const RegistryEntry *entry, gint64 now_us);
    const RegistryEntry *(*find)(Registry *self, const char *client_id);
    /* The one of that name that registered last, leaving out @except_id. */
    const RegistryEntry *(*find_by_name)(Registry *self, const char *name, const char *except_id);
    void (*foreach_in_room)(Registry *self, const char *room, RegistryFunc func,
                            gpointer user_data);
    /* Notes a sign of life. */
    void (*touch)(Registry *self, const char *client_id, gint64 now_us);
    /* Takes one out and gives it to @func, which may look into the registry and not change it. */
    gboolean (*remove)(Registry *self, const char *client_id, RegistryFunc func,
                       gpointer user_data);
    /* The same for each whose time is over. */
    void (*expire)(Registry *self, gint64 now_us, RegistryFunc func, gpointer user_data);
    /* When the next one expires, -1 for never. */
    gint64 (*next_expiry_us)(Registry *self);
    guint (*count_peers)(Registry *self);
    guint (*count_rooms)(Registry *self);
    void (*free)(Registry *self);
} RegistryFuncs;

struct Registry {
    const RegistryFuncs *funcs;
};

static inline void
registry_free(Registry *registry)
{
    registry->funcs->free(registry);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Registry, registry_free)
