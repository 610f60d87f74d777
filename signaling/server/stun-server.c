/* Owns the UDP sockets of the STUN responder; never the bytes, which are stun-message's.  An answer
 * leaves from the address that the request was sent to (unless the request asks otherwise), also
 * where the socket is bound to all of the machine's addresses. */
#include "signaling/server/stun-server.h"

#include "signaling/server/listen-address.h"
#include "signaling/server/stun-message.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

/* One wake-up answers at most so many, so that signalling gets its turn. */
#define MAX_BATCH 64

/* With the PADDING of RFC 5780 a request may be larger than an MTU. */
#define MAX_REQUEST_BYTES 2048

/* Tries at finding a port that is free on both addresses. */
#define MAX_PORT_TRIES 16

typedef struct {
    StunServer *server;
    GSocket *socket;
    GSource *source;
    StunAddress address; /* as RESPONSE-ORIGIN tells it */
    guint index;
} Endpoint;

/* RFC 5780 section 6: bit 0 of an endpoint's index is the port, bit 1 the address. */
enum {
    PORT_BIT = 1,
    ADDRESS_BIT = 2,
    MAX_ENDPOINTS = 4,
};

struct StunServer {
    Endpoint endpoints[MAX_ENDPOINTS];
    guint n_endpoints;
    StunServerCounts counts;
    GByteArray *answer;
};

typedef struct {
    struct sockaddr_storage from;
    struct msghdr header;
    struct iovec vector;
    union {
        gsize align; /* as struct cmsghdr is aligned */
        guint8 bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    } control;
    guint8 bytes[MAX_REQUEST_BYTES];
} Datagram;

/* @native may be an IPv4 address inside an IPv6 one: the client is then told the IPv4 address. */
static StunAddress
from_native(const struct sockaddr_storage *native)
{
    StunAddress address = { .size = 4 };
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (native->ss_family == AF_INET) {
        memcpy(&v4, native, sizeof v4);
        address.port = ntohs(v4.sin_port);
        memcpy(address.bytes, &v4.sin_addr, 4);
        return address;
    }
    memcpy(&v6, native, sizeof v6);
    address.port = ntohs(v6.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
        memcpy(address.bytes, v6.sin6_addr.s6_addr + 12, 4);
        return address;
    }
    address.size = 16;
    memcpy(address.bytes, &v6.sin6_addr, 16);
    return address;
}

static StunAddress
from_gio(GSocketAddress *address)
{
    struct sockaddr_storage native = { 0 };

    g_socket_address_to_native(address, &native, sizeof native, NULL);
    return from_native(&native);
}

static void
set_port(struct sockaddr_storage *native, guint16 port)
{
    guint16 be = htons(port);

    /* The port lies in the same place for both families. */
    G_STATIC_ASSERT(offsetof(struct sockaddr_in, sin_port) ==
                    offsetof(struct sockaddr_in6, sin6_port));
    memcpy((guint8 *) native + offsetof(struct sockaddr_in6, sin6_port), &be, sizeof be);
}

/* Reads one request.  Its control data, which says where it was sent to, stays in @datagram and
 * goes out again with the answer, for which the kernel reads it as where to send from. */
static gssize
receive(int fd, Datagram *datagram)
{
    datagram->vector = (struct iovec){ datagram->bytes, sizeof datagram->bytes };
    datagram->header = (struct msghdr){ .msg_name = &datagram->from,
                                        .msg_namelen = sizeof datagram->from,
                                        .msg_iov = &datagram->vector,
                                        .msg_iovlen = 1,
                                        .msg_control = &datagram->control,
                                        .msg_controllen = sizeof datagram->control };
    return recvmsg(fd, &datagram->header, MSG_DONTWAIT);
}

/* The interface that a request came in on says nothing about the way back. */
static void
forget_interface(struct msghdr *header)
{
    struct in_pktinfo v4;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
            continue;
        memcpy(&v4, CMSG_DATA(c), sizeof v4);
        v4.ipi_ifindex = 0;
        memcpy(CMSG_DATA(c), &v4, sizeof v4);
    }
}

static gboolean
write_answer(StunServer *self, const Endpoint *endpoint, Datagram *datagram, gsize size,
             const Endpoint **leaves_from)
{
    gboolean has_other = self->n_endpoints == MAX_ENDPOINTS;
    StunAddress mapped = from_native(&datagram->from);
    StunRequest request;

    g_byte_array_set_size(self->answer, 0);
    switch (stun_request_parse(&request, datagram->bytes, size,
                               has_other ? STUN_TWO_ADDRESSES : STUN_ONE_ADDRESS)) {
    case STUN_IGNORE:
        return FALSE;
    case STUN_UNKNOWN:
        *leaves_from = endpoint;
        stun_write_unknown(&request, self->answer);
        return TRUE;
    case STUN_BINDING:
        break;
    }
    guint from = endpoint->index ^ (request.change_port ? PORT_BIT : 0u) ^
                 (request.change_ip ? ADDRESS_BIT : 0u);
    const Endpoint *other = &self->endpoints[endpoint->index ^ (PORT_BIT | ADDRESS_BIT)];
    *leaves_from = has_other ? &self->endpoints[from] : endpoint;
    stun_write_binding(&request, &mapped, has_other ? &(*leaves_from)->address : NULL,
                       has_other ? &other->address : NULL, self->answer);
    if (request.response_port != 0)
        set_port(&datagram->from, request.response_port);
    return TRUE;
}

