/* Owns the text form of addresses and what their ranges mean.  Never resolves a name.
 * RFC 4291 section 2.2 and RFC 5952 for IPv6; strict dotted quad for IPv4, because what inet_aton
 * also takes (127.1, 0x7f000001, 0177.0.0.1) has been used to slip past address checks. */
#include "ice/address.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct {
    guint8 prefix[12];
    guint8 bits;
    AddressKind kind;
} Range;

/* The first range that fits decides. */
static const Range ranges_v4[] = {
    { { 0, 0, 0, 0 }, 32, ADDRESS_UNSPECIFIED },
    { { 0 }, 8, ADDRESS_RESERVED }, /* RFC 791: "this network" */
    { { 10 }, 8, ADDRESS_PRIVATE },
    { { 100, 64 }, 10, ADDRESS_CGNAT },
    { { 127 }, 8, ADDRESS_LOOPBACK },
    { { 169, 254 }, 16, ADDRESS_LINK_LOCAL },
    { { 172, 16 }, 12, ADDRESS_PRIVATE },
    { { 192, 168 }, 16, ADDRESS_PRIVATE },
    { { 224 }, 4, ADDRESS_MULTICAST },
    { { 240 }, 4, ADDRESS_RESERVED }, /* RFC 1112 section 4 and 255.255.255.255 */
};

static const Range ranges_v6[] = {
    { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, ADDRESS_V4_MAPPED },
    { { 0xfe, 0x80 }, 10, ADDRESS_LINK_LOCAL },
    { { 0xfc }, 7, ADDRESS_ULA },
    { { 0xff }, 8, ADDRESS_MULTICAST },
};

static gboolean
is_in_range(const guint8 *bytes, const Range *range)
{
    guint whole = range->bits / 8, rest = range->bits % 8;
    guint8 mask = (guint8) (0xff00 >> rest);

    return memcmp(bytes, range->prefix, whole) == 0 &&
           (rest == 0 || (bytes[whole] & mask) == (range->prefix[whole] & mask));
}

static AddressKind
find_range(const guint8 *bytes, const Range *ranges, gsize n_ranges)
{
    for (gsize i = 0; i < n_ranges; i++)
        if (is_in_range(bytes, &ranges[i]))
            return ranges[i].kind;
    return ADDRESS_PUBLIC;
}

/* inet_pton is lenient in other C libraries about what it calls a digit and where text ends. */
static gboolean
has_only(const char *text, gsize size, const char *allowed)
{
    for (gsize i = 0; i < size; i++)
        if (!g_ascii_isxdigit(text[i]) && (text[i] == '\0' || !strchr(allowed, text[i])))
            return FALSE;
    return TRUE;
}

static gboolean
is_dotted_quad(const char *text, gsize size)
{
    guint octets = 0;

    for (gsize at = 0; at < size; octets++) {
        guint value = 0;
        gsize start = at;
        for (; at < size && at - start < 3 && g_ascii_isdigit(text[at]); at++)
            value = value * 10 + (guint) g_ascii_digit_value(text[at]);
        if (at == start || value > 255 || (at - start > 1 && text[start] == '0'))
            return FALSE;
        if (at < size && (text[at++] != '.' || at == size))
            return FALSE;
    }
    return octets == 4;
}

gboolean
address_parse(Address *address, const char *text, gsize size)
{
    char copy[INET6_ADDRSTRLEN];

    memset(address, 0, sizeof *address);
    if (size == 0 || size >= sizeof copy || !has_only(text, size, ".:"))
        return FALSE;
    memcpy(copy, text, size);
    copy[size] = '\0';

    gboolean is_v6 = strchr(copy, ':') != NULL;
    if (!is_v6 && !is_dotted_quad(text, size))
        return FALSE;
    const char *tail = strrchr(copy, ':'); /* an IPv6 address may end in a dotted quad */
    if (is_v6 && strchr(copy, '.') && !is_dotted_quad(tail + 1, strlen(tail + 1)))
        return FALSE;
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, copy, address->bytes) != 1) {
        memset(address, 0, sizeof *address);
        return FALSE;
    }
    address->family = is_v6 ? 6 : 4;
    return TRUE;
}

static void
print(const Address *address, char text[INET6_ADDRSTRLEN])
{
    if (!inet_ntop(address->family == 6 ? AF_INET6 : AF_INET, address->bytes, text,
                   INET6_ADDRSTRLEN))
        text[0] = '\0';
}

char *
address_to_string(const Address *address)
{
    char text[INET6_ADDRSTRLEN];

    print(address, text);
    return g_strdup(text);
}

char *
address_to_string_with_port(const Address *address)
{
    char text[INET6_ADDRSTRLEN];

    print(address, text);
    return g_strdup_printf(address->family == 6 ? "[%s]:%u" : "%s:%u", text, address->port);
}

gboolean
address_equal(const Address *a, const Address *b)
{
    return a->family == b->family && a->port == b->port &&
           memcmp(a->bytes, b->bytes, a->family == 6 ? 16 : 4) == 0;
}

AddressKind
address_classify(const Address *address)
{
    static const guint8 zeros[15];

    if (address->family == 4)
        return find_range(address->bytes, ranges_v4, G_N_ELEMENTS(ranges_v4));
    if (memcmp(address->bytes, zeros, 15) == 0 && address->bytes[15] <= 1)
        return address->bytes[15] ? ADDRESS_LOOPBACK : ADDRESS_UNSPECIFIED;
    return find_range(address->bytes, ranges_v6, G_N_ELEMENTS(ranges_v6));
}

gboolean
address_is_unicast(const Address *address)
{
    switch (address_classify(address)) {
    case ADDRESS_UNSPECIFIED:
    case ADDRESS_MULTICAST:
    case ADDRESS_RESERVED:
    case ADDRESS_V4_MAPPED:
        return FALSE;
    case ADDRESS_LOOPBACK:
    case ADDRESS_LINK_LOCAL:
    case ADDRESS_PRIVATE:
    case ADDRESS_CGNAT:
    case ADDRESS_ULA:
    case ADDRESS_PUBLIC:
        return TRUE;
    }
    return FALSE;
}
