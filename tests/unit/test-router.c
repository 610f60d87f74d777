#include "signaling/server/router.h"

#include "signaling/server/registry-memory.h"
#include "signaling/server/ws-frame.h"

#include <string.h>

#define SECOND G_USEC_PER_SEC

typedef struct {
    Registry *registry;
    Auth *auth;
    Router *router;
    GArray *deliveries;
    char *anna, *bob, *carl;
    gint64 now_us;
} Fixture;

static void
offer_a_server(const char *client_id, GArray *servers, GPtrArray *strings, gpointer data)
{
    MessageIceServer server = { .uri = "stun:192.0.2.1" };

    server.username = g_strconcat("1:", client_id, NULL);
    g_ptr_array_add(strings, (gpointer) server.username);
    server.credential = "secret";
    g_array_append_val(servers, server);
}

static void
set_up_with(Fixture *f, const char *tokens)
{
    RegistryLimits limits = { .max_peers = 3, .max_room_peers = 2, .expiry_us = 10 * SECOND };

    f->registry = registry_memory_new(&limits);
    f->auth = auth_new(tokens);
    RouterConfig config = { .message_limits = message_default_limits,
                            .max_info_bytes = 200,
                            .heartbeat_s = 3,
                            .expires_s = 10,
                            .registry = f->registry,
                            .auth = f->auth,
                            .ice_servers = offer_a_server };
    f->router = router_new(&config);
    f->deliveries = router_new_deliveries();
    f->anna = g_ref_string_new("A");
    f->bob = g_ref_string_new("B");
    f->carl = g_ref_string_new("C");
    f->now_us = 0;
}

static void
set_up(Fixture *f, gconstpointer data)
{
    set_up_with(f, data);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    router_free(f->router);
    registry_free(f->registry);
    auth_free(f->auth);
    g_array_unref(f->deliveries);
    g_ref_string_release(f->anna);
    g_ref_string_release(f->bob);
    g_ref_string_release(f->carl);
}

static void
say(Fixture *f, char *client_id, const char *text)
{
    router_receive(f->router, client_id, text, strlen(text), f->now_us, f->deliveries);
}

/* The next delivery must go to @client_id and hold @part. */
static void
expect(Fixture *f, const char *client_id, const char *part)
{
    g_assert_cmpuint(f->deliveries->len, >, 0);
    Delivery *first = &g_array_index(f->deliveries, Delivery, 0);
    gsize size = 0;
    const char *bytes = g_bytes_get_data(first->text, &size);
    g_autofree char *text = g_strndup(bytes, size);

    g_assert_cmpstr(first->client_id, ==, client_id);
    if (!strstr(text, part))
        g_error("\"%s\" is not in %s", part, text);
    g_array_remove_index(f->deliveries, 0);
}

static void
expect_silence(Fixture *f)
{
    g_assert_cmpuint(f->deliveries->len, ==, 0);
}

static void
enter(Fixture *f, char *client_id, const char *text)
{
    say(f, client_id, text);
    expect(f, client_id, "register_success");
    g_array_set_size(f->deliveries, 0);
}

#define ANNA "{\"type\":\"register\",\"peer_name\":\"anna\"}"
#define BOB "{\"type\":\"register\",\"peer_name\":\"bob\",\"local_ports\":[5]}"
#define ANNA_IN_LOBBY "{\"type\":\"register\",\"peer_name\":\"anna\",\"room\":\"lobby\"}"
#define BOB_IN_LOBBY "{\"type\":\"register\",\"peer_name\":\"bob\",\"room\":\"lobby\"}"
#define CARL_IN_LOBBY "{\"type\":\"register\",\"peer_name\":\"carl\",\"room\":\"lobby\"}"

static void
test_register(Fixture *f, gconstpointer data)
{
    say(f, f->anna, ANNA);
    expect(f, "A",
           "{\"type\":\"register_success\",\"client_id\":\"A\",\"ice_servers\":[{\"urls\":"
           "[\"stun:192.0.2.1\"],\"username\":\"1:A\",\"credential\":\"secret\"}],"
           "\"heartbeat_s\":3,\"expires_s\":10}");
    expect_silence(f);
}

