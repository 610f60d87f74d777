/* Events of a test program: one JSON object in a line of standard output each. */
#pragma once

#include <glib.h>

/* A started line, `{"event":NAME`; values are added, and event_print() ends it. */
GString *event_new(const char *name);

/* @value may be NULL; it is UTF-8. */
void event_add_text(GString *line, const char *name, const char *value);
void event_add_int(GString *line, const char *name, gint64 value);
void event_add_ms(GString *line, const char *name, double value);

/* Prints and frees @line. */
void event_print(GString *line);
