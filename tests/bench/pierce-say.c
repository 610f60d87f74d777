/* Owns standard output.  Ends the process once nobody reads it any more. */
#include "tests/bench/pierce-say.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void
say(const char *format, ...)
{
    g_autoptr(GString) line = g_string_new(NULL);
    va_list arguments;
    va_start(arguments, format);
    g_string_vprintf(line, format, arguments);
    va_end(arguments);
    g_string_append_c(line, '\n');
    for (gsize at = 0; at < line->len;) {
        ssize_t written = write(STDOUT_FILENO, line->str + at, line->len - at);
        if (written < 0 && errno != EINTR)
            exit(1); /* nobody listens any more */
        at += (gsize) MAX(written, 0);
    }
}
