/* The files of the page, and the answers to plain HTTP requests. */
#pragma once

#include "signaling/server/http-request.h"

#include <gio/gio.h>

typedef struct Web Web;

/* Loads the files of @directory, NULL for none: only names in a fixed table, or whose ending is
 * known, are served, and nothing is opened later. */
Web *web_new(const char *directory, GError **error);
void web_free(Web *web);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Web, web_free)

/* Whether @path is one of the files, `/` aside. */
gboolean web_has(const Web *web, const char *path);

typedef struct {
    int status;
    const char *type;  /* the media type */
    const char *extra; /* more header lines, each ended by CR LF; "" for none */
    const guint8 *body;
    gsize size;
} WebAnswer;

/* Appends an answer.  @request may be NULL where it could not be read; the connection then closes,
 * as it does where web_keeps_alive() says so. */
void web_write(const HttpRequest *request, const WebAnswer *answer, GByteArray *out);

/* The same with one line of plain text. */
void web_write_text(const HttpRequest *request, int status, const char *text, GByteArray *out);

/* Answers a request for a file. */
void web_answer(const Web *web, const HttpRequest *request, GByteArray *out);

gboolean web_keeps_alive(const HttpRequest *request);
