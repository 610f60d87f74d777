/* Owns the page's files in memory and the form of HTTP answers.  Never opens a file after the start
 * and never makes a path from what a client sends: a request's path is only looked up in a table.
 * RFC 9110; Content Security Policy Level 3. */
#include "signaling/server/web.h"

#include <string.h>

/* Larger files, and more of them, are not ours. */
#define MAX_FILE_BYTES (4 * 1024 * 1024)
#define MAX_FILES 256
#define MAX_DEPTH 4

#define FRONT_PAGE "/index.html"

typedef struct {
    const char *type;
    char *etag;
    GBytes *body;
} File;

struct Web {
    GHashTable *files; /* path to File */
};

static const struct {
    const char *ending, *type;
} media_types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".ico", "image/x-icon" },
    { ".json", "application/json" },
    { ".webmanifest", "application/manifest+json" },
    { ".txt", "text/plain; charset=utf-8" },
};

static void
free_file(gpointer data)
{
    File *file = data;

    g_free(file->etag);
    g_bytes_unref(file->body);
    g_free(file);
}

static const char *
media_type(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(media_types); i++) {
        if (g_str_has_suffix(name, media_types[i].ending))
            return media_types[i].type;
    }
    return NULL;
}

static gboolean
load_file(Web *web, const char *filename, char *path, const char *type, GError **error)
{
    g_autofree char *owned_path = path;
    g_autofree char *contents = NULL;
    gsize size = 0;

    if (!g_file_get_contents(filename, &contents, &size, error))
        return FALSE;
    if (size > MAX_FILE_BYTES || g_hash_table_size(web->files) >= MAX_FILES) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                    "%s: a page has at most %d files of %d bytes each", filename, MAX_FILES,
                    MAX_FILE_BYTES);
        return FALSE;
    }
    File *file = g_new0(File, 1);
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) contents, size);
    file->type = type;
    file->etag = g_strdup_printf("\"%.32s\"", sum);
    file->body = g_bytes_new_take(g_steal_pointer(&contents), size);
    g_hash_table_replace(web->files, g_steal_pointer(&owned_path), file);
    return TRUE;
}

static gboolean
load_directory(Web *web, const char *directory, const char *prefix, guint depth, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, error);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *filename = g_build_filename(directory, name, NULL);
        const char *type = media_type(name);
        gboolean is_loaded = TRUE;
        if (name[0] == '.')
            continue;
        if (g_file_test(filename, G_FILE_TEST_IS_DIR) && depth < MAX_DEPTH) {
            g_autofree char *below = g_strconcat(prefix, name, "/", NULL);
            is_loaded = load_directory(web, filename, below, depth + 1, error);
        } else if (type && g_file_test(filename, G_FILE_TEST_IS_REGULAR)) {
            is_loaded = load_file(web, filename, g_strconcat(prefix, name, NULL), type, error);
        }
        if (!is_loaded)
            return FALSE;
    }
    return dir != NULL;
}

Web *
web_new(const char *directory, GError **error)
{
    g_autoptr(Web) web = g_new0(Web, 1);

    web->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_file);
    if (directory && !load_directory(web, directory, "/", 0, error))
        return NULL;
    if (directory && !web_has(web, FRONT_PAGE)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no index.html in %s",
                    directory);
        return NULL;
    }
    return g_steal_pointer(&web);
}

void
web_free(Web *web)
{
    g_hash_table_unref(web->files);
    g_free(web);
}

gboolean
web_has(const Web *web, const char *path)
{
    return g_hash_table_contains(web->files, path);
}

gboolean
web_keeps_alive(const HttpRequest *request)
{
    return request && request->is_http11 && !request->has_body &&
           !http_list_has(request->connection, "close");
}

static const char *
reason_phrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 304:
        return "Not Modified";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 426:
        return "Upgrade Required";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    default:
        return "Bad Request";
    }
}

/* The page may talk to where it came from and to nowhere else.  Not every browser counts ws: and
 * wss: of the same host as 'self', so they are named. */
static void
append_policy(GString *head, const HttpRequest *request)
{
    const char *host = request && http_is_host(request->host) ? request->host : NULL;

    g_string_append(head, "Content-Security-Policy: default-src 'none'; script-src 'self'; "
                          "style-src 'self'; img-src 'self' data:; manifest-src 'self'; "
                          "connect-src 'self'");
    if (host)
        g_string_append_printf(head, " ws://%s wss://%s", host, host);
    g_string_append(head, "; base-uri 'none'; frame-ancestors 'none'; form-action 'none'\r\n"
                          "X-Content-Type-Options: nosniff\r\n"
                          "Referrer-Policy: no-referrer\r\n"
                          "Cross-Origin-Opener-Policy: same-origin\r\n"
                          "Cross-Origin-Resource-Policy: same-origin\r\n");
}

void
web_write(const HttpRequest *request, const WebAnswer *answer, GByteArray *out)
{
    g_autoptr(GString) head = g_string_sized_new(1024);
    gboolean is_head = request && strcmp(request->method, "HEAD") == 0;

    g_string_append_printf(head, "HTTP/1.1 %d %s\r\n", answer->status,
                           reason_phrase(answer->status));
    if (answer->type)
        g_string_append_printf(head, "Content-Type: %s\r\n", answer->type);
    if (answer->status != 304)
        g_string_append_printf(head, "Content-Length: %" G_GSIZE_FORMAT "\r\n", answer->size);
    g_string_append(head, answer->extra);
    append_policy(head, request);
    g_string_append(head, web_keeps_alive(request) ? "\r\n" : "Connection: close\r\n\r\n");
    g_byte_array_append(out, (const guint8 *) head->str, (guint) head->len);
    if (!is_head && answer->size > 0)
        g_byte_array_append(out, answer->body, (guint) answer->size);
}

void
web_write_text(const HttpRequest *request, int status, const char *text, GByteArray *out)
{
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    WebAnswer answer = { .status = status,
                         .type = "text/plain; charset=utf-8",
                         .extra = "Cache-Control: no-store\r\n",
                         .body = (const guint8 *) line,
                         .size = strlen(line) };

    if (status == 405)
        answer.extra = "Cache-Control: no-store\r\nAllow: GET, HEAD\r\n";
    if (status == 426)
        answer.extra = "Cache-Control: no-store\r\nSec-WebSocket-Version: 13\r\n"
                       "Upgrade: websocket\r\n";
    web_write(request, &answer, out);
}

void
web_answer(const Web *web, const HttpRequest *request, GByteArray *out)
{
    const char *path = strcmp(request->path, "/") == 0 ? FRONT_PAGE : request->path;
    const File *file = g_hash_table_lookup(web->files, path);

    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        web_write_text(request, 405, "only GET and HEAD are answered here", out);
        return;
    }
    if (!file) {
        web_write_text(request, 404, "there is no such page; the front page is at /", out);
        return;
    }
    g_autofree char *extra =
        g_strconcat("Cache-Control: no-cache\r\nETag: ", file->etag, "\r\n", NULL);
    WebAnswer answer = { .status = 200, .type = file->type, .extra = extra };
    if (request->if_none_match && strstr(request->if_none_match, file->etag))
        answer.status = 304;
    else
        answer.body = g_bytes_get_data(file->body, &answer.size);
    web_write(request, &answer, out);
}
