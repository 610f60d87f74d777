/* Owns the reading of HTTP request heads; never reads a body and never answers.  RFC 9112 sections
 * 2 to 5, and the server's checks of RFC 6455 section 4.2.1.
 *
 * Stricter than the RFC asks: lines end with CR LF, no folding, no second Host. */
#include "signaling/server/http-request.h"

#include <string.h>

#define WEBSOCKET_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 section 1.3 */
#define WEBSOCKET_KEY_BYTES 16
#define WEBSOCKET_KEY_CHARS 24

/* RFC 9110 section 5.6.2. */
static gboolean
is_token_char(char c)
{
    return g_ascii_isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static gboolean
is_token(const char *text)
{
    const char *at = text;

    while (is_token_char(*at))
        at++;
    return at > text && *at == '\0';
}

/* Ends the line at @line with a NUL and gives where the next one starts. */
static char *
end_line(char *line, char *end)
{
    char *newline = memchr(line, '\n', (gsize) (end - line));

    if (!newline || newline == line || newline[-1] != '\r')
        return NULL;
    newline[-1] = '\0';
    return newline + 1;
}

static gboolean
has_control(const char *text)
{
    for (; *text; text++) {
        if (((guchar) *text < 0x20 && *text != '\t') || *text == 0x7f)
            return TRUE;
    }
    return FALSE;
}

static gboolean
parse_request_line(HttpRequest *request, char *line)
{
    char *target = strchr(line, ' ');
    char *version = target ? strchr(target + 1, ' ') : NULL;

    if (!version)
        return FALSE;
    *target++ = '\0';
    *version++ = '\0';
    request->method = line;
    request->path = target;
    request->is_http11 = strcmp(version, "HTTP/1.1") == 0;
    target[strcspn(target, "?#")] = '\0';
    return is_token(request->method) && target[0] == '/' && !has_control(target) &&
           (request->is_http11 || strcmp(version, "HTTP/1.0") == 0);
}

static gboolean
set_once(const char **field, const char *value)
{
    if (*field)
        return FALSE;
    *field = value;
    return TRUE;
}

static gboolean
note_header(HttpRequest *request, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **field;
    } known[] = {
        { "Host", &request->host },
        { "Connection", &request->connection },
        { "Upgrade", &request->upgrade },
        { "Origin", &request->origin },
        { "If-None-Match", &request->if_none_match },
        { "Sec-WebSocket-Key", &request->ws_key },
        { "Sec-WebSocket-Version", &request->ws_version },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (g_ascii_strcasecmp(name, known[i].name) == 0)
            return set_once(known[i].field, value);
    }
    if (g_ascii_strcasecmp(name, "Transfer-Encoding") == 0 ||
        (g_ascii_strcasecmp(name, "Content-Length") == 0 && strcmp(value, "0") != 0))
        request->has_body = TRUE;
    return TRUE;
}

static gboolean
parse_header(HttpRequest *request, char *line)
{
    char *colon = strchr(line, ':');

    if (!colon || has_control(line))
        return FALSE;
    *colon = '\0';
    return is_token(line) && note_header(request, line, g_strstrip(colon + 1));
}

HttpParseResult
http_request_parse(HttpRequest *request, char *bytes, gsize size, gsize *head_size)
{
    gsize visible = MIN(size, HTTP_MAX_HEAD_BYTES);
    char *end = size > 0 ? memmem(bytes, visible, "\r\n\r\n", 4) : NULL;

    *request = (HttpRequest){ 0 };
    /* Another protocol, TLS for one, may be waiting for our answer. */
    if (size > 0 && !is_token_char(bytes[0]))
        return HTTP_BAD;
    if (!end)
        return size >= HTTP_MAX_HEAD_BYTES ? HTTP_BAD : HTTP_INCOMPLETE;
    end += 2; /* the end of the last header's line */
    *head_size = (gsize) (end - bytes) + 2;
    if (memchr(bytes, '\0', *head_size))
        return HTTP_BAD;

    char *line = bytes, *next = end_line(line, end);
    if (!next || !parse_request_line(request, line))
        return HTTP_BAD;
    for (line = next; line < end; line = next) {
        next = end_line(line, end);
        if (!next || !parse_header(request, line))
            return HTTP_BAD;
    }
    if (request->is_http11 && !request->host)
        return HTTP_BAD; /* RFC 9112 section 3.2 */
    return HTTP_COMPLETE;
}

