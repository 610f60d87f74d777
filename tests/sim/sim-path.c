/* Owns the datagrams under way in one direction.  Delivers from the loop, never from within a send,
 * in the order of their due times. */
#include "tests/sim/sim-path.h"

typedef struct {
    gint64 due_us;
    guint64 number; /* keeps the order of those due at once */
    GBytes *bytes;
} Datagram;

struct SimPath {
    Path path; /* first, so that the one is the other */
    SimConditions conditions;
    SimPathFuncs funcs;
    GRand *random;
    GSequence *under_way; /* of Datagram */
    GSource *timer;
    guint64 sent;
    guint flights;
};

static void
datagram_free(gpointer data)
{
    Datagram *datagram = data;
    g_bytes_unref(datagram->bytes);
    g_free(datagram);
}

static gint
compare_due(gconstpointer a, gconstpointer b, gpointer user_data)
{
    const Datagram *one = a;
    const Datagram *other = b;
    if (one->due_us != other->due_us)
        return one->due_us < other->due_us ? -1 : 1;
    return one->number < other->number ? -1 : 1;
}

static void
arm(SimPath *self)
{
    GSequenceIter *first = g_sequence_get_begin_iter(self->under_way);
    const Datagram *next = g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
    g_source_set_ready_time(self->timer, next ? next->due_us : -1);
}

static void
enqueue(SimPath *self, const guint8 *bytes, gsize size, gint64 due_us)
{
    Datagram *datagram = g_new(Datagram, 1);
    *datagram = (Datagram){ due_us, self->sent++, g_bytes_new(bytes, size) };
    g_sequence_insert_sorted(self->under_way, datagram, compare_due, NULL);
}

static gboolean
is_hit(SimPath *self, guint percent)
{
    return sim_path_random(self, 100) < percent;
}

static gint64
random_due_us(SimPath *self)
{
    const SimConditions *conditions = &self->conditions;
    guint extra_ms = conditions->max_delay_ms - conditions->min_delay_ms;
    guint delay_us = sim_path_random(self, extra_ms * 1000 + 1);
    return g_get_monotonic_time() + conditions->min_delay_ms * 1000 + delay_us;
}

static void
send_datagram(SimPath *self, const guint8 *bytes, gsize size)
{
    g_autoptr(GByteArray) datagram = g_byte_array_new();
    g_byte_array_append(datagram, bytes, (guint) size);
    if (self->funcs.on_send)
        self->funcs.on_send(self, datagram, self->funcs.user_data);
    if (!is_hit(self, self->conditions.loss_percent))
        enqueue(self, datagram->data, datagram->len, random_due_us(self));
    if (is_hit(self, self->conditions.duplicate_percent))
        enqueue(self, datagram->data, datagram->len, random_due_us(self));
}

static void
send_all(Path *path, const guint8 *bytes, const guint16 *sizes, guint count)
{
    SimPath *self = (SimPath *) path;
    self->flights++;
    for (guint i = 0; i < count; i++) {
        send_datagram(self, bytes, sizes[i]);
        bytes += sizes[i];
    }
    arm(self);
}

static GByteArray *
take_due(SimPath *self, gint64 now_us)
{
    GByteArray *glued = g_byte_array_new();
    GSequenceIter *first;
    while (first = g_sequence_get_begin_iter(self->under_way), !g_sequence_iter_is_end(first)) {
        const Datagram *next = g_sequence_get(first);
        if (next->due_us > now_us || (glued->len > 0 && !self->conditions.glues))
            break;
        gsize size;
        const guint8 *bytes = g_bytes_get_data(next->bytes, &size);
        g_byte_array_append(glued, bytes, (guint) size);
        g_sequence_remove(first);
    }
    return glued;
}

static gboolean
on_due(gpointer user_data)
{
    SimPath *self = user_data;
    g_autoptr(GByteArray) arrived = take_due(self, g_get_monotonic_time());
    arm(self);
    if (arrived->len > 0)
        self->funcs.on_receive(arrived->data, arrived->len, self->funcs.user_data);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
    return callback(user_data);
}

static guint
get_max_datagram(Path *path)
{
    return 1200;
}

static void
describe(Path *path, PathInfo *info)
{
    *info = (PathInfo){ .local_type = "host", .remote_type = "host", .protocol = "udp" };
}

static void
free_path(Path *path)
{
    SimPath *self = (SimPath *) path;
    g_source_destroy(self->timer);
    g_source_unref(self->timer);
    g_sequence_free(self->under_way);
    g_rand_free(self->random);
    g_free(self);
}

static const PathFuncs path_funcs = {
    .send = send_all,
    .get_max_datagram = get_max_datagram,
    .describe = describe,
    .free = free_path,
};

SimPath *
sim_path_new(const SimConditions *conditions, guint32 seed, const SimPathFuncs *funcs)
{
    static GSourceFuncs source_funcs = { .dispatch = dispatch };
    SimPath *self = g_new0(SimPath, 1);
    self->path.funcs = &path_funcs;
    self->conditions = *conditions;
    self->funcs = *funcs;
    self->random = g_rand_new_with_seed(seed);
    self->under_way = g_sequence_new(datagram_free);
    self->timer = g_source_new(&source_funcs, sizeof(GSource));
    g_source_set_callback(self->timer, on_due, self, NULL);
    g_source_attach(self->timer, NULL);
    return self;
}

Path *
sim_path_get_path(SimPath *self)
{
    return &self->path;
}

void
sim_path_inject(SimPath *self, const guint8 *bytes, gsize size)
{
    enqueue(self, bytes, size, g_get_monotonic_time());
    arm(self);
}

guint
sim_path_get_flights(SimPath *self)
{
    return self->flights;
}

guint32
sim_path_random(SimPath *self, guint32 below)
{
    return (guint32) g_rand_int_range(self->random, 0, (gint32) below);
}
