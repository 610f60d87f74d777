/* Owns the way of sending on a socket, not the socket.  Receiving stays with libnice, which reads
 * datagrams that the kernel has glued together (UDP_GRO).
 *
 * A batch goes out in runs of equal size, each in one sendmsg with UDP_SEGMENT; where the kernel
 * refuses that, with sendmmsg.  What the socket does not take at once waits for it, up to
 * MAX_PENDING_BYTES. */
#include "ice/udp-path.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_BUFFER_BYTES (4 * 1024 * 1024)
#define MAX_RUN_BYTES 65000 /* a UDP datagram's payload, less the headers */
#define MAX_RUN_SEGMENTS 64 /* the kernel's UDP_MAX_SEGMENTS */
#define MAX_MMSG 64
#define MAX_PENDING_BYTES (1024 * 1024)
#define LEAST_DATAGRAM_BYTES 1232 /* IPv6's least MTU of 1280, less IPv6 and UDP headers */
#define IPV4_HEADERS_BYTES 28
#define IPV6_HEADERS_BYTES 48
#define IPV6_LEAST_MTU 1280

#define DTLS_RECORD_HEADER_BYTES 13
#define DTLS_RECORD_LENGTH_AT 11

typedef struct {
    Path path;
    GMainContext *context;
    int fd;
    PathInfo info;
    struct sockaddr_storage remote;
    socklen_t remote_size;
    gboolean uses_segmentation;
    gboolean uses_gro;
    guint whole_datagram;  /* up to this size no router may break them up */
    gboolean is_breakable; /* what the socket says now */
    GByteArray *pending;
    GArray *pending_sizes; /* of guint16 */
    GSource *writable;
} UdpPath;

/* A part of a batch. */
typedef struct {
    const guint8 *bytes;
    const guint16 *sizes;
    guint count;
} Batch;

static void
fill_remote(UdpPath *self)
{
    const Address *address = &self->info.remote;
    if (address->family == 4) {
        struct sockaddr_in *in = (struct sockaddr_in *) (void *) &self->remote;
        in->sin_family = AF_INET;
        in->sin_port = GUINT16_TO_BE(address->port);
        memcpy(&in->sin_addr, address->bytes, 4);
        self->remote_size = sizeof *in;
    } else {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *) (void *) &self->remote;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = GUINT16_TO_BE(address->port);
        memcpy(&in6->sin6_addr, address->bytes, 16);
        self->remote_size = sizeof *in6;
    }
}

static gsize
batch_bytes(const Batch *batch, guint count)
{
    gsize size = 0;
    for (guint i = 0; i < count; i++)
        size += batch->sizes[i];
    return size;
}

static void
skip(Batch *batch, guint count)
{
    batch->bytes += batch_bytes(batch, count);
    batch->sizes += count;
    batch->count -= count;
}

/* How many datagrams one sendmsg can take: all of the first one's size, but for a shorter last one.
 */
static guint
count_run(const Batch *batch)
{
    guint16 segment = batch->sizes[0];
    gsize total = segment;
    guint count = 1;
    while (count < batch->count && count < MAX_RUN_SEGMENTS && batch->sizes[count - 1] == segment &&
           batch->sizes[count] <= segment && total + batch->sizes[count] <= MAX_RUN_BYTES)
        total += batch->sizes[count++];
    return count;
}

/* Both return how many datagrams were taken, or -1 with errno set. */

static int
send_run(UdpPath *self, const Batch *batch)
{
    union {
        struct cmsghdr align;
        guint8 bytes[CMSG_SPACE(sizeof(guint16))];
    } control = { 0 };
    guint count = count_run(batch);
    struct iovec vector = { .iov_base = (void *) batch->bytes,
                            .iov_len = batch_bytes(batch, count) };
    struct msghdr message = { .msg_name = &self->remote,
                              .msg_namelen = self->remote_size,
                              .msg_iov = &vector,
                              .msg_iovlen = 1 };
    if (count > 1) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof(guint16));
        memcpy(CMSG_DATA(header), &batch->sizes[0], sizeof(guint16));
    }
    return sendmsg(self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : (int) count;
}

