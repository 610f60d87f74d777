/* The multicast sockets of RFC 6762: on each interface that can, one per address family, all on
 * port 5353. */
#pragma once

#include <glib.h>

typedef struct MdnsSockets MdnsSockets;

/* @bytes is one datagram from port 5353, whatever it holds.  May close the sockets. */
typedef void (*MdnsMessageFunc)(const guint8 *bytes, gsize size, gpointer user_data);

/* Opens sockets on the interfaces that are up now, and calls @func from @context for what they
 * receive.  NULL with @error set where not even one could be opened. */
MdnsSockets *mdns_sockets_open(GMainContext *context, MdnsMessageFunc func, gpointer user_data,
                               GError **error);

void mdns_sockets_close(MdnsSockets *sockets);

/* Sends a datagram to the group on every interface.  What is lost is asked again. */
void mdns_sockets_send(MdnsSockets *sockets, const guint8 *bytes, gsize size);
