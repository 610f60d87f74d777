#include "signaling/server/address-count.h"

static const guint8 home[] = { 192, 0, 2, 1 };
static const guint8 office[] = { 192, 0, 2, 2 };

static void
test_each_address_has_its_own_limit(void)
{
    AddressCount *counts = address_count_new(2);
    AddressKey one = address_key(home, sizeof home), other = address_key(office, sizeof office);

    g_assert_true(address_count_add(counts, one));
    g_assert_true(address_count_add(counts, one));
    g_assert_false(address_count_add(counts, one));
    g_assert_true(address_count_add(counts, other));
    address_count_remove(counts, one);
    g_assert_true(address_count_add(counts, one));
    g_assert_false(address_count_add(counts, one));
    address_count_free(counts);
}

static void
test_all_can_leave(void)
{
    AddressCount *counts = address_count_new(1);
    AddressKey key = address_key(home, sizeof home);

    for (int i = 0; i < 3; i++) {
        g_assert_true(address_count_add(counts, key));
        address_count_remove(counts, key);
    }
    address_count_free(counts);
}

static void
test_this_machine_is_not_counted(void)
{
    const guint8 ipv4[] = { 127, 0, 0, 1 }, ipv6[16] = { [15] = 1 };
    const guint8 mapped[16] = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 };
    AddressCount *counts = address_count_new(1);

    g_assert_cmpuint(address_key(ipv4, sizeof ipv4), ==, 0);
    g_assert_cmpuint(address_key(ipv6, sizeof ipv6), ==, 0);
    g_assert_cmpuint(address_key(mapped, sizeof mapped), ==, 0);
    for (int i = 0; i < 3; i++)
        g_assert_true(address_count_add(counts, 0));
    address_count_remove(counts, 0);
    address_count_free(counts);
}

static void
test_keys(void)
{
    const guint8 mapped[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1 };
    const guint8 v6[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, [15] = 1 };
    const guint8 neighbour[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, [15] = 2 };
    const guint8 stranger[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, [15] = 1 };

    g_assert_cmpuint(address_key(mapped, sizeof mapped), ==, address_key(home, sizeof home));
    g_assert_cmpuint(address_key(home, sizeof home), !=, address_key(office, sizeof office));
    g_assert_cmpuint(address_key(v6, sizeof v6), ==, address_key(neighbour, sizeof neighbour));
    g_assert_cmpuint(address_key(v6, sizeof v6), !=, address_key(stranger, sizeof stranger));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address-count/limit", test_each_address_has_its_own_limit);
    g_test_add_func("/address-count/all-can-leave", test_all_can_leave);
    g_test_add_func("/address-count/this-machine", test_this_machine_is_not_counted);
    g_test_add_func("/address-count/keys", test_keys);
    return g_test_run();
}
