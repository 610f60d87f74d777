/* Text for people: colours where they are wanted, and nothing that a peer wrote may act on the
 * terminal. */
#pragma once

#include <glib.h>

typedef enum {
    STYLE_PLAIN,
    STYLE_NOTICE, /* what happens to connections */
    STYLE_ERROR,
    STYLE_NAME, /* who speaks */
} TerminalStyle;

/** TERMINAL_STATUS_MAX: room for a status line. */
#define TERMINAL_STATUS_MAX 160

typedef struct {
    gboolean has_colour; /* standard output */
    gboolean has_prompt; /* someone types lines while we write */
    char status[TERMINAL_STATUS_MAX];
} Terminal;

void terminal_init(Terminal *self);

/* @text with its control characters and invisible direction marks made visible, and further lines
 * indented. */
char *terminal_clean(const char *text);

/* A message of @name on standard output.  Both are cleaned. */
void terminal_say(const Terminal *self, const char *name, const char *text);

/* A line on standard output, as it is. */
void terminal_line(const Terminal *self, const char *line);

/* A line on standard error.  The text is cleaned. */
void terminal_notice(const Terminal *self, TerminalStyle style, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* ASCII that stays below all other lines until it is replaced; "" for none.  Only where the cursor
 * can be moved: elsewhere nothing is shown. */
void terminal_status(Terminal *self, const char *text);

/* Shows that a line may be typed. */
void terminal_prompt(const Terminal *self);