static void
test_the_flow_of_the_article(Fixture *f, gconstpointer data)
{
    enter(f, f->anna, ANNA);
    enter(f, f->bob, BOB);
    say(f, f->anna, "{\"type\":\"find_peer\",\"target_name\":\"bob\"}");
    expect(f, "A",
           "{\"type\":\"peer_found\",\"peer_info\":{\"peer_name\":\"bob\",\"local_ports\":[5],"
           "\"client_id\":\"B\"}}");
    say(f, f->anna, "{\"type\":\"offer\",\"target_id\":\"B\",\"sdp\":\"v=0\",\"extra\":1}");
    expect(f, "B", "{\"type\":\"offer\",\"sdp\":\"v=0\",\"extra\":1,\"from_id\":\"A\"}");
    say(f, f->bob, "{\"type\":\"answer\",\"target_id\":\"A\",\"sdp\":{\"sdp\":\"v=0\"}}");
    expect(f, "A", "{\"type\":\"answer\",\"sdp\":{\"sdp\":\"v=0\"},\"from_id\":\"B\"}");
    say(f, f->bob, "{\"type\":\"ice_candidate\",\"target_id\":\"A\",\"candidate\":null}");
    expect(f, "A", "{\"type\":\"ice_candidate\",\"candidate\":null,\"from_id\":\"B\"}");
    say(f, f->anna, "{\"type\":\"heartbeat\"}");
    expect(f, "A", "{\"type\":\"heartbeat_ack\"}");
    say(f, f->anna, "{\"type\":\"bye\",\"target_id\":\"B\"}");
    expect(f, "B", "{\"type\":\"bye\",\"from_id\":\"A\"}");
    expect_silence(f);
    g_assert_cmpuint(router_get_counts(f->router)->n_relayed, ==, 4);
}

static void
test_a_peer_that_is_not_there(Fixture *f, gconstpointer data)
{
    enter(f, f->anna, ANNA);
    say(f, f->anna, "{\"type\":\"find_peer\",\"target_name\":\"bob\"}");
    expect(f, "A", "{\"type\":\"peer_not_found\",\"target_name\":\"bob\"}");
    say(f, f->anna, "{\"type\":\"find_peer\",\"target_name\":\"anna\"}"); /* not oneself */
    expect(f, "A", "peer_not_found");
    say(f, f->anna, "{\"type\":\"bye\",\"target_id\":\"B\"}");
    expect(f, "A", "\"code\":\"unknown_target\"");
}

static void
test_errors_name_what_they_are_about(Fixture *f, gconstpointer data)
{
    enter(f, f->anna, ANNA);
    say(f, f->anna, "{\"type\":\"bye\",\"target_id\":\"B\"}");
    expect(f, "A", "\"ref\":\"bye\",\"target_id\":\"B\"}");
    say(f, f->anna, "{\"type\":\"bye\",\"target_id\":\"B\",\"ref\":\"mine\"}");
    expect(f, "A", "\"ref\":\"mine\",\"target_id\":\"B\"}");
    say(f, f->anna, "{\"type\":\"find_peer\"}");
    expect(f, "A",
           "\"code\":\"missing_field\",\"message\":\"find_peer needs \\\"target_name\\\"\"");
    say(f, f->anna, "{\"type\":\"dance\"}");
    expect(f, "A", "\"code\":\"unknown_type\"");
    say(f, f->anna, "nonsense");
    expect(f, "A", "\"code\":\"not_json\"");
    g_assert_cmpuint(router_get_counts(f->router)->n_refused, ==, 5);
}

static void
test_bytes_that_are_not_utf8_end_the_connection(Fixture *f, gconstpointer data)
{
    say(f, f->anna, "{\"type\":\"\xc3\x28\"}");
    g_assert_cmpint(g_array_index(f->deliveries, Delivery, 0).close_code, ==, WS_CLOSE_NOT_UTF8);
    expect(f, "A", "\"code\":\"not_utf8\"");
}

static void
test_register_comes_first_and_once(Fixture *f, gconstpointer data)
{
    say(f, f->anna, "{\"type\":\"heartbeat\"}");
    expect(f, "A", "\"code\":\"not_registered\"");
    say(f, f->anna, "{\"type\":\"offer\",\"target_id\":\"B\",\"sdp\":\"v=0\"}");
    expect(f, "A", "\"code\":\"not_registered\"");
    enter(f, f->anna, ANNA);
    say(f, f->anna, ANNA);
    expect(f, "A", "\"code\":\"already_registered\"");
}

static void
test_rooms(Fixture *f, gconstpointer data)
{
    enter(f, f->anna, ANNA_IN_LOBBY);
    say(f, f->bob, BOB_IN_LOBBY);
    expect(f, "B", "register_success");
    expect(f, "B",
           "{\"type\":\"peer_joined\",\"peer_info\":{\"peer_name\":\"anna\",\"room\":\"lobby\","
           "\"client_id\":\"A\"},\"present\":true}");
    expect(f, "A",
           "{\"type\":\"peer_joined\",\"peer_info\":{\"peer_name\":\"bob\",\"room\":\"lobby\","
           "\"client_id\":\"B\"}}");
    expect_silence(f);
    say(f, f->carl, CARL_IN_LOBBY);
    expect(f, "C", "\"code\":\"room_full\"");
    router_disconnected(f->router, f->anna, f->deliveries);
    expect(f, "B", "{\"type\":\"peer_left\",\"peer_info\":{\"peer_name\":\"anna\"");
    router_disconnected(f->router, f->anna, f->deliveries);
    expect_silence(f);
    say(f, f->carl, CARL_IN_LOBBY);
    expect(f, "C", "register_success");
}

