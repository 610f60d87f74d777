#include "ice/candidate.h"

#include <string.h>

/* What an honest peer writes, and what we print for it (NULL: the same). */
static const struct {
    const char *name, *text, *printed;
} good_cases[] = {
    { "chromium-host-mdns",
      "candidate:1966762133 1 udp 2113937151 7f6a2d3c-0b51-4d9a-9b1c-3f1f5b2e7a10.local 47011 typ "
      "host generation 0 ufrag lY1k network-cost 999",
      "candidate:1966762133 1 udp 2113937151 7f6a2d3c-0b51-4d9a-9b1c-3f1f5b2e7a10.local 47011 typ "
      "host ufrag lY1k" },
    { "chromium-srflx",
      "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0 "
      "generation 0 ufrag EEtu network-id 1",
      "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0 "
      "ufrag EEtu" },
    { "chromium-tcp-active",
      "candidate:1 1 tcp 1518214911 192.0.2.1 9 typ host tcptype active generation 0",
      "candidate:1 1 tcp 1518214911 192.0.2.1 9 typ host tcptype active" },
    { "firefox-upper-case", "candidate:0 1 UDP 2122252543 192.0.2.4 55555 typ host",
      "candidate:0 1 udp 2122252543 192.0.2.4 55555 typ host" },
    { "firefox-tcp", "candidate:2 1 TCP 2105524479 192.0.2.4 9 typ host tcptype active",
      "candidate:2 1 tcp 2105524479 192.0.2.4 9 typ host tcptype active" },
    { "rport-9", "candidate:1 1 udp 1685987327 203.0.113.7 4 typ srflx raddr :: rport 9", NULL },
    { "relay-ipv6",
      "candidate:+/aZ09 1 udp 1 2001:db8::1 65535 typ relay raddr 192.0.2.4 rport 65535", NULL },
    { "prflx", "candidate:a 1 udp 2147483647 10.0.0.1 1 typ prflx", NULL },
    { "passive", "candidate:a 1 tcp 1 10.0.0.1 1 typ host tcptype passive", NULL },
    { "simultaneous-open", "candidate:a 1 tcp 1 10.0.0.1 1 typ host tcptype so", NULL },
    { "component-256", "candidate:a 256 udp 1 10.0.0.1 1 typ host", NULL },
    { "longest-foundation",
      "candidate:12345678901234567890123456789012 1 udp 1 10.0.0.1 1 typ host", NULL },
    { "sdp-line", "a=candidate:a 1 udp 1 10.0.0.1 1 typ host\r\n",
      "candidate:a 1 udp 1 10.0.0.1 1 typ host" },
    { "bare-newline", "candidate:a 1 udp 1 10.0.0.1 1 typ host\n",
      "candidate:a 1 udp 1 10.0.0.1 1 typ host" },
    { "unknown-extensions", "candidate:a 1 udp 1 10.0.0.1 1 typ host x-1 ~!\"# y z",
      "candidate:a 1 udp 1 10.0.0.1 1 typ host" },
    { "tcptype-on-udp-means-nothing", "candidate:a 1 udp 1 10.0.0.1 1 typ host tcptype bogus",
      "candidate:a 1 udp 1 10.0.0.1 1 typ host" },
    { "related-name-is-dropped", "candidate:a 1 udp 1 10.0.0.1 1 typ srflx raddr x.local rport 5",
      "candidate:a 1 udp 1 10.0.0.1 1 typ srflx" },
    { "loopback", "candidate:a 1 udp 1 127.0.0.1 1 typ host", NULL },
};

