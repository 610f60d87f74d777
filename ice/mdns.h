/* Resolves the "<label>.local" names that browsers put into candidates in place of their addresses,
 * by multicast DNS (RFC 6762) from port 5353: the responders inside browsers answer no other port.
 *
 * Lives on the GMainContext that was thread-default when it was made.  Sockets are open only while
 * names are pending. */
#pragma once

#include "ice/address.h"

#include <glib.h>

#define MDNS_MAX_PENDING 32 /* names at a time; a browser has one for each local address */

typedef struct MdnsResolver MdnsResolver;

/* @address is NULL where nobody answered within 1.5 s; its port is 0.  May free the resolver. */
typedef void (*MdnsResolvedFunc)(const char *name, const Address *address, gpointer user_data);

MdnsResolver *mdns_resolver_new(void);

/* Cancels what is pending without calling back. */
void mdns_resolver_free(MdnsResolver *resolver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MdnsResolver, mdns_resolver_free)

/* Asks for @name and calls @func once, from the main context, never from within this function.
 * FALSE with @error set, and no call, where @name is not of the form LABEL.local, where
 * MDNS_MAX_PENDING names are pending, or where no multicast socket can be opened. */
gboolean mdns_resolver_resolve(MdnsResolver *resolver, const char *name, MdnsResolvedFunc func,
                               gpointer user_data, GError **error);