static void
test_expiry(Fixture *f, gconstpointer data)
{
    enter(f, f->anna, ANNA_IN_LOBBY);
    f->now_us = 5 * SECOND;
    enter(f, f->bob, BOB_IN_LOBBY);
    router_expire(f->router, 10 * SECOND, f->deliveries);
    expect(f, "A", "\"code\":\"expired\"");
    expect(f, "B", "\"type\":\"peer_left\"");
    expect_silence(f);
    f->now_us = 12 * SECOND;
    say(f, f->bob, "{\"type\":\"heartbeat\"}");
    expect(f, "B", "heartbeat_ack");
    router_expire(f->router, 21 * SECOND, f->deliveries);
    expect_silence(f);
    say(f, f->anna, "{\"type\":\"heartbeat\"}");
    expect(f, "A", "\"code\":\"not_registered\"");
    enter(f, f->anna, ANNA);
}

static void
test_the_server_has_a_limit(Fixture *f, gconstpointer data)
{
    char *dora = g_ref_string_new("D");

    enter(f, f->anna, ANNA);
    enter(f, f->bob, ANNA);
    enter(f, f->carl, ANNA);
    say(f, dora, "{\"type\":\"register\",\"peer_name\":\"dora\",\"ref\":\"mine\"}");
    expect(f, "D", "\"code\":\"server_full\"");
    g_ref_string_release(dora);
}

static void
test_what_a_peer_says_about_itself_has_a_limit(Fixture *f, gconstpointer data)
{
    g_autofree char *much = g_strnfill(200, 'x');
    g_autofree char *text = g_strdup_printf(
        "{\"type\":\"register\",\"peer_name\":\"anna\",\"about\":\"%s\",\"ref\":\"mine\"}", much);

    say(f, f->anna, text);
    expect(f, "A", "\"code\":\"too_large\",\"message\":\"the registration's fields have");
    say(f, f->anna, "{\"type\":\"heartbeat\"}");
    expect(f, "A", "not_registered");
}

static void
test_tokens(Fixture *f, gconstpointer data)
{
    say(f, f->anna, ANNA);
    g_assert_cmpint(g_array_index(f->deliveries, Delivery, 0).close_code, ==, WS_CLOSE_POLICY);
    expect(f, "A", "\"code\":\"unauthorized\"");
    say(f, f->bob, "{\"type\":\"register\",\"peer_name\":\"bob\",\"token\":\"guess\"}");
    expect(f, "B", "\"code\":\"unauthorized\"");
    enter(f, f->carl, "{\"type\":\"register\",\"peer_name\":\"carl\",\"token\":\"key\"}");
}

static void
test_a_refusal_of_the_connection_itself(Fixture *f, gconstpointer data)
{
    router_refuse(f->router, f->anna, MESSAGE_ERROR_BINARY_REFUSED, "text only",
                  WS_CLOSE_UNSUPPORTED, f->deliveries);
    g_assert_cmpint(g_array_index(f->deliveries, Delivery, 0).close_code, ==, WS_CLOSE_UNSUPPORTED);
    expect(f, "A", "{\"type\":\"error\",\"code\":\"binary_refused\",\"message\":\"text only\"}");
}

int
main(int argc, char **argv)
{
    const struct {
        const char *name;
        const char *tokens;
        void (*test)(Fixture *f, gconstpointer data);
    } tests[] = {
        { "/router/register", NULL, test_register },
        { "/router/flow-of-the-article", NULL, test_the_flow_of_the_article },
        { "/router/not-there", NULL, test_a_peer_that_is_not_there },
        { "/router/errors", NULL, test_errors_name_what_they_are_about },
        { "/router/not-utf8", NULL, test_bytes_that_are_not_utf8_end_the_connection },
        { "/router/register-first", NULL, test_register_comes_first_and_once },
        { "/router/rooms", NULL, test_rooms },
        { "/router/expiry", NULL, test_expiry },
        { "/router/server-full", NULL, test_the_server_has_a_limit },
        { "/router/info-limit", NULL, test_what_a_peer_says_about_itself_has_a_limit },
        { "/router/tokens", "key", test_tokens },
        { "/router/refusal", NULL, test_a_refusal_of_the_connection_itself },
    };

    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, Fixture, tests[i].tokens, set_up, tests[i].test, tear_down);
    return g_test_run();
}
