/* Owns the bytes of a line that is not complete; never the descriptor. */
#include "line-reader.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

struct _LineReader {
    int fd;
    GString *buffer; /* up to LINE_READER_MAX bytes without a line end */
    GSource *source; /* NULL while paused or ended */
    gboolean has_ended;
    const LineReaderEvents *events;
    gpointer user_data;
};

static void
give(LineReader *self, const char *bytes, gsize size)
{
    g_autofree char *line =
        g_utf8_make_valid(bytes, (gssize) (size && bytes[size - 1] == '\r' ? size - 1 : size));

    self->events->on_line(line, self->user_data);
}

/* How much of a line that is too long is given as one piece: not a part of a character. */
static gsize
piece_size(const char *bytes)
{
    const char *cut = bytes + LINE_READER_MAX;

    for (guint i = 0; i < 3 && ((guchar) *cut & 0xc0) == 0x80; i++)
        cut--;
    return (gsize) (cut - bytes);
}

static void
give_lines(LineReader *self)
{
    const char *at = self->buffer->str, *end = at + self->buffer->len;

    while (at < end) {
        const char *newline = memchr(at, '\n', MIN((gsize) (end - at), LINE_READER_MAX));
        if (!newline && end - at <= LINE_READER_MAX)
            break;
        gsize size = newline ? (gsize) (newline - at) : piece_size(at);
        give(self, at, size);
        at += size + (newline ? 1 : 0);
    }
    g_string_erase(self->buffer, 0, at - self->buffer->str);
}

static void
end(LineReader *self)
{
    self->has_ended = TRUE;
    line_reader_pause(self);
    if (self->buffer->len)
        give(self, self->buffer->str, self->buffer->len);
    g_string_truncate(self->buffer, 0);
    self->events->on_end(self->user_data);
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer user_data)
{
    LineReader *self = user_data;
    char bytes[4096];
    ssize_t size = read(fd, bytes, sizeof bytes);

    if (size > 0) {
        g_string_append_len(self->buffer, bytes, size);
        give_lines(self);
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        end(self);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

LineReader *
line_reader_new(int fd, const LineReaderEvents *events, gpointer user_data)
{
    LineReader *self = g_new0(LineReader, 1);

    self->fd = fd;
    self->buffer = g_string_new(NULL);
    self->events = events;
    self->user_data = user_data;
    return self;
}

void
line_reader_free(LineReader *self)
{
    line_reader_pause(self);
    g_string_free(self->buffer, TRUE);
    g_free(self);
}

void
line_reader_pause(LineReader *self)
{
    if (self->source)
        g_source_destroy(self->source);
    g_clear_pointer(&self->source, g_source_unref);
}

void
line_reader_resume(LineReader *self)
{
    if (self->source || self->has_ended)
        return;
    self->source = g_unix_fd_source_new(self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_static_name(self->source, "pierce standard input");
    g_source_set_callback(self->source, G_SOURCE_FUNC(on_readable), self, NULL);
    g_source_attach(self->source, NULL);
}
