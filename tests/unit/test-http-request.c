#include "signaling/server/http-request.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *text;
    HttpParseResult result;
} ParseCase;

static const ParseCase parse_cases[] = {
    { "get", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_COMPLETE },
    { "get-1.0", "GET / HTTP/1.0\r\n\r\n", HTTP_COMPLETE },
    { "followed-by-more", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET", HTTP_COMPLETE },
    { "unknown-method", "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_COMPLETE },
    { "nothing", "", HTTP_INCOMPLETE },
    { "half-a-line", "GET / HT", HTTP_INCOMPLETE },
    { "no-blank-line", "GET / HTTP/1.1\r\nHost: a\r\n", HTTP_INCOMPLETE },
    { "no-host", "GET / HTTP/1.1\r\n\r\n", HTTP_BAD },
    { "two-hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", HTTP_BAD },
    { "two-origins", "GET / HTTP/1.1\r\nHost: a\r\nOrigin: b\r\norigin: c\r\n\r\n", HTTP_BAD },
    { "version-2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", HTTP_BAD },
    { "preface-of-http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP_BAD },
    { "absolute-target", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_BAD },
    { "no-target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_BAD },
    { "two-targets", "GET / / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_BAD },
    { "bare-line-feed", "GET / HTTP/1.1\nHost: a\r\n\r\n", HTTP_BAD },
    { "folded-header", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", HTTP_BAD },
    { "blank-before-colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", HTTP_BAD },
    { "header-without-colon", "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", HTTP_BAD },
    { "control-in-value", "GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", HTTP_BAD },
    { "carriage-return-in-value", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", HTTP_BAD },
    { "tls", "\x16\x03\x01\x02\r\n\r\n", HTTP_BAD },
    { "tls-without-a-blank-line", "\x16\x03\x01\x02", HTTP_BAD },
};

static HttpParseResult
parse(HttpRequest *request, const char *text, char **buffer)
{
    gsize size = strlen(text), head = 0;

    *buffer = g_memdup2(text, size);
    HttpParseResult result = http_request_parse(request, *buffer, size, &head);
    if (result == HTTP_COMPLETE)
        g_assert_cmpuint(head, ==, (gsize) (strstr(text, "\r\n\r\n") + 4 - text));
    return result;
}

static void
test_parse(gconstpointer data)
{
    const ParseCase *c = data;
    g_autofree char *buffer = NULL;
    HttpRequest request;

    g_assert_cmpint(parse(&request, c->text, &buffer), ==, c->result);
}

static void
test_what_is_read(void)
{
    g_autofree char *buffer = NULL;
    HttpRequest request;

    parse(&request,
          "POST /a/b?c=d HTTP/1.1\r\nhost:  x:1 \r\nConnection: keep-alive , Upgrade\r\n"
          "IF-NONE-MATCH: \"tag\"\r\nContent-Length: 3\r\n\r\nabc",
          &buffer);
    g_assert_cmpstr(request.method, ==, "POST");
    g_assert_cmpstr(request.path, ==, "/a/b");
    g_assert_cmpstr(request.host, ==, "x:1");
    g_assert_cmpstr(request.if_none_match, ==, "\"tag\"");
    g_assert_true(request.has_body);
    g_assert_true(http_list_has(request.connection, "upgrade"));
    g_assert_false(http_list_has(request.connection, "grade"));
}

static void
test_a_head_has_a_limit(void)
{
    g_autofree char *padding = g_strnfill(HTTP_MAX_HEAD_BYTES, 'x');
    g_autofree char *text = g_strconcat("GET / HTTP/1.1\r\nX: ", padding, "\r\n\r\n", NULL);
    g_autofree char *buffer = NULL;
    HttpRequest request;

    g_assert_cmpint(parse(&request, text, &buffer), ==, HTTP_BAD);
}

typedef struct {
    const char *name;
    const char *headers;
    int status;
} UpgradeCase;

#define UP "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define V13 "Sec-WebSocket-Version: 13\r\n"

static const UpgradeCase upgrade_cases[] = {
    { "native", UP KEY V13, 101 },
    { "letters-in-any-case", "CONNECTION: keep-alive, UPGRADE\r\nupgrade: WebSocket\r\n" KEY V13,
      101 },
    { "own-page", UP KEY V13 "Origin: http://a:8765\r\n", 101 },
    { "own-page-over-a-tls-proxy", UP KEY V13 "Origin: https://a:8765\r\n", 101 },
    { "allowed-page", UP KEY V13 "Origin: https://friend.example\r\n", 101 },
    { "other-page", UP KEY V13 "Origin: http://evil.example\r\n", 403 },
    { "own-page-with-another-port", UP KEY V13 "Origin: http://a:8766\r\n", 403 },
    { "own-page-without-the-port", UP KEY V13 "Origin: http://a\r\n", 403 },
    { "name-that-starts-alike", UP KEY V13 "Origin: http://a:8765.evil.example\r\n", 403 },
    { "file", UP KEY V13 "Origin: file://a:8765\r\n", 403 },
    { "null", UP KEY V13 "Origin: null\r\n", 403 },
    { "empty-origin", UP KEY V13 "Origin:\r\n", 403 },
    { "version-8", UP KEY "Sec-WebSocket-Version: 8\r\n", 426 },
    { "no-version", UP KEY, 426 },
    { "version-13-and-more", UP KEY "Sec-WebSocket-Version: 13, 8\r\n", 426 },
    { "no-key", UP V13, 400 },
    { "short-key", UP V13 "Sec-WebSocket-Key: dGhl\r\n", 400 },
    { "key-not-base64", UP V13 "Sec-WebSocket-Key: ************************\r\n", 400 },
    { "no-connection", "Upgrade: websocket\r\n" KEY V13, 400 },
    { "with-a-body", UP KEY V13 "Content-Length: 4\r\n", 400 },
};

static void
test_upgrade(gconstpointer data)
{
    const UpgradeCase *c = data;
    const char *const allowed[] = { "https://friend.example", NULL };
    g_autofree char *text =
        g_strconcat("GET / HTTP/1.1\r\nHost: a:8765\r\n", c->headers, "\r\n", NULL);
    g_autofree char *buffer = NULL;
    HttpRequest request;

    g_assert_cmpint(parse(&request, text, &buffer), ==, HTTP_COMPLETE);
    g_assert_true(http_request_is_upgrade(&request));
    g_assert_cmpint(http_request_check_upgrade(&request, allowed).status, ==, c->status);
}

static void
test_origin_of_default_ports(void)
{
    const struct {
        const char *host, *origin;
        int status;
    } cases[] = { { "a", "http://a", 101 },
                  { "a", "http://a:80", 101 },
                  { "a:80", "http://a", 101 },
                  { "a", "https://a", 101 },
                  { "a:443", "https://a", 101 },
                  { "a:443", "http://a", 403 },
                  { "[::1]:1", "http://[::1]:1", 101 } };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        HttpRequest request = { .method = "GET",
                                .path = "/",
                                .is_http11 = TRUE,
                                .host = cases[i].host,
                                .connection = "Upgrade",
                                .upgrade = "websocket",
                                .origin = cases[i].origin,
                                .ws_key = "dGhlIHNhbXBsZSBub25jZQ==",
                                .ws_version = "13" };
        g_assert_cmpint(http_request_check_upgrade(&request, NULL).status, ==, cases[i].status);
    }
}

static void
test_h2c_is_no_upgrade(void)
{
    HttpRequest request = { .upgrade = "h2c" };

    g_assert_false(http_request_is_upgrade(&request));
}

/* The example of RFC 6455 section 1.3. */
static void
test_accept(void)
{
    g_autofree char *accept = http_websocket_accept("dGhlIHNhbXBsZSBub25jZQ==");

    g_assert_cmpstr(accept, ==, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void
test_host_names(void)
{
    const struct {
        const char *host, *name;
    } cases[] = { { "a.example:1", "a.example" },
                  { "a", "a" },
                  { "[::1]:1", "[::1]" },
                  { "[::1]", "[::1]" },
                  { "a;b", NULL },
                  { "", NULL },
                  { "a\"b", NULL },
                  { "a b:1", NULL } };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = http_host_name(cases[i].host);
        g_assert_cmpstr(name, ==, cases[i].name);
    }
}

static void
test_origins(void)
{
    const struct {
        const char *text;
        gboolean is_origin;
    } cases[] = { { "https://a.example", TRUE },
                  { "http://[::1]:8765", TRUE },
                  { "null", TRUE },
                  { "chrome-extension://abcdef", TRUE },
                  { "a.example", FALSE },
                  { "https://a.example/", FALSE },
                  { "https://", FALSE },
                  { "://a", FALSE },
                  { "", FALSE },
                  { "https://a.example/page", FALSE } };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_true(http_is_origin(cases[i].text) == cases[i].is_origin);
}

static void
test_names_without_a_port(void)
{
    const struct {
        const char *host;
        gboolean is_name;
    } cases[] = { { "a.example", TRUE }, { "192.0.2.1", TRUE }, { "[::1]", TRUE }, { "::1", FALSE },
                  { "[::1]:1", FALSE },  { "a:8765", FALSE },   { "a/b", FALSE },  { "", FALSE },
                  { "[::1", FALSE },     { "http://a", FALSE } };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_true(http_is_name(cases[i].host) == cases[i].is_name);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(parse_cases); i++) {
        g_autofree char *path = g_strconcat("/http-request/parse/", parse_cases[i].name, NULL);
        g_test_add_data_func(path, &parse_cases[i], test_parse);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(upgrade_cases); i++) {
        g_autofree char *path = g_strconcat("/http-request/upgrade/", upgrade_cases[i].name, NULL);
        g_test_add_data_func(path, &upgrade_cases[i], test_upgrade);
    }
    g_test_add_func("/http-request/what-is-read", test_what_is_read);
    g_test_add_func("/http-request/limit", test_a_head_has_a_limit);
    g_test_add_func("/http-request/origin-of-default-ports", test_origin_of_default_ports);
    g_test_add_func("/http-request/h2c", test_h2c_is_no_upgrade);
    g_test_add_func("/http-request/accept", test_accept);
    g_test_add_func("/http-request/host-names", test_host_names);
    g_test_add_func("/http-request/origins", test_origins);
    g_test_add_func("/http-request/names-without-a-port", test_names_without_a_port);
    return g_test_run();
}
