/* Owns how an event of a test program is written: one JSON object in a line of standard output. */
#include "tests/support/event-line.h"

#include <stdio.h>

static void
append_json_string(GString *line, const char *text)
{
    g_string_append_c(line, '"');
    for (const char *at = text; *at; at++) {
        guchar c = (guchar) *at;
        if (c < 0x20 || c == '"' || c == '\\')
            g_string_append_printf(line, "\\u%04x", c);
        else
            g_string_append_c(line, *at);
    }
    g_string_append_c(line, '"');
}

GString *
event_new(const char *name)
{
    GString *line = g_string_new("{\"event\":");

    append_json_string(line, name);
    return line;
}

void
event_add_text(GString *line, const char *name, const char *value)
{
    g_string_append_printf(line, ",\"%s\":", name);
    if (value)
        append_json_string(line, value);
    else
        g_string_append(line, "null");
}

void
event_add_int(GString *line, const char *name, gint64 value)
{
    g_string_append_printf(line, ",\"%s\":%" G_GINT64_FORMAT, name, value);
}

void
event_add_ms(GString *line, const char *name, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf(line, ",\"%s\":%s", name,
                           g_ascii_formatd(digits, sizeof digits, "%.3f", value));
}

/* Takes @line.  Not g_print(), which would turn UTF-8 into what the locale can say. */
void
event_print(GString *line)
{
    g_string_append(line, "}\n");
    fputs(line->str, stdout);
    fflush(stdout);
    g_string_free(line, TRUE);
}
