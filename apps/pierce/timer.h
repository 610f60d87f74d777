/* One-place timers: a source that is either running or NULL. */
#pragma once

#include <glib.h>

/* @name must be a literal.  Replaces what runs in @timer. */
void timer_start(GSource **timer, const char *name, guint delay_ms, GSourceFunc func,
                 gpointer user_data);
void timer_stop(GSource **timer);
