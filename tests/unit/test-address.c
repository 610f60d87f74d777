#include "ice/address.h"

#include <string.h>

typedef struct {
    const char *text;
    const char *printed; /* NULL where it must not parse */
    AddressKind kind;
} Case;

static const Case cases[] = {
    { "0.0.0.0", "0.0.0.0", ADDRESS_UNSPECIFIED },
    { "0.1.2.3", "0.1.2.3", ADDRESS_RESERVED },
    { "9.255.255.255", "9.255.255.255", ADDRESS_PUBLIC },
    { "10.0.0.1", "10.0.0.1", ADDRESS_PRIVATE },
    { "11.0.0.0", "11.0.0.0", ADDRESS_PUBLIC },
    { "100.63.255.255", "100.63.255.255", ADDRESS_PUBLIC },
    { "100.64.0.0", "100.64.0.0", ADDRESS_CGNAT },
    { "100.127.255.255", "100.127.255.255", ADDRESS_CGNAT },
    { "100.128.0.0", "100.128.0.0", ADDRESS_PUBLIC },
    { "127.0.0.1", "127.0.0.1", ADDRESS_LOOPBACK },
    { "127.255.0.1", "127.255.0.1", ADDRESS_LOOPBACK },
    { "169.254.1.1", "169.254.1.1", ADDRESS_LINK_LOCAL },
    { "172.15.0.1", "172.15.0.1", ADDRESS_PUBLIC },
    { "172.16.0.1", "172.16.0.1", ADDRESS_PRIVATE },
    { "172.31.255.255", "172.31.255.255", ADDRESS_PRIVATE },
    { "172.32.0.0", "172.32.0.0", ADDRESS_PUBLIC },
    { "192.168.1.1", "192.168.1.1", ADDRESS_PRIVATE },
    { "192.0.2.1", "192.0.2.1", ADDRESS_PUBLIC },
    { "223.255.255.255", "223.255.255.255", ADDRESS_PUBLIC },
    { "224.0.0.251", "224.0.0.251", ADDRESS_MULTICAST },
    { "239.255.255.255", "239.255.255.255", ADDRESS_MULTICAST },
    { "240.0.0.1", "240.0.0.1", ADDRESS_RESERVED },
    { "255.255.255.255", "255.255.255.255", ADDRESS_RESERVED },

    { "", NULL, 0 },
    { ".", NULL, 0 },
    { "127.1", NULL, 0 },
    { "1.2.3", NULL, 0 },
    { "1.2.3.", NULL, 0 },
    { "1.2.3.4.", NULL, 0 },
    { ".1.2.3.4", NULL, 0 },
    { "1..2.3", NULL, 0 },
    { "1.2.3.4.5", NULL, 0 },
    { "1.2.3.256", NULL, 0 },
    { "1.2.3.1000", NULL, 0 },
    { "01.2.3.4", NULL, 0 },
    { "1.2.3.00", NULL, 0 },
    { "0x7f000001", NULL, 0 },
    { "0x7f.0.0.1", NULL, 0 },
    { "2130706433", NULL, 0 },
    { "1.2.3.a", NULL, 0 },
    { "1.2.3.4 ", NULL, 0 },
    { " 1.2.3.4", NULL, 0 },
    { "+1.2.3.4", NULL, 0 },
    { "1.2.3.-4", NULL, 0 },
    { "1.2.3.4:5", NULL, 0 },
    { "localhost", NULL, 0 },

    { "::", "::", ADDRESS_UNSPECIFIED },
    { "::1", "::1", ADDRESS_LOOPBACK },
    { "0:0:0:0:0:0:0:1", "::1", ADDRESS_LOOPBACK },
    { "FE80::1", "fe80::1", ADDRESS_LINK_LOCAL },
    { "febf::1", "febf::1", ADDRESS_LINK_LOCAL },
    { "fec0::1", "fec0::1", ADDRESS_PUBLIC },
    { "fc00::1", "fc00::1", ADDRESS_ULA },
    { "fd12:3456::1", "fd12:3456::1", ADDRESS_ULA },
    { "ff02::fb", "ff02::fb", ADDRESS_MULTICAST },
    { "2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", ADDRESS_PUBLIC },
    { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", ADDRESS_PUBLIC },
    { "::ffff:10.0.0.1", "::ffff:10.0.0.1", ADDRESS_V4_MAPPED },
    { "::ffff:a00:1", "::ffff:10.0.0.1", ADDRESS_V4_MAPPED },
    { "64:ff9b::192.0.2.1", "64:ff9b::c000:201", ADDRESS_PUBLIC },
    { "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      ADDRESS_MULTICAST },

    { ":", NULL, 0 },
    { ":::", NULL, 0 },
    { ":1", NULL, 0 },
    { "1:", NULL, 0 },
    { "1::2::3", NULL, 0 },
    { "1:2:3:4:5:6:7", NULL, 0 },
    { "1:2:3:4:5:6:7:8:9", NULL, 0 },
    { "1:2:3:4:5:6:7::8", NULL, 0 },
    { "12345::", NULL, 0 },
    { "g::1", NULL, 0 },
    { "::1%eth0", NULL, 0 },
    { "fe80::1%1", NULL, 0 },
    { "[::1]", NULL, 0 },
    { "::ffff:1.2.3", NULL, 0 },
    { "::ffff:01.2.3.4", NULL, 0 },
    { "::1.2.3.4:5", NULL, 0 },
    { "::1 ", NULL, 0 },
    { "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555", NULL, 0 },
};

static void
test_parse_print_classify(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Address address;
        gboolean parsed = address_parse(&address, cases[i].text, strlen(cases[i].text));

        g_test_message("%s", cases[i].text);
        g_assert_true(parsed == (cases[i].printed != NULL));
        if (!parsed) {
            g_assert_cmpuint(address.family, ==, 0);
            continue;
        }
        g_autofree char *printed = address_to_string(&address);
        g_assert_cmpstr(printed, ==, cases[i].printed);
        g_assert_cmpint(address_classify(&address), ==, cases[i].kind);
        g_assert_cmpuint(address.port, ==, 0);
    }
}

static void
test_text_ends_at_its_size_not_at_nul(void)
{
    Address address;

    g_assert_true(address_parse(&address, "192.0.2.1:3478", 9));
    g_assert_false(address_parse(&address, "1.2.3.4\0x", 9));
    g_assert_false(address_parse(&address, "::1\0:", 5));
}

static void
test_port_is_printed_and_compared(void)
{
    Address a, b, c;

    g_assert_true(address_parse(&a, "1.2.3.4", 7));
    g_assert_true(address_parse(&c, "::1", 3));
    b = a;
    g_assert_true(address_equal(&a, &b));
    b.port = 5;
    c.port = 65535;
    g_assert_false(address_equal(&a, &b));
    g_assert_false(address_equal(&b, &c));

    g_autofree char *v4 = address_to_string_with_port(&b), *v6 = address_to_string_with_port(&c);
    g_assert_cmpstr(v4, ==, "1.2.3.4:5");
    g_assert_cmpstr(v6, ==, "[::1]:65535");
}

static void
test_only_unicast_can_be_sent_to(void)
{
    static const struct {
        const char *text;
        gboolean is_unicast;
    } rows[] = { { "192.0.2.1", TRUE }, { "127.0.0.1", TRUE },        { "fe80::1", TRUE },
                 { "0.0.0.0", FALSE },  { "255.255.255.255", FALSE }, { "224.0.0.1", FALSE },
                 { "ff02::1", FALSE },  { "::ffff:1.2.3.4", FALSE },  { "::", FALSE } };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Address address;
        g_assert_true(address_parse(&address, rows[i].text, strlen(rows[i].text)));
        g_assert_true(address_is_unicast(&address) == rows[i].is_unicast);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/parse-print-classify", test_parse_print_classify);
    g_test_add_func("/address/text-ends-at-its-size-not-at-nul",
                    test_text_ends_at_its_size_not_at_nul);
    g_test_add_func("/address/port-is-printed-and-compared", test_port_is_printed_and_compared);
    g_test_add_func("/address/only-unicast-can-be-sent-to", test_only_unicast_can_be_sent_to);
    return g_test_run();
}
