/* Owns nothing: works around two habits of libnice 0.1.21 that no property of its changes.  Knows
 * its sources by the names that they carry; where there is none of that name, nothing is done.
 *
 *  - The first connectivity check waits for one Ta, although Ta only keeps transactions apart, RFC
 *    8445 section 14.2.  Delete when libnice sends it at once.
 *  - Each datagram wakes the loop twice, because GLib takes a source's descriptor out of the poll
 * set while the source runs and puts it back after.  Delete when libnice lets its sources recurse.
 */
#include "ice/nice-sources.h"

#define CHECK_TIMER "Connectivity check schedule"
#define SOCKET "GSocket"

/* The ids of a context's sources count up: those of the sources in between lie in between. */
static guint
next_id(GMainContext *context)
{
    g_autoptr(GSource) source = g_idle_source_new();
    guint id = g_source_attach(source, context);
    g_source_destroy(source);
    return id;
}

NiceSources
nice_sources_mark(GMainContext *context)
{
    return (NiceSources){ .context = context, .first_id = next_id(context) };
}

static void
for_each(const NiceSources *since, const char *name, void (*use)(GSource *source))
{
    guint end = next_id(since->context);
    for (guint id = since->first_id; id < end; id++) {
        GSource *source = g_main_context_find_source_by_id(since->context, id);
        if (source && g_strcmp0(g_source_get_name(source), name) == 0)
            use(source);
    }
}

static void
make_ready(GSource *source)
{
    g_source_set_ready_time(source, 0);
}

void
nice_sources_check_at_once(const NiceSources *since)
{
    for_each(since, CHECK_TIMER, make_ready);
}

static void
let_recurse(GSource *source)
{
    g_source_set_can_recurse(source, TRUE);
}

void
nice_sources_keep_polling(const NiceSources *since)
{
    for_each(since, SOCKET, let_recurse);
}
