/* What pierced can be told, on its command line, in its environment and in files. */
#pragma once

#include "signaling/server/server.h"

typedef struct {
    ServerConfig config;
    gboolean json;
    gboolean version;
    GPtrArray *owned; /* what config points to */
} Options;

void options_clear(Options *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* Fills @options; `--help` prints and ends the process.  FALSE with @error for what cannot be
 * understood. */
gboolean options_parse(Options *options, int argc, char **argv, GError **error);
