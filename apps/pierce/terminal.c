/* Owns what people see.  Never parses what they type. */
#include "terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* To the line's start, and clear it: what is being typed is written over, and stays typed. */
#define CLEAR_LINE "\r\033[K"
#define PROMPT "> "
#define RESET "\033[0m"
#define ZERO_WIDTH_JOINER 0x200d
#define ZERO_WIDTH_NON_JOINER 0x200c

static const char *const colours[] = {
    [STYLE_PLAIN] = "",
    [STYLE_NOTICE] = "\033[2m",
    [STYLE_ERROR] = "\033[31m",
    [STYLE_NAME] = "\033[1;36m",
};

static gboolean
is_capable(int fd)
{
    const char *terminal = g_getenv("TERM"), *no_color = g_getenv("NO_COLOR");

    return isatty(fd) && g_strcmp0(terminal, "dumb") != 0 && (!no_color || !*no_color);
}

void
terminal_init(Terminal *self)
{
    self->has_colour = is_capable(STDOUT_FILENO);
    self->has_prompt = FALSE;
    self->status[0] = '\0';
}

/* Control characters move the cursor and worse; format characters turn the direction of text, so
 * that it reads as something else. */
static gboolean
is_harmless(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    if (c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER)
        return TRUE;
    return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
           type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

char *
terminal_clean(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *clean = g_string_sized_new(strlen(valid));

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '\n')
            g_string_append(clean, "\n    ");
        else if (c == '\t')
            g_string_append_c(clean, ' ');
        else if (is_harmless(c))
            g_string_append_unichar(clean, c);
        else
            g_string_append_printf(clean, "\\u{%x}", c);
    }
    return g_string_free(clean, FALSE);
}

void
terminal_prompt(const Terminal *self)
{
    if (!self->has_prompt && !*self->status)
        return;
    fputs(self->has_prompt ? PROMPT : self->status, stdout);
    fflush(stdout);
}

static void
begin_line(const Terminal *self)
{
    if (self->has_prompt || *self->status)
        fputs(self->has_colour ? CLEAR_LINE : "\n", stdout);
    fflush(stdout);
}

void
terminal_say(const Terminal *self, const char *name, const char *text)
{
    g_autofree char *clean_name = terminal_clean(name);
    g_autofree char *clean_text = terminal_clean(text);

    begin_line(self);
    if (self->has_colour)
        printf("%s%s" RESET ": %s\n", colours[STYLE_NAME], clean_name, clean_text);
    else
        printf("%s: %s\n", clean_name, clean_text);
    fflush(stdout);
    terminal_prompt(self);
}

void
terminal_line(const Terminal *self, const char *line)
{
    begin_line(self);
    puts(line);
    fflush(stdout);
    terminal_prompt(self);
}

void
terminal_notice(const Terminal *self, TerminalStyle style, const char *format, ...)
{
    gboolean has_colour = is_capable(STDERR_FILENO);
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);

    g_autofree char *clean = terminal_clean(text);
    begin_line(self);
    fprintf(stderr, "%s%s%s\n", has_colour ? colours[style] : "", clean, has_colour ? RESET : "");
    terminal_prompt(self);
}

/* A line that wraps cannot be cleared again. */
static gsize
get_columns(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

void
terminal_status(Terminal *self, const char *text)
{
    if (!self->has_colour || (!*text && !*self->status))
        return;
    begin_line(self);
    g_strlcpy(self->status, text, MIN(sizeof self->status, get_columns()));
    if (!*text)
        fputs(CLEAR_LINE, stdout);
    terminal_prompt(self);
    fflush(stdout);
}
