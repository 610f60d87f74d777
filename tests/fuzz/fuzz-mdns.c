/* Feeds an mDNS message to the parser of answers. */
#include "ice/mdns-message.h"

#include <stdint.h>
#include <string.h>

#define NAME "a.local"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Address all[3], one;
    guint found = mdns_response_parse(bytes, size, NAME, all, G_N_ELEMENTS(all));

    g_assert_cmpuint(found, <=, G_N_ELEMENTS(all));
    for (guint i = 0; i < found; i++)
        g_assert_true(address_is_unicast(&all[i]) && all[i].port == 0);
    g_assert_cmpuint(mdns_response_parse(bytes, size, NAME, &one, 1), ==, MIN(found, 1));
    g_assert_true(found == 0 || address_equal(&one, &all[0]));
    return 0;
}
