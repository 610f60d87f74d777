/* Reaches the sources that a call into libnice attaches to a context: mark before the call, use
 * after it, all from the context's thread. */
#pragma once

#include <glib.h>

typedef struct {
    GMainContext *context;
    guint first_id; /* a source attached from now on has this id, or one above it */
} NiceSources;

NiceSources nice_sources_mark(GMainContext *context);

/* Connectivity checks that were scheduled since the mark start with the next turn of the loop. */
void nice_sources_check_at_once(const NiceSources *since);

/* Sockets that were attached since the mark stay in the loop's poll set while they are read. */
void nice_sources_keep_polling(const NiceSources *since);
