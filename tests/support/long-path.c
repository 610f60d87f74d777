/* Owns two TUN devices and a thread of its own, which reads from one and writes to the other.  The
 * devices are called eth0, since libnice leaves out names that look like a tunnel's.  Needs root
 * and ip(8). */
#include "tests/support/long-path.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ENDS 2
#define HOME ENDS /* the namespace of the caller, beside those of the ends */
#define PACKET_BYTES 65536
#define PACKETS_AT_ONCE 64
/* What comes out within this time is handed over at once, as a network card does it. */
#define GATHER_US 200

struct LongPath {
    int namespaces[ENDS + 1];
    int devices[ENDS];
    DelayLine *lines[ENDS]; /* from that end */
    int stop_fd;
    gint mtu; /* atomic: the thread reads it */
    GThread *thread;
};

static const char *const addresses[ENDS] = { "198.51.100.1", "198.51.100.2" };

/* ---- the thread ---- */

static void
take_in(LongPath *self, guint end)
{
    guint8 packet[PACKET_BYTES];
    delay_line_set_mtu(self->lines[end], (gsize) g_atomic_int_get(&self->mtu));
    for (guint i = 0; i < PACKETS_AT_ONCE; i++) {
        ssize_t size = read(self->devices[end], packet, sizeof packet);
        if (size <= 0)
            return;
        delay_line_push(self->lines[end], packet, (gsize) size, g_get_monotonic_time());
    }
}

static void
hand_out(LongPath *self, guint from)
{
    gint64 now_us = g_get_monotonic_time();
    for (GBytes *packet; (packet = delay_line_pop(self->lines[from], now_us));) {
        gsize size;
        const guint8 *bytes = g_bytes_get_data(packet, &size);
        if (write(self->devices[ENDS - 1 - from], bytes, size) < 0 && errno != EAGAIN)
            g_debug("long path: %s", g_strerror(errno)); /* the other end is going down */
        g_bytes_unref(packet);
    }
}

/* How long nothing has to be done; NULL for as long as nothing comes in. */
static const struct timespec *
time_left(LongPath *self, struct timespec *left)
{
    gint64 due_us = -1;
    for (guint end = 0; end < ENDS; end++) {
        gint64 next_us = delay_line_get_due_us(self->lines[end]);
        if (next_us >= 0 && (due_us < 0 || next_us < due_us))
            due_us = next_us;
    }
    if (due_us < 0)
        return NULL;
    gint64 left_us = MAX(due_us - g_get_monotonic_time(), 0) + GATHER_US;
    left->tv_sec = left_us / G_TIME_SPAN_SECOND;
    left->tv_nsec = left_us % G_TIME_SPAN_SECOND * 1000;
    return left;
}

static gpointer
carry(gpointer user_data)
{
    LongPath *self = user_data;
    struct pollfd fds[] = { { .fd = self->devices[0], .events = POLLIN },
                            { .fd = self->devices[1], .events = POLLIN },
                            { .fd = self->stop_fd, .events = POLLIN } };
    while (!fds[2].revents) {
        struct timespec left;
        if (ppoll(fds, G_N_ELEMENTS(fds), time_left(self, &left), NULL) < 0 && errno != EINTR)
            break;
        for (guint end = 0; end < ENDS; end++) {
            if (fds[end].revents)
                take_in(self, end);
        }
        for (guint end = 0; end < ENDS; end++)
            hand_out(self, end);
    }
    return NULL;
}

/* ---- the namespaces ---- */

static gboolean
run_ip(const char *arguments, GError **error)
{
    g_autofree char *command = g_strconcat("ip ", arguments, NULL);
    gint status = -1;
    return g_spawn_command_line_sync(command, NULL, NULL, &status, error) &&
           g_spawn_check_wait_status(status, error);
}

static gboolean
fail(const char *what, GError **error)
{
    g_set_error(error, G_IO_ERROR, (gint) g_io_error_from_errno(errno),
                "a long path needs root: %s: %s", what, g_strerror(errno));
    return FALSE;
}

static gboolean
open_namespace(LongPath *self, guint which, GError **error)
{
    self->namespaces[which] = g_open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC, 0);
    return self->namespaces[which] >= 0 || fail("/proc/thread-self/ns/net", error);
}

static gboolean
open_device(LongPath *self, guint end, GError **error)
{
    struct ifreq request = { .ifr_name = "eth0", .ifr_flags = IFF_TUN | IFF_NO_PI };
    self->devices[end] = g_open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
    if (self->devices[end] < 0 || ioctl(self->devices[end], TUNSETIFF, &request) < 0)
        return fail("/dev/net/tun", error);
    return TRUE;
}

/* The thread's namespace is a new one after that. */
static gboolean
make_end(LongPath *self, guint end, GError **error)
{
    g_autofree char *address = g_strdup_printf("address add %s/24 dev eth0", addresses[end]);
    if (unshare(CLONE_NEWNET) < 0)
        return fail("unshare", error);
    return open_namespace(self, end, error) && open_device(self, end, error) &&
           run_ip("link set lo up", error) && run_ip("link set eth0 addrgenmode none", error) &&
           run_ip(address, error) && run_ip("link set eth0 txqueuelen 10000 up", error);
}

gboolean
long_path_enter(const LongPath *self, guint end)
{
    return setns(self->namespaces[end], CLONE_NEWNET) == 0;
}

gboolean
long_path_leave(const LongPath *self)
{
    return setns(self->namespaces[HOME], CLONE_NEWNET) == 0;
}

void
long_path_set_mtu(LongPath *self, gsize mtu)
{
    g_atomic_int_set(&self->mtu, (gint) mtu);
}

const char *
long_path_get_address(const LongPath *self, guint end)
{
    return addresses[end];
}

/* ---- the whole ---- */

static gboolean
set_up(LongPath *self, GError **error)
{
    if (!open_namespace(self, HOME, error))
        return FALSE;
    gboolean is_made = make_end(self, 0, error) && make_end(self, 1, error);
    if (!long_path_leave(self) && is_made)
        return fail("setns", error);
    return is_made;
}

LongPath *
long_path_new(const DelayLineConditions *conditions, guint32 seed, GError **error)
{
    LongPath *self = g_new0(LongPath, 1);
    self->namespaces[HOME] = -1;
    for (guint end = 0; end < ENDS; end++) {
        self->namespaces[end] = self->devices[end] = -1;
        self->lines[end] = delay_line_new(conditions, seed + end);
    }
    self->mtu = (gint) conditions->mtu;
    self->mtu = (gint) conditions->mtu;
    self->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (!set_up(self, error)) {
        long_path_free(self);
        return NULL;
    }
    self->thread = g_thread_new("long-path", carry, self);
    return self;
}

static void
close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void
long_path_free(LongPath *self)
{
    const guint64 one = 1;
    if (self->thread && write(self->stop_fd, &one, sizeof one) == sizeof one)
        g_thread_join(self->thread);
    for (guint end = 0; end < ENDS; end++) {
        DelayLineCounts counts;
        delay_line_get_counts(self->lines[end], &counts);
        g_debug("long path from %s: carried %" G_GUINT64_FORMAT ", lost %" G_GUINT64_FORMAT
                ", refused %" G_GUINT64_FORMAT,
                addresses[end], counts.carried, counts.lost, counts.refused);
        delay_line_free(self->lines[end]);
        close_fd(self->devices[end]);
        close_fd(self->namespaces[end]);
    }
    close_fd(self->namespaces[HOME]);
    close_fd(self->stop_fd);
    g_free(self);
}
