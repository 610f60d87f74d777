#include "signaling/message.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *text;
    MessageType type;
    const char *error; /* the code and part of the text, or NULL where it must parse */
    const char *hint;
} ParseCase;

static const ParseCase to_server_cases[] = {
    { "register", "{\"type\":\"register\",\"peer_name\":\"anna\"}", MESSAGE_REGISTER, NULL, NULL },
    { "register-of-the-article",
      "{\"type\":\"register\",\"peer_name\":\"a\",\"capabilities\":[\"p2p\"],\"public_ip\":null,"
      "\"local_ports\":[5000,5001],\"nat_type\":\"full cone\"}",
      MESSAGE_REGISTER, NULL, NULL },
    { "fields-in-any-order", " {\"peer_name\":\"a\",\n\t\"type\":\"register\"} \r\n",
      MESSAGE_REGISTER, NULL, NULL },
    { "null-is-absent", "{\"type\":\"register\",\"peer_name\":\"a\",\"room\":null}",
      MESSAGE_REGISTER, NULL, NULL },
    { "find_peer", "{\"type\":\"find_peer\",\"target_name\":\"破壁者\"}", MESSAGE_FIND_PEER, NULL,
      NULL },
    { "offer", "{\"type\":\"offer\",\"target_id\":\"b\",\"sdp\":\"v=0\"}", MESSAGE_OFFER, NULL,
      NULL },
    { "offer-as-browsers-print-it",
      "{\"type\":\"offer\",\"target_id\":\"b\",\"sdp\":{\"type\":\"offer\",\"sdp\":\"v=0\"}}",
      MESSAGE_OFFER, NULL, NULL },
    { "answer", "{\"type\":\"answer\",\"target_id\":\"b\",\"sdp\":\"v=0\"}", MESSAGE_ANSWER, NULL,
      NULL },
    { "candidate-object",
      "{\"type\":\"ice_candidate\",\"target_id\":\"b\",\"candidate\":{\"candidate\":\"x\","
      "\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"usernameFragment\":null}}",
      MESSAGE_ICE_CANDIDATE, NULL, NULL },
    { "candidate-string", "{\"type\":\"ice-candidate\",\"target_id\":\"b\",\"candidate\":\"x\"}",
      MESSAGE_ICE_CANDIDATE, NULL, NULL },
    { "candidate-null", "{\"type\":\"ice_candidate\",\"target_id\":\"b\",\"candidate\":null}",
      MESSAGE_ICE_CANDIDATE, NULL, NULL },
    { "candidate-of-another-shape",
      "{\"type\":\"ice_candidate\",\"target_id\":\"b\",\"candidate\":{\"ip\":\"192.0.2.1\"}}",
      MESSAGE_ICE_CANDIDATE, NULL, NULL },
    { "bye", "{\"type\":\"bye\",\"target_id\":\"b\"}", MESSAGE_BYE, NULL, NULL },
    { "heartbeat", "{\"type\":\"heartbeat\"}", MESSAGE_HEARTBEAT, NULL, NULL },
    { "name-of-128-bytes",
      "{\"type\":\"find_peer\",\"target_name\":\""
      "0123456789012345678901234567890123456789012345678901234567890123"
      "0123456789012345678901234567890123456789012345678901234567890123\"}",
      MESSAGE_FIND_PEER, NULL, NULL },
    { "depth-16", "{\"type\":\"heartbeat\",\"x\":[[[[[[[[[[[[[[[\"[[[[[[{{{{\"]]]]]]]]]]]]]]]}",
      MESSAGE_HEARTBEAT, NULL, NULL },

    { "depth-17", "{\"type\":\"heartbeat\",\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
      MESSAGE_UNKNOWN, "too_deep", "16" },
    { "empty", "", MESSAGE_UNKNOWN, "not_json", "object" },
    { "array", "[]", MESSAGE_UNKNOWN, "not_json", "object" },
    { "cut-short", "{\"type\":\"heartbeat\"", MESSAGE_UNKNOWN, "not_json", "object" },
    { "cut-inside-a-string", "{\"type\":\"hea", MESSAGE_UNKNOWN, "not_json", "end" },
    { "cut-after-a-backslash", "{\"type\":\"hea\\", MESSAGE_UNKNOWN, "not_json", "end" },
    { "trailing-junk", "{\"type\":\"heartbeat\"}x", MESSAGE_UNKNOWN, "not_json", "object" },
    { "two-objects", "{\"type\":\"heartbeat\"}{}", MESSAGE_UNKNOWN, "not_json", "object" },
    { "control-character-in-a-string", "{\"type\":\"heart\nbeat\"}", MESSAGE_UNKNOWN, "not_json",
      "control" },
    { "control-character-between-values", "{\v\"type\":\"heartbeat\"}", MESSAGE_UNKNOWN, "not_json",
      "control" },
    { "escaped-nul", "{\"type\":\"heartbeat\\u0000\"}", MESSAGE_UNKNOWN, "not_json", "NUL" },
    { "lone-surrogate", "{\"type\":\"\\ud800\"}", MESSAGE_UNKNOWN, "not_json", "object" },
    { "not-utf8", "{\"type\":\"\xff\"}", MESSAGE_UNKNOWN, "not_utf8", "UTF-8" },
    { "no-type", "{\"peer_name\":\"a\"}", MESSAGE_UNKNOWN, "missing_field", "\"type\"" },
    { "type-not-a-string", "{\"type\":1}", MESSAGE_UNKNOWN, "bad_field", "\"type\"" },
    { "type-in-capitals", "{\"TYPE\":\"heartbeat\"}", MESSAGE_UNKNOWN, "missing_field",
      "\"type\"" },
    { "unknown-type", "{\"type\":\"dance\"}", MESSAGE_UNKNOWN, "unknown_type", "dance" },
    { "type-of-the-server", "{\"type\":\"register_success\",\"client_id\":\"x\"}", MESSAGE_UNKNOWN,
      "unknown_type", "register_success" },
    { "type-twice", "{\"type\":\"heartbeat\",\"type\":\"bye\"}", MESSAGE_UNKNOWN, "bad_field",
      "twice" },
    { "type-twice-once-escaped", "{\"type\":\"heartbeat\",\"t\\u0079pe\":\"bye\"}", MESSAGE_UNKNOWN,
      "bad_field", "twice" },
    { "no-name", "{\"type\":\"register\"}", MESSAGE_REGISTER, "missing_field", "peer_name" },
    { "empty-name", "{\"type\":\"register\",\"peer_name\":\"\"}", MESSAGE_REGISTER, "bad_field",
      "peer_name" },
    { "name-with-escape", "{\"type\":\"register\",\"peer_name\":\"a\\u001b[2J\"}", MESSAGE_REGISTER,
      "bad_field", "control" },
    { "name-with-c1-control", "{\"type\":\"register\",\"peer_name\":\"a\\u009b2J\"}",
      MESSAGE_REGISTER, "bad_field", "control" },
    { "name-of-129-bytes",
      "{\"type\":\"find_peer\",\"target_name\":\"x"
      "0123456789012345678901234567890123456789012345678901234567890123"
      "0123456789012345678901234567890123456789012345678901234567890123\"}",
      MESSAGE_FIND_PEER, "bad_field", "128" },
    { "name-not-a-string", "{\"type\":\"find_peer\",\"target_name\":7}", MESSAGE_FIND_PEER,
      "bad_field", "target_name" },
    { "bad-room", "{\"type\":\"register\",\"peer_name\":\"a\",\"room\":\"\"}", MESSAGE_REGISTER,
      "bad_field", "room" },
    { "token-not-a-string", "{\"type\":\"register\",\"peer_name\":\"a\",\"token\":{}}",
      MESSAGE_REGISTER, "bad_field", "token" },
    { "offer-to-nobody", "{\"type\":\"offer\",\"sdp\":\"v=0\"}", MESSAGE_OFFER, "missing_field",
      "target_id" },
    { "offer-without-sdp", "{\"type\":\"offer\",\"target_id\":\"b\"}", MESSAGE_OFFER,
      "missing_field", "sdp" },
    { "offer-that-says-answer",
      "{\"type\":\"offer\",\"target_id\":\"b\",\"sdp\":{\"type\":\"answer\",\"sdp\":\"v=0\"}}",
      MESSAGE_OFFER, "bad_field", "sdp" },
    { "sdp-object-without-sdp",
      "{\"type\":\"offer\",\"target_id\":\"b\",\"sdp\":{\"type\":\"offer\"}}", MESSAGE_OFFER,
      "missing_field", "sdp" },
    { "sdp-a-number", "{\"type\":\"offer\",\"target_id\":\"b\",\"sdp\":1}", MESSAGE_OFFER,
      "bad_field", "sdp" },
    { "no-candidate", "{\"type\":\"ice_candidate\",\"target_id\":\"b\"}", MESSAGE_ICE_CANDIDATE,
      "missing_field", "candidate" },
    { "candidate-a-list", "{\"type\":\"ice_candidate\",\"target_id\":\"b\",\"candidate\":[]}",
      MESSAGE_ICE_CANDIDATE, "bad_field", "candidate" },
    { "section-index-negative",
      "{\"type\":\"ice_candidate\",\"target_id\":\"b\",\"candidate\":{\"sdpMLineIndex\":-1}}",
      MESSAGE_ICE_CANDIDATE, "bad_field", "sdpMLineIndex" },
    { "section-index-huge",
      "{\"type\":\"ice_candidate\",\"target_id\":\"b\",\"candidate\":{\"sdpMLineIndex\":1e99}}",
      MESSAGE_ICE_CANDIDATE, "bad_field", "sdpMLineIndex" },
    { "candidate-twice-inside",
      "{\"type\":\"ice_candidate\",\"target_id\":\"b\",\"candidate\":{\"candidate\":\"a\","
      "\"candidate\":\"b\"}}",
      MESSAGE_ICE_CANDIDATE, "bad_field", "twice" },
};

