/* Counts the turns of the main loop, by which a loop that spins is told from one that waits. */
#pragma once

#include <glib.h>

/* Counts from here on, for as long as the source lives. */
GSource *loop_turns_new(void);
gint64 loop_turns_count(GSource *source);
