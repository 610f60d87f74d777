/* How connections look for their paths, as the options say. */
#pragma once

#include "options.h"

#include <pierce.h>

/* NULL with @error set for a server's URI that cannot be used. */
PierceConfiguration *configuration_from_options(const Options *options, GError **error);