gboolean
http_list_has(const char *list, const char *token)
{
    gsize size = strlen(token);

    while (list && *list) {
        list += strspn(list, " \t,");
        gsize item = strcspn(list, " \t,");
        if (item == size && g_ascii_strncasecmp(list, token, size) == 0)
            return TRUE;
        list += item;
    }
    return FALSE;
}

gboolean
http_request_is_upgrade(const HttpRequest *request)
{
    return request->upgrade && http_list_has(request->upgrade, "websocket");
}

static gboolean
is_key(const char *key)
{
    if (!key || strlen(key) != WEBSOCKET_KEY_CHARS)
        return FALSE;
    gsize size = 0;
    g_autofree guchar *bytes = g_base64_decode(key, &size);
    if (size != WEBSOCKET_KEY_BYTES)
        return FALSE;
    g_autofree char *again = g_base64_encode(bytes, size);
    return strcmp(again, key) == 0;
}

/* Whether @origin is http(s)://@host, the scheme's own port being the same as none. */
static gboolean
is_same_origin(const char *origin, const char *host)
{
    gboolean is_https = g_ascii_strncasecmp(origin, "https://", 8) == 0;

    if (!is_https && g_ascii_strncasecmp(origin, "http://", 7) != 0)
        return FALSE;
    const char *authority = origin + (is_https ? 8 : 7);
    const char *port = is_https ? ":443" : ":80";
    g_autofree char *with_port = g_strconcat(authority, port, NULL);
    g_autofree char *host_with_port = g_strconcat(host, port, NULL);
    return g_ascii_strcasecmp(authority, host) == 0 || g_ascii_strcasecmp(with_port, host) == 0 ||
           g_ascii_strcasecmp(authority, host_with_port) == 0;
}

static gboolean
is_allowed_origin(const HttpRequest *request, const char *const *allowed)
{
    if (!request->origin || is_same_origin(request->origin, request->host))
        return TRUE;
    for (; allowed && *allowed; allowed++) {
        if (strcmp(*allowed, "*") == 0 || g_ascii_strcasecmp(*allowed, request->origin) == 0)
            return TRUE;
    }
    return FALSE;
}

HttpVerdict
http_request_check_upgrade(const HttpRequest *request, const char *const *allowed_origins)
{
    if (strcmp(request->method, "GET") != 0 || !request->is_http11 || request->has_body)
        return (HttpVerdict){ 400, "a WebSocket starts with a GET of HTTP/1.1 without a body" };
    if (!http_list_has(request->connection, "upgrade"))
        return (HttpVerdict){ 400, "Connection does not say Upgrade" };
    if (!request->ws_version || strcmp(request->ws_version, "13") != 0)
        return (HttpVerdict){ 426, "only version 13 of WebSocket is spoken here" };
    if (!is_key(request->ws_key))
        return (HttpVerdict){ 400, "Sec-WebSocket-Key is not 16 bytes in base64" };
    if (!is_allowed_origin(request, allowed_origins))
        return (HttpVerdict){ 403, "pages of this origin are not let in (see --allow-origin)" };
    return (HttpVerdict){ 101, "Switching Protocols" };
}

char *
http_websocket_accept(const char *key)
{
    guint8 digest[20];
    gsize size = sizeof digest;
    g_autoptr(GChecksum) sha1 = g_checksum_new(G_CHECKSUM_SHA1);

    g_checksum_update(sha1, (const guchar *) key, -1);
    g_checksum_update(sha1, (const guchar *) WEBSOCKET_GUID, -1);
    g_checksum_get_digest(sha1, digest, &size);
    return g_base64_encode(digest, size);
}

gboolean
http_is_host(const char *host)
{
    return host && *host && strlen(host) <= 255 &&
           host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789.-:[]_")] == '\0';
}

gboolean
http_is_name(const char *host)
{
    const char *bracket = host ? strrchr(host, ']') : NULL;

    return http_is_host(host) && !strchr(bracket ? bracket : host, ':');
}

gboolean
http_is_origin(const char *text)
{
    const char *host = text ? strstr(text, "://") : NULL;

    return g_strcmp0(text, "null") == 0 || (host && host > text && http_is_host(host + 3));
}

char *
http_host_name(const char *host)
{
    if (!http_is_host(host))
        return NULL;
    const char *bracket = strrchr(host, ']');
    const char *colon = strrchr(bracket ? bracket : host, ':');
    return colon ? g_strndup(host, (gsize) (colon - host)) : g_strdup(host);
}
