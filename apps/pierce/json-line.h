/* One event for --json: a JSON object on a line of its own (RFC 8259). */
#pragma once

#include <glib.h>

typedef struct {
    GString *text;
    gboolean needs_comma;
} JsonLine;

/* Begins {"event": @event. */
void json_begin(JsonLine *line, const char *event);

/* Each adds a member; @value NULL is null. */
void json_text(JsonLine *line, const char *key, const char *value);
void json_int(JsonLine *line, const char *key, gint64 value);
void json_bool(JsonLine *line, const char *key, gboolean value);
void json_number(JsonLine *line, const char *key, double value);
void json_null(JsonLine *line, const char *key);
/* Milliseconds to the microsecond; null where below 0, which stands for not known. */
void json_ms(JsonLine *line, const char *key, double value);

/* An object as a member. */
void json_open(JsonLine *line, const char *key);
void json_close(JsonLine *line);

/* Writes the line to standard output, at once. */
void json_print(JsonLine *line);
