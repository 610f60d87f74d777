/* Owns the multicast sockets, never looks into a message.  RFC 6762 section 5.2 and 11.
 *
 * A socket is bound to the group's address, not to the wildcard: then only multicast reaches it,
 * which comes from this link alone, and it takes no unicast answer away from another program on the
 * port. */
#include "ice/mdns-socket.h"

#include "ice/mdns-message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define MDNS_PORT 5353
#define MDNS_GROUP_V4 "224.0.0.251"
#define MDNS_GROUP_V6 "ff02::fb"
#define MULTICAST_HOPS 255 /* RFC 6762 section 11 */
#define MAX_SOCKETS 32     /* interfaces times families; a host of many containers has more */

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} SocketAddress;

typedef struct {
    MdnsSockets *owner;
    int fd;
    guint interface;
    SocketAddress group;
    GSource *source;
} Socket;

struct MdnsSockets {
    MdnsMessageFunc func;
    gpointer user_data;
    GPtrArray *sockets;
};

static socklen_t
address_size(const SocketAddress *address)
{
    return address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}

static SocketAddress
group_address(int family, guint interface)
{
    SocketAddress address = { 0 };

    address.any.sa_family = (sa_family_t) family;
    if (family == AF_INET) {
        address.v4.sin_port = g_htons(MDNS_PORT);
        inet_pton(AF_INET, MDNS_GROUP_V4, &address.v4.sin_addr);
    } else {
        address.v6.sin6_port = g_htons(MDNS_PORT);
        address.v6.sin6_scope_id = interface;
        inet_pton(AF_INET6, MDNS_GROUP_V6, &address.v6.sin6_addr);
    }
    return address;
}