static int
send_each(UdpPath *self, const Batch *batch)
{
    struct mmsghdr messages[MAX_MMSG] = { 0 };
    struct iovec vectors[MAX_MMSG];
    guint count = MIN(batch->count, MAX_MMSG);
    const guint8 *at = batch->bytes;
    for (guint i = 0; i < count; i++) {
        vectors[i] = (struct iovec){ .iov_base = (void *) at, .iov_len = batch->sizes[i] };
        messages[i].msg_hdr = (struct msghdr){ .msg_name = &self->remote,
                                               .msg_namelen = self->remote_size,
                                               .msg_iov = &vectors[i],
                                               .msg_iovlen = 1 };
        at += batch->sizes[i];
    }
    return sendmmsg(self->fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* With @is_breakable routers (IPv4), or this host (IPv6), may break datagrams up; without it they
 * never do, and what the system believes of the path does not matter (RFC 8899 section 4.1). */
static void
set_breakable(UdpPath *self, gboolean is_breakable)
{
    gboolean is_v6 = self->info.remote.family == 6;
    int level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    int option = is_v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER;
    int value = is_breakable ? IP_PMTUDISC_DONT : IP_PMTUDISC_PROBE;
    int broken_to = is_breakable ? IPV6_LEAST_MTU : 0;
    if (self->is_breakable == is_breakable)
        return;
    self->is_breakable = is_breakable;
    setsockopt(self->fd, level, option, &value, sizeof value);
    if (is_v6)
        setsockopt(self->fd, level, IPV6_MTU, &broken_to, sizeof broken_to);
}

static gboolean
is_segmentation_refused(int code)
{
    /* EIO: a card without checksum offload; EMSGSIZE: segments above the MTU of the route */
    return code == EIO || code == EINVAL || code == EOPNOTSUPP || code == EMSGSIZE;
}

/* The first ones that may all be broken up, or all not; of the former one at a time. */
static Batch
alike(UdpPath *self, const Batch *batch)
{
    Batch part = *batch;
    gboolean is_larger = batch->sizes[0] > self->whole_datagram;
    set_breakable(self, is_larger || self->whole_datagram <= LEAST_DATAGRAM_BYTES);
    part.count = 1;
    while (!is_larger && part.count < batch->count &&
           batch->sizes[part.count] <= self->whole_datagram)
        part.count++;
    return part;
}

/* Sends until the batch is empty, or the socket takes no more: FALSE then. */
static gboolean
send_all(UdpPath *self, Batch *batch)
{
    while (batch->count > 0) {
        Batch part = alike(self, batch);
        int sent = self->uses_segmentation ? send_run(self, &part) : send_each(self, &part);
        if (sent > 0) {
            skip(batch, (guint) sent);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            return FALSE;
        } else if (!self->is_breakable && errno == EMSGSIZE) {
            skip(batch, part.count); /* the link has shrunk: lost, and noticed by that */
        } else if (self->uses_segmentation && is_segmentation_refused(errno)) {
            g_info("udp path: the kernel refuses to segment (%s)", g_strerror(errno));
            self->uses_segmentation = FALSE;
        } else if (errno != EINTR) {
            skip(batch, 1); /* an ICMP error from before, or no route: lost, as datagrams may be */
        }
    }
    return TRUE;
}

static void
put_aside(UdpPath *self, const Batch *batch)
{
    gsize size = batch_bytes(batch, batch->count);
    if (self->pending->len + size > MAX_PENDING_BYTES)
        return;
    g_byte_array_append(self->pending, batch->bytes, (guint) size);
    g_array_append_vals(self->pending_sizes, batch->sizes, batch->count);
}

static void
stop_waiting(UdpPath *self)
{
    if (!self->writable)
        return;
    g_source_destroy(self->writable);
    g_clear_pointer(&self->writable, g_source_unref);
}

static gboolean
on_writable(gint fd, GIOCondition condition, gpointer user_data)
{
    UdpPath *self = user_data;
    Batch batch = { self->pending->data, (const guint16 *) (const void *) self->pending_sizes->data,
                    self->pending_sizes->len };
    guint all = batch.count;
    gsize all_bytes = self->pending->len;
    gboolean is_done = send_all(self, &batch);
    guint sent_bytes = (guint) (all_bytes - batch_bytes(&batch, batch.count));
    g_array_remove_range(self->pending_sizes, 0, all - batch.count);
    g_byte_array_remove_range(self->pending, 0, sent_bytes);
    if (!is_done)
        return G_SOURCE_CONTINUE;
    stop_waiting(self);
    return G_SOURCE_REMOVE;
}

static void
start_waiting(UdpPath *self)
{
    self->writable = g_unix_fd_source_new(self->fd, G_IO_OUT);
    g_source_set_name(self->writable, "pierce-udp-writable");
    g_source_set_callback(self->writable, G_SOURCE_FUNC(on_writable), self, NULL);
    g_source_attach(self->writable, self->context);
}

static void
udp_path_send(Path *path, const guint8 *bytes, const guint16 *sizes, guint count)
{
    UdpPath *self = (UdpPath *) path;
    Batch batch = { bytes, sizes, count };
    if (self->writable) { /* in order */
        put_aside(self, &batch);
        return;
    }
    if (!send_all(self, &batch)) {
        put_aside(self, &batch);
        start_waiting(self);
    }
}

/* What the link to the remote takes, or 0: a socket that is connected knows. */
static guint
ask_link_mtu(UdpPath *self)
{
    gboolean is_v6 = self->info.remote.family == 6;
    int mtu = 0;
    socklen_t size = sizeof mtu;
    int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    if (connect(fd, (const struct sockaddr *) &self->remote, self->remote_size) < 0 ||
        getsockopt(fd, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, is_v6 ? IPV6_MTU : IP_MTU, &mtu, &size) <
            0)
        mtu = 0;
    close(fd);
    return (guint) MAX(mtu, 0);
}

static guint
udp_path_get_max_datagram(Path *path)
{
    UdpPath *self = (UdpPath *) path;
    guint headers = self->info.remote.family == 6 ? IPV6_HEADERS_BYTES : IPV4_HEADERS_BYTES;
    guint mtu = ask_link_mtu(self);
    return MAX(mtu > headers ? mtu - headers : 0, LEAST_DATAGRAM_BYTES);
}

static gboolean
udp_path_send_probe(Path *path, const guint8 *bytes, gsize size)
{
    UdpPath *self = (UdpPath *) path;
    set_breakable(self, FALSE);
    ssize_t sent = sendto(self->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                          (const struct sockaddr *) &self->remote, self->remote_size);
    return sent >= 0 || errno != EMSGSIZE;
}

static void
udp_path_set_whole_datagram(Path *path, guint size)
{
    ((UdpPath *) path)->whole_datagram = size;
}

static void
udp_path_describe(Path *path, PathInfo *info)
{
    UdpPath *self = (UdpPath *) path;
    *info = self->info;
    info->note = !self->uses_segmentation ? "direct, one call for many datagrams"
                 : self->uses_gro         ? "direct, segmented and coalesced by the kernel"
                                          : "direct, segmented by the kernel";
}

static void
udp_path_free(Path *path)
{
    UdpPath *self = (UdpPath *) path;
    stop_waiting(self);
    g_byte_array_unref(self->pending);
    g_array_unref(self->pending_sizes);
    g_main_context_unref(self->context);
    g_free(self);
}

static const PathFuncs udp_path_funcs = {
    .send = udp_path_send,
    .get_max_datagram = udp_path_get_max_datagram,
    .send_probe = udp_path_send_probe,
    .set_whole_datagram = udp_path_set_whole_datagram,
    .describe = udp_path_describe,
    .free = udp_path_free,
};

/* Beyond the system's limit only root may go; less than asked for still works. */
static void
grow_buffer(int fd, int option, int forced_option)
{
    int size = SOCKET_BUFFER_BYTES;
    if (setsockopt(fd, SOL_SOCKET, forced_option, &size, sizeof size) < 0)
        setsockopt(fd, SOL_SOCKET, option, &size, sizeof size);
}

static gboolean
set_gro(int fd, int is_on)
{
    return setsockopt(fd, SOL_UDP, UDP_GRO, &is_on, sizeof is_on) == 0;
}

Path *
udp_path_new(GMainContext *context, int fd, const PathInfo *info)
{
    UdpPath *self = g_new0(UdpPath, 1);
    self->path.funcs = &udp_path_funcs;
    self->context = g_main_context_ref(context);
    self->fd = fd;
    self->info = *info;
    fill_remote(self);
    self->pending = g_byte_array_new();
    self->pending_sizes = g_array_new(FALSE, FALSE, sizeof(guint16));
    self->whole_datagram = LEAST_DATAGRAM_BYTES;
    self->uses_segmentation = TRUE;
    set_breakable(self, TRUE);
    self->uses_gro = set_gro(fd, 1);
    grow_buffer(fd, SO_RCVBUF, SO_RCVBUFFORCE);
    grow_buffer(fd, SO_SNDBUF, SO_SNDBUFFORCE);
    return &self->path;
}

/* RFC 7983: a first byte of 0 to 3 is STUN, 20 to 63 is DTLS. */
static gboolean
holds_glued_stun(const guint8 *bytes, gsize size)
{
    while (size > DTLS_RECORD_HEADER_BYTES) {
        if (bytes[0] <= 3)
            return TRUE;
        gsize record = DTLS_RECORD_HEADER_BYTES + (gsize) (bytes[DTLS_RECORD_LENGTH_AT] << 8) +
                       bytes[DTLS_RECORD_LENGTH_AT + 1];
        if (record >= size)
            return FALSE;
        bytes += record;
        size -= record;
    }
    return FALSE;
}

void
udp_path_check_received(Path *path, const guint8 *bytes, gsize size)
{
    UdpPath *self = (UdpPath *) path;
    if (!self->uses_gro || !holds_glued_stun(bytes, size))
        return;
    g_info("udp path: a STUN message came glued to data, receiving one by one from now on");
    self->uses_gro = FALSE;
    set_gro(self->fd, 0);
}
