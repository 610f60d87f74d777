/* Owns the writing of JSON events; never reads any.  RFC 8259. */
#include "json-line.h"

#include <stdio.h>

static void
append_string(GString *text, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);

    g_string_append_c(text, '"');
    for (const char *at = valid; *at; at++) {
        guchar byte = (guchar) *at;
        if (byte == '"' || byte == '\\')
            g_string_append_printf(text, "\\%c", byte);
        else if (byte == '\n')
            g_string_append(text, "\\n");
        else if (byte < 0x20 || byte == 0x7f)
            g_string_append_printf(text, "\\u%04x", byte);
        else
            g_string_append_c(text, (char) byte);
    }
    g_string_append_c(text, '"');
}

static void
append_key(JsonLine *line, const char *key)
{
    if (line->needs_comma)
        g_string_append_c(line->text, ',');
    line->needs_comma = TRUE;
    append_string(line->text, key);
    g_string_append_c(line->text, ':');
}

void
json_begin(JsonLine *line, const char *event)
{
    line->text = g_string_new("{");
    line->needs_comma = FALSE;
    json_text(line, "event", event);
}

void
json_text(JsonLine *line, const char *key, const char *value)
{
    append_key(line, key);
    if (value)
        append_string(line->text, value);
    else
        g_string_append(line->text, "null");
}

void
json_int(JsonLine *line, const char *key, gint64 value)
{
    append_key(line, key);
    g_string_append_printf(line->text, "%" G_GINT64_FORMAT, value);
}

void
json_bool(JsonLine *line, const char *key, gboolean value)
{
    append_key(line, key);
    g_string_append(line->text, value ? "true" : "false");
}

void
json_number(JsonLine *line, const char *key, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    append_key(line, key);
    g_string_append(line->text, g_ascii_formatd(digits, sizeof digits, "%.9g", value));
}

void
json_null(JsonLine *line, const char *key)
{
    json_text(line, key, NULL);
}

void
json_ms(JsonLine *line, const char *key, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    append_key(line, key);
    g_string_append(line->text,
                    value < 0 ? "null" : g_ascii_formatd(digits, sizeof digits, "%.3f", value));
}

void
json_open(JsonLine *line, const char *key)
{
    append_key(line, key);
    g_string_append_c(line->text, '{');
    line->needs_comma = FALSE;
}

void
json_close(JsonLine *line)
{
    g_string_append_c(line->text, '}');
    line->needs_comma = TRUE;
}

void
json_print(JsonLine *line)
{
    g_string_append(line->text, "}\n");
    fwrite(line->text->str, 1, line->text->len, stdout);
    fflush(stdout);
    g_string_free(line->text, TRUE);
    line->text = NULL;
}