static gboolean
set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static gboolean
join_v4(const Socket *self)
{
    struct ip_mreqn request = { .imr_multiaddr = self->group.v4.sin_addr,
                                .imr_ifindex = (int) self->interface };

    return set_option(self->fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) &&
           set_option(self->fd, IPPROTO_IP, IP_MULTICAST_TTL, MULTICAST_HOPS) &&
           set_option(self->fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1) &&
           setsockopt(self->fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) == 0 &&
           setsockopt(self->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

static gboolean
join_v6(const Socket *self)
{
    struct ipv6_mreq request = { .ipv6mr_multiaddr = self->group.v6.sin6_addr,
                                 .ipv6mr_interface = self->interface };

    return set_option(self->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, MULTICAST_HOPS) &&
           set_option(self->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1) &&
           set_option(self->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int) self->interface) &&
           setsockopt(self->fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request) == 0;
}

/* Both reuse options, because the browsers and daemons that already have the port set one, the
 * other or both; SO_REUSEADDR before bind is what lets sockets of different users share it. */
static gboolean
bind_and_join(const Socket *self)
{
    gboolean is_v6 = self->group.any.sa_family == AF_INET6;

    return set_option(self->fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
           set_option(self->fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
           (!is_v6 || set_option(self->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
           bind(self->fd, &self->group.any, address_size(&self->group)) == 0 &&
           (is_v6 ? join_v6(self) : join_v4(self));
}

static guint16
address_port(const SocketAddress *address)
{
    return g_ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port
                                                     : address->v6.sin6_port);
}

/* One datagram per dispatch: @user_data may be gone once it has been handed over. */
static gboolean
on_readable(gint fd, GIOCondition condition, gpointer user_data)
{
    const Socket *self = user_data;
    guint8 bytes[MDNS_MAX_MESSAGE_SIZE];
    SocketAddress from = { 0 };
    socklen_t from_size = sizeof from;
    gssize size = recvfrom(fd, bytes, sizeof bytes, 0, &from.any, &from_size);

    /* RFC 6762 section 6: an answer from another port is not one. */
    if (size > 0 && address_port(&from) == MDNS_PORT)
        self->owner->func(bytes, (gsize) size, self->owner->user_data);
    return G_SOURCE_CONTINUE;
}

static void
socket_free(gpointer data)
{
    Socket *self = data;

    if (self->source) {
        g_source_destroy(self->source);
        g_source_unref(self->source);
    }
    if (self->fd >= 0)
        close(self->fd);
    g_free(self);
}

/* Keeps errno of what failed. */
static Socket *
socket_open(MdnsSockets *owner, int family, guint interface)
{
    Socket *self = g_new0(Socket, 1);

    self->owner = owner;
    self->interface = interface;
    self->group = group_address(family, interface);
    self->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self->fd < 0 || !bind_and_join(self)) {
        int saved_errno = errno;
        socket_free(self);
        errno = saved_errno;
        return NULL;
    }
    return self;
}

static void
start_reading(Socket *self, GMainContext *context)
{
    self->source = g_unix_fd_source_new(self->fd, G_IO_IN);
    g_source_set_static_name(self->source, "pierce mdns socket");
    g_source_set_callback(self->source, G_SOURCE_FUNC(on_readable), self, NULL);
    g_source_attach(self->source, context);
}

static gboolean
has_socket(const MdnsSockets *sockets, int family, guint interface)
{
    for (guint i = 0; i < sockets->sockets->len; i++) {
        const Socket *socket = g_ptr_array_index(sockets->sockets, i);
        if (socket->group.any.sa_family == family && socket->interface == interface)
            return TRUE;
    }
    return FALSE;
}

/* Loopback is left out as the browsers' responders leave it out. */
static gboolean
is_usable(const struct ifaddrs *entry)
{
    return entry->ifa_addr && (entry->ifa_flags & IFF_UP) && (entry->ifa_flags & IFF_MULTICAST) &&
           !(entry->ifa_flags & IFF_LOOPBACK) &&
           (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6);
}

/* Returns the errno of the last interface that failed, or 0. */
static int
open_all(MdnsSockets *sockets, const struct ifaddrs *list, GMainContext *context)
{
    int last_errno = 0;

    for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
        guint interface = is_usable(entry) ? if_nametoindex(entry->ifa_name) : 0;
        int family = entry->ifa_addr ? entry->ifa_addr->sa_family : AF_UNSPEC;

        if (!interface || sockets->sockets->len == MAX_SOCKETS ||
            has_socket(sockets, family, interface))
            continue;
        Socket *socket = socket_open(sockets, family, interface);
        if (!socket) {
            last_errno = errno;
            continue;
        }
        start_reading(socket, context);
        g_ptr_array_add(sockets->sockets, socket);
    }
    return last_errno;
}

MdnsSockets *
mdns_sockets_open(GMainContext *context, MdnsMessageFunc func, gpointer user_data, GError **error)
{
    struct ifaddrs *list = NULL;

    if (getifaddrs(&list) != 0) {
        int saved_errno = errno;
        g_set_error(error, G_IO_ERROR, (gint) g_io_error_from_errno(saved_errno),
                    "mDNS: cannot list the network interfaces: %s", g_strerror(saved_errno));
        return NULL;
    }
    MdnsSockets *sockets = g_new0(MdnsSockets, 1);
    sockets->func = func;
    sockets->user_data = user_data;
    sockets->sockets = g_ptr_array_new_with_free_func(socket_free);
    int last_errno = open_all(sockets, list, context);
    freeifaddrs(list);
    if (sockets->sockets->len > 0)
        return sockets;

    if (last_errno)
        g_set_error(error, G_IO_ERROR, (gint) g_io_error_from_errno(last_errno),
                    "mDNS: cannot listen to multicast on UDP port %d: %s", MDNS_PORT,
                    g_strerror(last_errno));
    else
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE,
                    "mDNS: no network interface is up that can do multicast");
    mdns_sockets_close(sockets);
    return NULL;
}

void
mdns_sockets_close(MdnsSockets *sockets)
{
    g_ptr_array_unref(sockets->sockets);
    g_free(sockets);
}

void
mdns_sockets_send(MdnsSockets *sockets, const guint8 *bytes, gsize size)
{
    for (guint i = 0; i < sockets->sockets->len; i++) {
        const Socket *socket = g_ptr_array_index(sockets->sockets, i);
        if (sendto(socket->fd, bytes, size, 0, &socket->group.any, address_size(&socket->group)) <
            0)
            g_debug("mdns: query not sent on interface %u: %s", socket->interface,
                    g_strerror(errno));
    }
}