static const ParseCase to_client_cases[] = {
    { "unknown-type", "{\"type\":\"news\"}", MESSAGE_UNKNOWN, "unknown_type", "news" },
    { "offer-from-nobody", "{\"type\":\"offer\",\"sdp\":\"v=0\"}", MESSAGE_OFFER, "missing_field",
      "from_id" },
    { "candidate-without-a-line",
      "{\"type\":\"ice_candidate\",\"from_id\":\"a\",\"candidate\":{\"ip\":\"192.0.2.1\"}}",
      MESSAGE_ICE_CANDIDATE, "bad_field", "candidate" },
    { "heartbeat-negative",
      "{\"type\":\"register_success\",\"client_id\":\"a\",\"heartbeat_s\":-1}",
      MESSAGE_REGISTER_SUCCESS, "bad_field", "heartbeat_s" },
    { "peer-found-without-info", "{\"type\":\"peer_found\"}", MESSAGE_PEER_FOUND, "missing_field",
      "peer_info" },
    { "peer-found-without-id", "{\"type\":\"peer_found\",\"peer_info\":{\"peer_name\":\"b\"}}",
      MESSAGE_PEER_FOUND, "missing_field", "client_id" },
    { "ack", "{\"type\":\"heartbeat_ack\",\"time\":1}", MESSAGE_HEARTBEAT_ACK, NULL, NULL },
};