static gboolean
on_datagrams(int fd, GIOCondition condition, gpointer data)
{
    Endpoint *endpoint = data;
    StunServer *self = endpoint->server;
    Datagram datagram;

    for (int i = 0; i < MAX_BATCH; i++) {
        const Endpoint *from = NULL;
        gssize n = receive(fd, &datagram);
        if (n < 0)
            break;
        if (datagram.header.msg_flags & MSG_TRUNC ||
            !write_answer(self, endpoint, &datagram, (gsize) n, &from)) {
            self->counts.n_ignored++;
            continue;
        }
        datagram.vector = (struct iovec){ self->answer->data, self->answer->len };
        if (from == endpoint)
            forget_interface(&datagram.header);
        else
            datagram.header.msg_controllen = 0;
        sendmsg(g_socket_get_fd(from->socket), &datagram.header, MSG_DONTWAIT);
        self->counts.n_answered++;
    }
    return G_SOURCE_CONTINUE;
}

static void
clear_endpoint(Endpoint *endpoint)
{
    if (endpoint->source) {
        g_source_destroy(endpoint->source);
        g_clear_pointer(&endpoint->source, g_source_unref);
    }
    g_clear_object(&endpoint->socket);
}

static gboolean
open_endpoint(StunServer *self, guint index, GInetAddress *address, guint16 port, GError **error)
{
    Endpoint *endpoint = &self->endpoints[index];
    GSocketFamily family = g_inet_address_get_family(address);
    g_autoptr(GSocketAddress) wanted = g_inet_socket_address_new(address, port);
    int on = 1;

    clear_endpoint(endpoint);
    endpoint->server = self;
    endpoint->index = index;
    endpoint->socket = g_socket_new(family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
    if (!endpoint->socket || !g_socket_bind(endpoint->socket, wanted, FALSE, error))
        return FALSE;
    g_autoptr(GSocketAddress) bound = g_socket_get_local_address(endpoint->socket, error);
    if (!bound)
        return FALSE;
    endpoint->address = from_gio(bound);
    int fd = g_socket_get_fd(endpoint->socket);
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    if (family == G_SOCKET_FAMILY_IPV6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    endpoint->source = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_name(endpoint->source, "pierce-server-stun");
    g_source_set_callback(endpoint->source, G_SOURCE_FUNC(on_datagrams), endpoint, NULL);
    g_source_attach(endpoint->source, g_main_context_get_thread_default());
    return TRUE;
}

/* Opens the other three of RFC 5780 section 6: the same port on the second address, and on both a
 * second port. */
static gboolean
open_others(StunServer *self, GInetAddress *address, GInetAddress *other, GError **error)
{
    guint16 port = self->endpoints[0].address.port;

    if (!open_endpoint(self, ADDRESS_BIT, other, port, error))
        return FALSE;
    for (int i = 0; i < MAX_PORT_TRIES; i++) {
        g_clear_error(error);
        if (open_endpoint(self, PORT_BIT, address, 0, error) &&
            open_endpoint(self, PORT_BIT | ADDRESS_BIT, other,
                          self->endpoints[PORT_BIT].address.port, error))
            return TRUE;
    }
    return FALSE;
}

StunServer *
stun_server_new(GSocketAddress *address, GInetAddress *other, GError **error)
{
    g_autoptr(StunServer) self = g_new0(StunServer, 1);
    GInetAddress *inet = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address));

    self->answer = g_byte_array_new();
    if (other && (g_inet_address_get_is_any(inet) || g_inet_address_equal(inet, other) ||
                  g_inet_address_get_family(inet) != g_inet_address_get_family(other))) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "RFC 5780 needs two different addresses of one family, neither of them "
                    "\"any\": give --stun and --stun-other one each");
        return NULL;
    }
    if (!open_endpoint(self, 0, inet, listen_address_port(address), error) ||
        (other && !open_others(self, inet, other, error)))
        return NULL;
    self->n_endpoints = other ? MAX_ENDPOINTS : 1;
    return g_steal_pointer(&self);
}

void
stun_server_free(StunServer *self)
{
    for (guint i = 0; i < MAX_ENDPOINTS; i++)
        clear_endpoint(&self->endpoints[i]);
    g_byte_array_unref(self->answer);
    g_free(self);
}

guint16
stun_server_get_port(const StunServer *self)
{
    return self->endpoints[0].address.port;
}

StunServerCounts
stun_server_get_counts(const StunServer *self)
{
    return self->counts;
}
