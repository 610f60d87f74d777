/* Asks the kernel once for a gathering.  libnice would ask by itself, and again for each address
 * that it finds: for link-local ones too, to which no candidate belongs. */
#include "ice/local-addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* As in libnice, whose list would otherwise be used. */
static const char *const ignored_prefixes[] = { "docker", "veth", "virbr", "vnet" };

static gboolean
is_ignored(const struct ifaddrs *interface)
{
    unsigned int needed = IFF_UP | IFF_RUNNING;
    if ((interface->ifa_flags & needed) != needed || !interface->ifa_addr)
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(ignored_prefixes); i++)
        if (g_str_has_prefix(interface->ifa_name, ignored_prefixes[i]))
            return TRUE;
    return FALSE;
}

static gboolean
read_address(Address *address, const struct sockaddr *from)
{
    *address = (Address){ 0 };
    if (from->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof in);
        address->family = 4;
        memcpy(address->bytes, &in.sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, from, sizeof in6);
        address->family = 6;
        memcpy(address->bytes, &in6.sin6_addr, 16);
    }
    return address->family != 0;
}

GArray *
local_addresses_list(void)
{
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(Address));
    struct ifaddrs *interfaces = NULL;
    if (getifaddrs(&interfaces) < 0)
        return addresses;
    for (const struct ifaddrs *i = interfaces; i; i = i->ifa_next) {
        Address address;
        if (is_ignored(i) || !read_address(&address, i->ifa_addr))
            continue;
        AddressKind kind = address_classify(&address);
        if (kind != ADDRESS_LOOPBACK && kind != ADDRESS_LINK_LOCAL)
            g_array_append_val(addresses, address);
    }
    freeifaddrs(interfaces);
    return addresses;
}