static void
check_case(const ParseCase *c, MessageDirection direction)
{
    g_auto(Message) message = { 0 };
    g_autoptr(GError) error = NULL;

    /* An exact copy without a terminating NUL, so that a sanitizer sees a read past the end. */
    g_autofree char *bytes = g_memdup2(c->text, strlen(c->text));
    gboolean parsed = message_parse(&message, direction, bytes, strlen(c->text), NULL, &error);

    g_assert_true(parsed == (c->error == NULL));
    g_assert_cmpint(message.type, ==, c->type);
    if (!c->error) {
        g_assert_no_error(error);
        return;
    }
    g_assert_true(error->domain == MESSAGE_ERROR);
    g_assert_cmpstr(message_error_name((MessageErrorCode) error->code), ==, c->error);
    g_assert_nonnull(strstr(error->message, c->hint));
}

static void
test_to_server(gconstpointer data)
{
    check_case(data, MESSAGE_TO_SERVER);
}

static void
test_to_client(gconstpointer data)
{
    check_case(data, MESSAGE_TO_CLIENT);
}

static void
parse(Message *message, MessageDirection direction, const char *text)
{
    g_autoptr(GError) error = NULL;

    message_parse(message, direction, text, strlen(text), NULL, &error);
    g_assert_no_error(error);
}

