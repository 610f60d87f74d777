/* Owns the names being asked for and their timers; the bytes are mdns-message's, the sockets
 * mdns-socket's.  Caches nothing: a browser makes new names for each page.  RFC 6762 section 5.2.
 *
 *   resolve -> asking (0, 100, 300, 700 ms) -> answered, or given up at 1500 ms -> called back */
#include "ice/mdns.h"

#include "ice/candidate.h"
#include "ice/mdns-message.h"
#include "ice/mdns-socket.h"

#include <gio/gio.h>
#include <string.h>

/* When the query goes out, in ms after the name was asked for, and at the end when it is given up.
 * Closer together than RFC 6762 section 5.2 has it for queries that go on for ever: these are few,
 * and a candidate that comes a second later comes too late. */
static const guint schedule_ms[] = { 0, 100, 300, 700, 1500 };

typedef struct {
    MdnsResolver *resolver;
    char *name;
    MdnsResolvedFunc func;
    gpointer user_data;
    GSource *timer;
    guint step; /* the entry of schedule_ms that comes next */
    Address address;
} Pending;

struct MdnsResolver {
    guint n_refs; /* one of the owner's, one of each report under way */
    gboolean is_freed;
    GMainContext *context;
    MdnsSockets *sockets; /* NULL while nothing is pending */
    GPtrArray *pending;
};

static void
stop_timer(Pending *pending)
{
    if (pending->timer) {
        g_source_destroy(pending->timer);
        g_clear_pointer(&pending->timer, g_source_unref);
    }
}

static void
pending_free(gpointer data)
{
    Pending *pending = data;

    stop_timer(pending);
    g_free(pending->name);
    g_free(pending);
}

static void
resolver_unref(MdnsResolver *resolver)
{
    if (--resolver->n_refs > 0)
        return;
    g_ptr_array_unref(resolver->pending);
    g_main_context_unref(resolver->context);
    g_free(resolver);
}

static void
close_if_idle(MdnsResolver *resolver)
{
    if (resolver->pending->len == 0)
        g_clear_pointer(&resolver->sockets, mdns_sockets_close);
}

/* Calls back for @done, names that are no longer pending.  Any of the calls may free the resolver,
 * after which there are no more. */
static void
report(MdnsResolver *resolver, GPtrArray *done)
{
    resolver->n_refs++;
    for (guint i = 0; i < done->len && !resolver->is_freed; i++) {
        const Pending *pending = g_ptr_array_index(done, i);
        pending->func(pending->name, pending->address.family ? &pending->address : NULL,
                      pending->user_data);
    }
    if (!resolver->is_freed)
        close_if_idle(resolver);
    resolver_unref(resolver);
}

static void
on_message(const guint8 *bytes, gsize size, gpointer user_data)
{
    MdnsResolver *resolver = user_data;
    g_autoptr(GPtrArray) done = g_ptr_array_new_with_free_func(pending_free);

    for (guint i = 0; i < resolver->pending->len;) {
        Pending *pending = g_ptr_array_index(resolver->pending, i);
        if (mdns_response_parse(bytes, size, pending->name, &pending->address, 1) > 0)
            g_ptr_array_add(done, g_ptr_array_steal_index(resolver->pending, i));
        else
            i++;
    }
    report(resolver, done);
}

static void
give_up(Pending *pending)
{
    MdnsResolver *resolver = pending->resolver;
    g_autoptr(GPtrArray) done = g_ptr_array_new_with_free_func(pending_free);
    guint i = 0;

    g_ptr_array_find(resolver->pending, pending, &i);
    g_ptr_array_add(done, g_ptr_array_steal_index(resolver->pending, i));
    report(resolver, done);
}

static void
send_query(const Pending *pending)
{
    g_autoptr(GByteArray) query = g_byte_array_new();

    mdns_query_write(pending->name, query);
    mdns_sockets_send(pending->resolver->sockets, query->data, query->len);
}

static void start_timer(Pending *pending);

static gboolean
on_timer(gpointer user_data)
{
    Pending *pending = user_data;

    if (++pending->step == G_N_ELEMENTS(schedule_ms)) {
        give_up(pending);
        return G_SOURCE_REMOVE;
    }
    send_query(pending);
    start_timer(pending);
    return G_SOURCE_REMOVE;
}

static void
start_timer(Pending *pending)
{
    guint wait_ms =
        schedule_ms[pending->step] - (pending->step ? schedule_ms[pending->step - 1] : 0);

    stop_timer(pending);
    pending->timer = g_timeout_source_new(wait_ms);
    g_source_set_static_name(pending->timer, "pierce mdns query");
    g_source_set_callback(pending->timer, on_timer, pending, NULL);
    g_source_attach(pending->timer, pending->resolver->context);
}

MdnsResolver *
mdns_resolver_new(void)
{
    MdnsResolver *resolver = g_new0(MdnsResolver, 1);

    resolver->n_refs = 1;
    resolver->context = g_main_context_ref_thread_default();
    resolver->pending = g_ptr_array_new_with_free_func(pending_free);
    return resolver;
}

void
mdns_resolver_free(MdnsResolver *resolver)
{
    if (!resolver)
        return;
    resolver->is_freed = TRUE;
    g_ptr_array_set_size(resolver->pending, 0);
    close_if_idle(resolver);
    resolver_unref(resolver);
}

gboolean
mdns_resolver_resolve(MdnsResolver *resolver, const char *name, MdnsResolvedFunc func,
                      gpointer user_data, GError **error)
{
    if (!candidate_is_local_name(name, strlen(name))) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "mDNS: \"%.64s\" is not of the form LABEL.local", name);
        return FALSE;
    }
    if (resolver->pending->len >= MDNS_MAX_PENDING) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
                    "mDNS: %d names are already being resolved, \"%.70s\" would be one too many",
                    MDNS_MAX_PENDING, name);
        return FALSE;
    }
    if (!resolver->sockets)
        resolver->sockets = mdns_sockets_open(resolver->context, on_message, resolver, error);
    if (!resolver->sockets)
        return FALSE;

    Pending *pending = g_new0(Pending, 1);
    pending->resolver = resolver;
    pending->name = g_strdup(name);
    pending->func = func;
    pending->user_data = user_data;
    g_ptr_array_add(resolver->pending, pending);
    start_timer(pending);
    return TRUE;
}
