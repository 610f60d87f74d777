/* A source that is never ready: its prepare function sees each turn. */
#include "tests/support/loop-turns.h"

typedef struct {
    GSource source;
    gint64 count;
} LoopTurns;

static gboolean
prepare(GSource *source, gint *timeout_ms)
{
    ((LoopTurns *) source)->count++;
    *timeout_ms = -1;
    return FALSE;
}

GSource *
loop_turns_new(void)
{
    static GSourceFuncs funcs = { .prepare = prepare };
    GSource *source = g_source_new(&funcs, sizeof(LoopTurns));
    /* a source of a higher priority that is ready would keep ours from being asked */
    g_source_set_priority(source, G_PRIORITY_HIGH);
    g_source_attach(source, NULL);
    return source;
}

gint64
loop_turns_count(GSource *source)
{
    return ((LoopTurns *) source)->count;
}