static void
test_size_limit(void)
{
    g_autofree char *padding = g_strnfill(64 * 1024 - 27, 'x');
    g_autofree char *fits = g_strdup_printf("{\"type\":\"heartbeat\",\"x\":\"%s\"}", padding);
    g_auto(Message) message = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(strlen(fits), ==, 64 * 1024);
    parse(&message, MESSAGE_TO_SERVER, fits);
    message_clear(&message);

    g_autofree char *too_large = g_strconcat(fits, " ", NULL);
    g_assert_false(
        message_parse(&message, MESSAGE_TO_SERVER, too_large, strlen(too_large), NULL, &error));
    g_assert_error(error, MESSAGE_ERROR, MESSAGE_ERROR_TOO_LARGE);
}

static void
test_a_refused_message_keeps_its_ref(void)
{
    const char *text = "{\"type\":\"find_peer\",\"ref\":\"7\"}";
    g_auto(Message) message = { 0 };

    g_assert_false(message_parse(&message, MESSAGE_TO_SERVER, text, strlen(text), NULL, NULL));
    g_assert_cmpstr(message.type_name, ==, "find_peer");
    g_assert_cmpstr(message.ref, ==, "7");
}

static void
test_relay_passes_unknown_fields_and_forges_nothing(void)
{
    g_auto(Message) message = { 0 };

    parse(&message, MESSAGE_TO_SERVER,
          "{\"type\":\"ice-candidate\",\"target_id\":\"b\",\"from_id\":\"forged\","
          "\"candidate\":{\"candidate\":\"x\",\"foundation\":[1,2.5,-3e9,true,null]},"
          "\"\\u00fc\":{\"deep\":\"\\\"\\n\"}}");
    g_autofree char *relayed = message_take_relayed(&message, "a");
    g_assert_cmpstr(relayed, ==,
                    "{\"type\":\"ice_candidate\","
                    "\"candidate\":{\"candidate\":\"x\",\"foundation\":[1,2.5,-3000000000,true,"
                    "null]},\"ü\":{\"deep\":\"\\\"\\n\"},\"from_id\":\"a\"}");
}

static void
test_peer_info_is_what_was_registered_without_the_token(void)
{
    g_auto(Message) message = { 0 };

    parse(&message, MESSAGE_TO_SERVER,
          "{\"type\":\"register\",\"token\":\"secret\",\"client_id\":\"forged\",\"ref\":\"1\","
          "\"peer_name\":\"anna\",\"room\":\"lobby\",\"local_ports\":[5000]}");
    g_autofree char *info = message_take_peer_info(&message, "a");
    g_assert_cmpstr(info, ==,
                    "{\"peer_name\":\"anna\",\"room\":\"lobby\",\"local_ports\":[5000],"
                    "\"client_id\":\"a\"}");

    g_autofree char *joined = message_build_peer_joined(info, TRUE);
    parse(&message, MESSAGE_TO_CLIENT, joined);
    g_assert_cmpint(message.type, ==, MESSAGE_PEER_JOINED);
    g_assert_cmpstr(message.client_id, ==, "a");
    g_assert_cmpstr(message.peer_name, ==, "anna");
    g_assert_cmpstr(message.room, ==, "lobby");
    g_assert_true(message.present);
}

static void
test_register_success_is_read_back(void)
{
    const MessageIceServer servers[] = { { "stun:192.0.2.1:8765", NULL, NULL },
                                         { "turn:192.0.2.1", "99:a", "c2VjcmV0" } };
    g_autofree char *text = message_build_register_success("a", servers, 2, 60, 300);
    g_auto(Message) message = { 0 };

    parse(&message, MESSAGE_TO_CLIENT, text);
    g_assert_cmpstr(message.client_id, ==, "a");
    g_assert_cmpuint(message.heartbeat_s, ==, 60);
    g_assert_cmpuint(message.expires_s, ==, 300);
    g_assert_cmpuint(message.ice_servers->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        MessageIceServer *server = &g_array_index(message.ice_servers, MessageIceServer, i);
        g_assert_cmpstr(server->uri, ==, servers[i].uri);
        g_assert_cmpstr(server->username, ==, servers[i].username);
        g_assert_cmpstr(server->credential, ==, servers[i].credential);
    }
}

