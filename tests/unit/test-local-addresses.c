#include "ice/local-addresses.h"
#include "tests/support/netns.h"

static char *
list_as_text(void)
{
    g_autoptr(GArray) addresses = local_addresses_list();
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < addresses->len; i++) {
        const Address *address = &g_array_index(addresses, Address, i);
        g_autofree char *one = address_to_string(address);
        g_assert_cmpuint(address->port, ==, 0);
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", one);
    }
    return g_strdup(text->str);
}

static void
loopback_and_link_local_are_left_out(void)
{
    g_autofree char *text = list_as_text();
    g_assert_cmpstr(text, ==, "192.0.2.1 2001:db8::1");
}

static void
interfaces_of_containers_are_left_out(void)
{
    netns_ip("link add docker0 type veth peer name dockerpeer");
    netns_ip("address add 192.0.2.77/24 dev docker0");
    netns_ip("link set docker0 up");
    netns_ip("link set dockerpeer up");
    g_autofree char *text = list_as_text();
    g_assert_cmpstr(text, ==, "192.0.2.1 2001:db8::1");
}

static void
interfaces_that_are_down_are_left_out(void)
{
    netns_ip("link set eth0 down");
    g_autofree char *text = list_as_text();
    g_assert_cmpstr(text, ==, "");
}

int
main(int argc, char **argv)
{
    const char *why = NULL;
    g_test_init(&argc, &argv, NULL);
    if (!netns_enter(&why)) {
        g_print("1..0 # SKIP %s\n", why);
        return 77;
    }
    g_test_add_func("/local-addresses/loopback-and-link-local-are-left-out",
                    loopback_and_link_local_are_left_out);
    g_test_add_func("/local-addresses/interfaces-of-containers-are-left-out",
                    interfaces_of_containers_are_left_out);
    g_test_add_func("/local-addresses/interfaces-that-are-down-are-left-out",
                    interfaces_that_are_down_are_left_out);
    return g_test_run();
}
