/* What pierce's peer answers, a line each. */
#pragma once

#include <glib.h>

void say(const char *format, ...) G_GNUC_PRINTF(1, 2);
