/* Lines from a file descriptor, without blocking the loop. */
#pragma once

#include <glib.h>

/** LINE_READER_MAX: longer lines are given in pieces of at most this many bytes. */
#define LINE_READER_MAX (16 * 1024)

typedef struct _LineReader LineReader;

typedef struct {
    /* @line is valid UTF-8 and has no line end. */
    void (*on_line)(const char *line, gpointer user_data);
    /* Called once, after the last line. */
    void (*on_end)(gpointer user_data);
} LineReaderEvents;

LineReader *line_reader_new(int fd, const LineReaderEvents *events, gpointer user_data);
void line_reader_free(LineReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LineReader, line_reader_free)

/* Until line_reader_resume() no events come, but those of what was read already. */
void line_reader_pause(LineReader *self);
void line_reader_resume(LineReader *self);