static void
test_ice_servers_in_the_forms_that_browsers_take(void)
{
    g_auto(Message) message = { 0 };

    parse(&message, MESSAGE_TO_CLIENT,
          "{\"type\":\"register_success\",\"client_id\":\"a\",\"ice_servers\":[7,{},"
          "{\"urls\":\"stun:a\"},{\"urls\":[\"turn:b\",1,\"turns:b\"],\"username\":\"u\","
          "\"credential\":\"p\"}]}");
    g_assert_cmpuint(message.ice_servers->len, ==, 3);
    MessageIceServer *last = &g_array_index(message.ice_servers, MessageIceServer, 2);
    g_assert_cmpstr(last->uri, ==, "turns:b");
    g_assert_cmpstr(last->username, ==, "u");
}

static void
test_what_clients_build_is_read_back(void)
{
    g_auto(Message) message = { 0 };

    g_autofree char *registration = message_build_register("anna", "lobby", "secret");
    parse(&message, MESSAGE_TO_SERVER, registration);
    g_assert_cmpstr(message.token, ==, "secret");
    g_assert_cmpstr(message.room, ==, "lobby");
    message_clear(&message);

    g_autofree char *offer = message_build_description("b", "offer", "v=0\r\n");
    parse(&message, MESSAGE_TO_SERVER, offer);
    g_autofree char *relayed = message_take_relayed(&message, "a");
    parse(&message, MESSAGE_TO_CLIENT, relayed);
    g_assert_cmpstr(message.from_id, ==, "a");
    g_assert_cmpstr(message.sdp, ==, "v=0\r\n");
    message_clear(&message);

    g_autofree char *candidate = message_build_candidate("b", "candidate:1", "0", 0, "ufrag");
    parse(&message, MESSAGE_TO_SERVER, candidate);
    g_assert_cmpstr(message.candidate, ==, "candidate:1");
    g_assert_cmpstr(message.sdp_mid, ==, "0");
    g_assert_cmpint(message.sdp_m_line_index, ==, 0);
    g_assert_cmpstr(message.username_fragment, ==, "ufrag");
    message_clear(&message);

    g_autofree char *last = message_build_candidate("b", "", NULL, -1, NULL);
    parse(&message, MESSAGE_TO_SERVER, last);
    g_assert_cmpstr(message.candidate, ==, "");
    g_assert_cmpint(message.sdp_m_line_index, ==, -1);
}

static void
test_errors_are_read_back(void)
{
    g_autofree char *text =
        message_build_error(MESSAGE_ERROR_UNKNOWN_TARGET, "nobody", "offer", "b");
    g_auto(Message) message = { 0 };

    parse(&message, MESSAGE_TO_CLIENT, text);
    g_assert_cmpstr(message.error_code, ==, "unknown_target");
    g_assert_cmpstr(message.error_message, ==, "nobody");
    g_assert_cmpstr(message.ref, ==, "offer");
    g_assert_cmpstr(message.target_id, ==, "b");
}

static void
add_cases(const char *prefix, const ParseCase *cases, gsize n, GTestDataFunc test)
{
    for (gsize i = 0; i < n; i++) {
        g_autofree char *path = g_strconcat(prefix, cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], test);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_cases("/message/to-server/", to_server_cases, G_N_ELEMENTS(to_server_cases),
              test_to_server);
    add_cases("/message/to-client/", to_client_cases, G_N_ELEMENTS(to_client_cases),
              test_to_client);
    g_test_add_func("/message/size-limit", test_size_limit);
    g_test_add_func("/message/refused-keeps-ref", test_a_refused_message_keeps_its_ref);
    g_test_add_func("/message/relay", test_relay_passes_unknown_fields_and_forges_nothing);
    g_test_add_func("/message/peer-info", test_peer_info_is_what_was_registered_without_the_token);
    g_test_add_func("/message/register-success", test_register_success_is_read_back);
    g_test_add_func("/message/ice-servers", test_ice_servers_in_the_forms_that_browsers_take);
    g_test_add_func("/message/client-builds", test_what_clients_build_is_read_back);
    g_test_add_func("/message/errors", test_errors_are_read_back);
    return g_test_run();
}
