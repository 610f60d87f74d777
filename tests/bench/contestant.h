/* Who can be measured: pierce, and those of the others that are installed. */
#pragma once

#include <gio/gio.h>

typedef struct {
    const char *name;
    char *arguments[5]; /* NULL-terminated */
    char *version;      /* NULL until it has run */
} Contestant;

/* Those named in @names (separated by commas; NULL for all); pierce comes first.  Who is missing is
 * put into @missing with what to do about it.  NULL with @error set for a name nobody has. */
GPtrArray *contestants_find(const char *names, GPtrArray *missing, GError **error);
