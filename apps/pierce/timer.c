/* Owns nothing: the source belongs to who keeps it. */
#include "timer.h"

void
timer_stop(GSource **timer)
{
    if (*timer)
        g_source_destroy(*timer);
    g_clear_pointer(timer, g_source_unref);
}

void
timer_start(GSource **timer, const char *name, guint delay_ms, GSourceFunc func, gpointer user_data)
{
    timer_stop(timer);
    *timer = g_timeout_source_new(delay_ms);
    g_source_set_static_name(*timer, name);
    g_source_set_callback(*timer, func, user_data, NULL);
    g_source_attach(*timer, NULL);
}
