/* A transport address: an IPv4 or IPv6 address with a port.  Numeric only, RFC 791 and RFC 4291. */
#pragma once

#include <glib.h>

typedef struct {
    guint8 family;    /* 4 or 6 */
    guint8 bytes[16]; /* network order; an IPv4 address is in the first four, the rest is 0 */
    guint16 port;     /* host order, 0 where there is none */
} Address;

typedef enum {
    ADDRESS_UNSPECIFIED, /* 0.0.0.0, :: */
    ADDRESS_LOOPBACK,    /* 127.0.0.0/8, ::1 */
    ADDRESS_LINK_LOCAL,  /* RFC 3927 169.254.0.0/16, RFC 4291 fe80::/10 */
    ADDRESS_PRIVATE,     /* RFC 1918 */
    ADDRESS_CGNAT,       /* RFC 6598 100.64.0.0/10 */
    ADDRESS_ULA,         /* RFC 4193 fc00::/7 */
    ADDRESS_MULTICAST,   /* 224.0.0.0/4, ff00::/8 */
    ADDRESS_RESERVED,    /* 0.0.0.0/8, 240.0.0.0/4 with the limited broadcast address */
    ADDRESS_V4_MAPPED,   /* RFC 4291 section 2.5.5.2 ::ffff:0:0/96 */
    ADDRESS_PUBLIC,      /* all else, documentation ranges too: test networks are built of them */
} AddressKind;

/* Reads all of @text, which need not end in NUL, as one bare address.  Dotted quad of exactly four
 * decimal octets without leading zeros, or RFC 4291 section 2.2 without a zone.  The port becomes
 * 0; where FALSE is returned @address is all zeros. */
gboolean address_parse(Address *address, const char *text, gsize size);

/* "192.0.2.1", or RFC 5952 for IPv6. */
char *address_to_string(const Address *address);

/* "192.0.2.1:3478" or "[2001:db8::1]:3478". */
char *address_to_string_with_port(const Address *address);

/* Same family, same address, same port. */
gboolean address_equal(const Address *a, const Address *b);

AddressKind address_classify(const Address *address);

/* Whether one peer's datagrams may be sent there: not unspecified, multicast, reserved or
 * IPv4-mapped (RFC 8445 section 5.1.1.1).  Loopback and link-local pass. */
gboolean address_is_unicast(const Address *address);
