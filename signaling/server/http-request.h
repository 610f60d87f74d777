/* The head of an HTTP/1.1 request, RFC 9112, and whether it may become a WebSocket, RFC 6455
 * section 4.2.1. */
#pragma once

#include <glib.h>

/* Of a request line and its headers together. */
#define HTTP_MAX_HEAD_BYTES 8192

typedef enum {
    HTTP_INCOMPLETE, /* come back with more bytes */
    HTTP_COMPLETE,
    HTTP_BAD, /* answer 400 (431 where it is too large) and close */
} HttpParseResult;

/* All strings lie in the buffer that was parsed; what the request does not have is NULL. */
typedef struct {
    const char *method;
    const char *path;   /* without the query */
    gboolean is_http11; /* else 1.0 */
    gboolean has_body;
    const char *host;
    const char *connection;
    const char *upgrade;
    const char *origin;
    const char *if_none_match;
    const char *ws_key;
    const char *ws_version;
} HttpRequest;

/* Parses the head at @bytes, in place: names and values are ended with NULs there.  With
 * HTTP_COMPLETE, @head_size is where the head ends. */
HttpParseResult http_request_parse(HttpRequest *request, char *bytes, gsize size, gsize *head_size);

/* Whether the comma-separated @list has @token, letters in any case. */
gboolean http_list_has(const char *list, const char *token);

/* Whether the client asks for a WebSocket.  Any other Upgrade is ignored, RFC 9110 section 7.8. */
gboolean http_request_is_upgrade(const HttpRequest *request);

typedef struct {
    int status; /* 101 where it may upgrade */
    const char *text;
} HttpVerdict;

/* @allowed_origins: NULL-terminated, "*" allows all.  Without an Origin (native programs) and with
 * that of the page itself the request passes in any case. */
HttpVerdict http_request_check_upgrade(const HttpRequest *request,
                                       const char *const *allowed_origins);

/* The value of Sec-WebSocket-Accept. */
char *http_websocket_accept(const char *key);

/* Whether @host may stand in a header of ours: only letters, digits and `.-:[]_`. */
gboolean http_is_host(const char *host);

/* Whether @host is one without a port; an IPv6 address is in brackets. */
gboolean http_is_name(const char *host);

/* Whether @text is what a browser sends as Origin: `https://host`, with the port unless it is the
 * scheme's own, another scheme of that form, or `null`. */
gboolean http_is_origin(const char *text);

/* @host without its port, NULL unless http_is_host(). */
char *http_host_name(const char *host);