static const struct {
    const char *name, *text, *error;
} bad_cases[] = {
    { "empty", "", "does not start with" },
    { "only-a-prefix", "a=", "does not start with" },
    { "other-attribute", "a=mid:0", "line \"a=mid:0\" does not start" },
    { "nothing-after-the-word", "candidate:", "foundation \"\"" },
    { "foundation-too-long",
      "candidate:123456789012345678901234567890123 1 udp 1 1.2.3.4 1 typ host", "foundation" },
    { "foundation-not-ice-chars", "candidate:a-b 1 udp 1 1.2.3.4 1 typ host",
      "foundation \"a-b\"" },
    { "space-before-foundation", "candidate: a 1 udp 1 1.2.3.4 1 typ host", "foundation \"\"" },
    { "component-0", "candidate:a 0 udp 1 1.2.3.4 1 typ host", "component \"0\"" },
    { "component-257", "candidate:a 257 udp 1 1.2.3.4 1 typ host", "component \"257\"" },
    { "component-signed", "candidate:a +1 udp 1 1.2.3.4 1 typ host", "component \"+1\"" },
    { "two-spaces", "candidate:a  1 udp 1 1.2.3.4 1 typ host", "component \"\"" },
    { "transport-sctp", "candidate:a 1 sctp 1 1.2.3.4 1 typ host", "transport \"sctp\"" },
    { "transport-cut", "candidate:a 1 ud", "transport \"ud\"" },
    { "priority-0", "candidate:a 1 udp 0 1.2.3.4 1 typ host", "priority \"0\"" },
    { "priority-2-to-the-31", "candidate:a 1 udp 2147483648 1.2.3.4 1 typ host", "priority" },
    { "priority-11-digits", "candidate:a 1 udp 00000000001 1.2.3.4 1 typ host", "priority" },
    { "priority-with-junk", "candidate:a 1 udp 1x 1.2.3.4 1 typ host", "priority \"1x\"" },
    { "address-short-form", "candidate:a 1 udp 1 127.1 1 typ host", "address \"127.1\"" },
    { "address-hex", "candidate:a 1 udp 1 0x7f000001 1 typ host", "address" },
    { "address-zone", "candidate:a 1 udp 1 fe80::1%eth0 1 typ host", "address" },
    { "address-name", "candidate:a 1 udp 1 example.org 1 typ host", "LABEL.local" },
    { "address-deep-local-name", "candidate:a 1 udp 1 a.b.local 1 typ host", "LABEL.local" },
    { "address-bare-local", "candidate:a 1 udp 1 .local 1 typ host", "LABEL.local" },
    { "address-unspecified", "candidate:a 1 udp 1 0.0.0.0 1 typ host", "reached" },
    { "address-unspecified-v6", "candidate:a 1 udp 1 :: 1 typ host", "reached" },
    { "address-multicast", "candidate:a 1 udp 1 224.0.0.251 1 typ host", "reached" },
    { "address-multicast-v6", "candidate:a 1 udp 1 ff02::1 1 typ host", "reached" },
    { "address-broadcast", "candidate:a 1 udp 1 255.255.255.255 1 typ host", "reached" },
    { "address-v4-mapped", "candidate:a 1 udp 1 ::ffff:10.0.0.1 1 typ host", "reached" },
    { "port-0", "candidate:a 1 udp 1 1.2.3.4 0 typ host", "port \"0\"" },
    { "port-65536", "candidate:a 1 udp 1 1.2.3.4 65536 typ host", "port \"65536\"" },
    { "port-negative", "candidate:a 1 udp 1 1.2.3.4 -1 typ host", "port \"-1\"" },
    { "port-missing", "candidate:a 1 udp 1 1.2.3.4", "port \"\"" },
    { "typ-missing", "candidate:a 1 udp 1 1.2.3.4 1", "\"typ\"" },
    { "typ-misspelt", "candidate:a 1 udp 1 1.2.3.4 1 type host", "\"type\" stands" },
    { "type-missing", "candidate:a 1 udp 1 1.2.3.4 1 typ", "type \"\"" },
    { "type-unknown", "candidate:a 1 udp 1 1.2.3.4 1 typ hosts", "type \"hosts\"" },
    { "raddr-without-rport", "candidate:a 1 udp 1 1.2.3.4 1 typ srflx raddr 1.2.3.4", "rport" },
    { "raddr-then-other", "candidate:a 1 udp 1 1.2.3.4 1 typ srflx raddr 1.2.3.4 x 1",
      "\"x\" stands" },
    { "raddr-not-an-address", "candidate:a 1 udp 1 1.2.3.4 1 typ srflx raddr x rport 1",
      "raddr \"x\"" },
    { "rport-65536", "candidate:a 1 udp 1 1.2.3.4 1 typ srflx raddr 1.2.3.4 rport 65536", "rport" },
    { "extension-without-value", "candidate:a 1 udp 1 1.2.3.4 1 typ host generation", "no value" },
    { "extension-with-empty-value", "candidate:a 1 udp 1 1.2.3.4 1 typ host generation ",
      "no value" },
    { "trailing-space", "candidate:a 1 udp 1 1.2.3.4 1 typ host ", "no name" },
    { "tcp-without-tcptype", "candidate:a 1 tcp 1 1.2.3.4 9 typ host", "tcptype" },
    { "tcptype-unknown", "candidate:a 1 tcp 1 1.2.3.4 9 typ host tcptype x", "tcptype \"x\"" },
    { "tcptype-twice", "candidate:a 1 tcp 1 1.2.3.4 9 typ host tcptype so tcptype so", "twice" },
    { "ufrag-twice", "candidate:a 1 udp 1 1.2.3.4 1 typ host ufrag a ufrag b", "twice" },
    { "ufrag-not-ice-chars", "candidate:a 1 udp 1 1.2.3.4 1 typ host ufrag a:b", "ufrag \"a:b\"" },
    { "control-character", "candidate:a 1 udp 1 1.2.3.4\t1 typ host", "ASCII" },
    { "second-line", "candidate:a 1 udp 1 1.2.3.4 1 typ host\r\na=x", "ASCII" },
    { "not-ascii", "candidate:a 1 udp 1 1.2.3.4 1 typ host x \303\244", "ASCII" },
};

