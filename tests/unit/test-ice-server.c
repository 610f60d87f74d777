#include "ice/ice-server.h"

#include <string.h>

static const struct {
    const char *uri;
    IceServerScheme scheme;
    const char *host;
    guint16 port;
    IceServerTransport transport;
    const char *printed;
} good_cases[] = {
    { "stun:stun.example.org", ICE_SERVER_STUN, "stun.example.org", 3478, ICE_SERVER_UDP,
      "stun:stun.example.org:3478" },
    { "STUN:Example.org:1", ICE_SERVER_STUN, "Example.org", 1, ICE_SERVER_UDP,
      "stun:Example.org:1" },
    { "stuns:example.org", ICE_SERVER_STUNS, "example.org", 5349, ICE_SERVER_TCP,
      "stuns:example.org:5349" },
    { "stun:localhost", ICE_SERVER_STUN, "localhost", 3478, ICE_SERVER_UDP, "stun:localhost:3478" },
    { "stun:example.org.", ICE_SERVER_STUN, "example.org.", 3478, ICE_SERVER_UDP,
      "stun:example.org.:3478" },
    { "turn:192.0.2.1", ICE_SERVER_TURN, "192.0.2.1", 3478, ICE_SERVER_UDP, "turn:192.0.2.1:3478" },
    { "turn:a_b-c.1x:65535?transport=tcp", ICE_SERVER_TURN, "a_b-c.1x", 65535, ICE_SERVER_TCP,
      "turn:a_b-c.1x:65535?transport=tcp" },
    { "turn:h?transport=udp", ICE_SERVER_TURN, "h", 3478, ICE_SERVER_UDP, "turn:h:3478" },
    { "turn:h?transport=UDP", ICE_SERVER_TURN, "h", 3478, ICE_SERVER_UDP, "turn:h:3478" },
    { "turns:h", ICE_SERVER_TURNS, "h", 5349, ICE_SERVER_TCP, "turns:h:5349" },
    { "turns:h:443?transport=udp", ICE_SERVER_TURNS, "h", 443, ICE_SERVER_UDP,
      "turns:h:443?transport=udp" },
    { "turn:[2001:db8::1]", ICE_SERVER_TURN, "2001:db8::1", 3478, ICE_SERVER_UDP,
      "turn:[2001:db8::1]:3478" },
    { "turn:[::1]:5?transport=tcp", ICE_SERVER_TURN, "::1", 5, ICE_SERVER_TCP,
      "turn:[::1]:5?transport=tcp" },
};

static const struct {
    const char *uri, *error;
} bad_cases[] = {
    { "", "no scheme" },
    { "stun", "no scheme" },
    { "stun.example.org", "write stun:HOST" },
    { "http:example.org", "scheme \"http\"" },
    { "example.org:3478", "scheme \"example.org\"" },
    { "stun://example.org", "leave that out" },
    { "turn:user@example.org", "apart" },
    { "stun:", "host \"\"" },
    { "stun::3478", "host \"\"" },
    { "stun:h:", "port \"\"" },
    { "stun:h:0", "port \"0\"" },
    { "stun:h:65536", "port \"65536\"" },
    { "stun:h:99999999999999999999", "port" },
    { "stun:h:12x", "port \"12x\"" },
    { "stun:h: 1", "port \" 1\"" },
    { "stun:h:-1", "port \"-1\"" },
    { "stun:h?transport=udp", "not allowed" },
    { "stuns:h?transport=tcp", "not allowed" },
    { "turn:h?transport=sctp", "query \"transport=sctp\"" },
    { "turn:h?transport=", "query" },
    { "turn:h?", "query \"\"" },
    { "turn:h?transport=udp&x=y", "query" },
    { "turn:h/path", "host \"h/path\"" },
    { "turn:h#x", "host" },
    { "turn:a..b", "host \"a..b\"" },
    { "turn:.a", "host" },
    { "turn:a..", "host" },
    { "turn:.", "host" },
    { "turn:-a", "host" },
    { "turn:a-", "host" },
    { "turn:a b", "host" },
    { "turn:%41", "host" },
    { "turn:\303\244.org", "host \"\\303\\244.org\"" },
    { "turn:127.1", "host \"127.1\"" },
    { "turn:2130706433", "host" },
    { "turn:0x7f000001", "host" },
    { "turn:1.2.3.256", "host" },
    { "turn:2001:db8::1", "[ADDRESS]" },
    { "turn:[2001:db8::1", "no ]" },
    { "turn:[192.0.2.1]", "brackets" },
    { "turn:[]", "brackets" },
    { "turn:[fe80::1%eth0]", "brackets" },
    { "turn:[::1]x", "behind" },
    { "turn:[::1]:", "port" },
};

static void
test_uris_are_read_and_printed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good_cases); i++) {
        g_auto(IceServer) server = { 0 };
        g_autoptr(GError) error = NULL;

        g_test_message("%s", good_cases[i].uri);
        g_assert_true(ice_server_parse(&server, good_cases[i].uri, &error));
        g_assert_no_error(error);
        g_assert_cmpint(server.scheme, ==, good_cases[i].scheme);
        g_assert_cmpstr(server.host, ==, good_cases[i].host);
        g_assert_cmpuint(server.port, ==, good_cases[i].port);
        g_assert_cmpint(server.transport, ==, good_cases[i].transport);
        g_autofree char *printed = ice_server_print(&server);
        g_assert_cmpstr(printed, ==, good_cases[i].printed);
    }
}

static void
test_bad_uris_are_refused_with_advice(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        IceServer server;
        g_autoptr(GError) error = NULL;

        g_test_message("%s", bad_cases[i].uri);
        g_assert_false(ice_server_parse(&server, bad_cases[i].uri, &error));
        g_assert_error(error, ICE_SERVER_ERROR, ICE_SERVER_ERROR_INVALID);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, bad_cases[i].error));
        g_assert_null(server.host);
    }
}

static void
test_sizes_are_limited(void)
{
    g_autofree char *label = g_strnfill(64, 'a'), *uri = g_strconcat("stun:", label, NULL);
    g_autofree char *filler = g_strnfill(600, 'a'), *long_uri = g_strconcat("stun:", filler, NULL);
    IceServer server;
    g_autoptr(GError) error = NULL;

    g_assert_false(ice_server_parse(&server, uri, NULL));
    uri[strlen(uri) - 1] = '\0';
    g_assert_true(ice_server_parse(&server, uri, NULL));
    ice_server_clear(&server);
    g_assert_false(ice_server_parse(&server, long_uri, &error));
    g_assert_nonnull(strstr(error->message, "longer"));
    g_assert_cmpuint(strlen(error->message), <, 160);
}

static void
test_a_password_in_the_uri_is_not_shown(void)
{
    static const char *const uris[] = { "turn:user:secret@example.org",
                                        "turn://user:secret@example.org",
                                        "turn:user:secret@example.org?x" };

    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++) {
        IceServer server;
        g_autoptr(GError) error = NULL;
        g_assert_false(ice_server_parse(&server, uris[i], &error));
        g_assert_null(strstr(error->message, "secret"));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ice-server/uris-are-read-and-printed", test_uris_are_read_and_printed);
    g_test_add_func("/ice-server/bad-uris-are-refused-with-advice",
                    test_bad_uris_are_refused_with_advice);
    g_test_add_func("/ice-server/sizes-are-limited", test_sizes_are_limited);
    g_test_add_func("/ice-server/a-password-in-the-uri-is-not-shown",
                    test_a_password_in_the_uri_is_not_shown);
    return g_test_run();
}
