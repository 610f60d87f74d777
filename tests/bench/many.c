/* Many pairs at once.  A figure counts only where every single one of them is open. */
#include "tests/bench/many.h"

#include "tests/bench/link.h"

#define WARM_UP_PAIRS 5
#define HOLD_SECONDS 30
#define HOLD_SECONDS_PER_PAIR 0.2
#define SETTLE_SECONDS 0.5 /* until what set-up took is given back */

/* ---- memory ---- */

static gboolean
hold(Link *link, guint count, GError **error)
{
    double seconds = HOLD_SECONDS + count * HOLD_SECONDS_PER_PAIR;
    link_tell(link, LINK_OFFERER, "hold %u", count);
    g_auto(GStrv) words = link_wait(link, LINK_OFFERER, "held", seconds, error);
    return words && link_run(link, SETTLE_SECONDS, error);
}

/* Both processes are counted, but the other one does nothing. */
gboolean
many_run_memory(const Workload *workload, const char *const *peer, const WorkloadOptions *options,
                double *values, GError **error)
{
    double before = 0;
    Link *link = link_new(peer, NULL, error);
    gboolean is_done = link && hold(link, WARM_UP_PAIRS, error);
    if (is_done) {
        before = link_get_resident_bytes(link);
        is_done = hold(link, workload->pairs, error);
    }
    if (is_done)
        values[0] = (link_get_resident_bytes(link) - before) / workload->pairs / 1e3;
    g_clear_pointer(&link, link_free);
    return is_done;
}