static void
test_honest_candidates_are_read_and_printed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good_cases); i++) {
        g_auto(Candidate) first = { 0 }, second = { 0 };
        g_autoptr(GError) error = NULL;
        const char *expected = good_cases[i].printed ? good_cases[i].printed : good_cases[i].text;

        g_test_message("%s", good_cases[i].name);
        g_assert_true(candidate_parse(&first, good_cases[i].text, &error));
        g_assert_no_error(error);
        g_autofree char *printed = candidate_print(&first);
        g_assert_cmpstr(printed, ==, expected);
        g_assert_true(candidate_parse(&second, printed, &error));
        g_autofree char *again = candidate_print(&second);
        g_assert_cmpstr(again, ==, printed);
    }
}

static void
test_bad_candidates_are_refused_with_the_reason(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        Candidate candidate;
        g_autoptr(GError) error = NULL;

        g_test_message("%s", bad_cases[i].name);
        g_assert_false(candidate_parse(&candidate, bad_cases[i].text, &error));
        g_assert_error(error, CANDIDATE_ERROR, CANDIDATE_ERROR_INVALID);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, bad_cases[i].error));
        g_assert_cmpstr(candidate.foundation, ==, "");
        g_assert_null(candidate.host);
    }
}

static void
test_each_field_is_where_it_belongs(void)
{
    g_auto(Candidate) candidate = { 0 };

    g_assert_true(candidate_parse(&candidate,
                                  "candidate:f0 2 tcp 77 2001:db8::7 70 typ relay raddr 10.0.0.8 "
                                  "rport 80 tcptype passive generation 3 ufrag u/+9",
                                  NULL));
    g_assert_cmpstr(candidate.foundation, ==, "f0");
    g_assert_cmpuint(candidate.component, ==, 2);
    g_assert_cmpint(candidate.transport, ==, CANDIDATE_TCP);
    g_assert_cmpuint(candidate.priority, ==, 77);
    g_assert_null(candidate.host);
    g_assert_cmpuint(candidate.address.family, ==, 6);
    g_assert_cmpuint(candidate.address.port, ==, 70);
    g_assert_cmpint(candidate.type, ==, CANDIDATE_RELAY);
    g_assert_cmpint(candidate.tcp_type, ==, CANDIDATE_TCP_PASSIVE);
    g_assert_true(candidate.has_related);
    g_assert_cmpuint(candidate.related.family, ==, 4);
    g_assert_cmpuint(candidate.related.port, ==, 80);
    g_assert_cmpstr(candidate.ufrag, ==, "u/+9");
}

static void
test_a_name_stands_for_the_address(void)
{
    g_auto(Candidate) candidate = { 0 };

    g_assert_true(candidate_parse(&candidate, "candidate:a 1 udp 1 A-b_0.LOCAL 5 typ host", NULL));
    g_assert_cmpstr(candidate.host, ==, "A-b_0.LOCAL");
    g_assert_cmpuint(candidate.address.family, ==, 0);
    g_assert_cmpuint(candidate.address.port, ==, 5);
}

static void
test_a_long_line_is_refused(void)
{
    g_autofree char *filler = g_strnfill(CANDIDATE_MAX_LINE_SIZE, 'x');
    g_autofree char *line = g_strconcat("candidate:a 1 udp 1 1.2.3.4 1 typ host x ", filler, NULL);
    g_auto(Candidate) candidate = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_false(candidate_parse(&candidate, line, &error));
    g_assert_nonnull(strstr(error->message, "longer than 1024"));
    g_assert_cmpuint(strlen(error->message), <, 160);
    line[CANDIDATE_MAX_LINE_SIZE] = '\0';
    g_assert_true(candidate_parse(&candidate, line, NULL));
}

static void
test_messages_are_printable_and_short(void)
{
    g_autofree char *filler = g_strnfill(500, 'y');
    g_autofree char *line = g_strconcat("candidate:a 1 ", filler, NULL);
    Candidate candidate;
    g_autoptr(GError) error = NULL, control = NULL;

    g_assert_false(candidate_parse(&candidate, line, &error));
    g_assert_cmpuint(strlen(error->message), <, 160);
    g_assert_false(candidate_parse(&candidate, "candidate:\033[2J", &control));
    g_assert_nonnull(strstr(control->message, "\\033"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/candidate/honest-candidates-are-read-and-printed",
                    test_honest_candidates_are_read_and_printed);
    g_test_add_func("/candidate/bad-candidates-are-refused-with-the-reason",
                    test_bad_candidates_are_refused_with_the_reason);
    g_test_add_func("/candidate/each-field-is-where-it-belongs",
                    test_each_field_is_where_it_belongs);
    g_test_add_func("/candidate/a-name-stands-for-the-address", test_a_name_stands_for_the_address);
    g_test_add_func("/candidate/a-long-line-is-refused", test_a_long_line_is_refused);
    g_test_add_func("/candidate/messages-are-printable-and-short",
                    test_messages_are_printable_and_short);
    return g_test_run();
}
