/* Owns two sockets, one at each end.  Counts between the first and the last arrival, so that
 * neither the path's delay nor the time before it matters. */
#include "tests/bench/plain-flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATAGRAM_BYTES 1472 /* the most in a packet of 1500 bytes over IPv4 */
#define PORT 5001
#define EXCESS 1.1 /* more than the link takes */
#define SEND_SECONDS 0.7
#define STEP_SECONDS 0.002
#define QUIET_MS 500
#define SOCKET_BUFFER_BYTES (4 * 1024 * 1024)

static int
open_socket(LongPath *path, guint end)
{
    int buffer = SOCKET_BUFFER_BYTES;
    if (!long_path_enter(path, end))
        return -1;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    long_path_leave(path);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    return fd;
}

static gboolean
connect_sockets(LongPath *path, const int *fds)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    if (fds[0] < 0 || fds[1] < 0 ||
        inet_pton(AF_INET, long_path_get_address(path, 1), &address.sin_addr) != 1)
        return FALSE;
    return bind(fds[1], (struct sockaddr *) &address, sizeof address) == 0 &&
           connect(fds[0], (struct sockaddr *) &address, sizeof address) == 0;
}

typedef struct {
    gint64 first_us, last_us;
    double bytes;
} Arrivals;

/* Takes what is there. */
static void
receive_all(int fd, Arrivals *arrivals)
{
    guint8 datagram[DATAGRAM_BYTES];
    gint64 now_us = g_get_monotonic_time();
    for (ssize_t size; (size = recv(fd, datagram, sizeof datagram, 0)) > 0;) {
        if (arrivals->first_us == 0)
            arrivals->first_us = now_us; /* the one that starts the clock does not count */
        else
            arrivals->bytes += (double) size;
        arrivals->last_us = now_us;
    }
}

static void
wait_for(int fd, int timeout_ms)
{
    struct pollfd wanted = { .fd = fd, .events = POLLIN };
    poll(&wanted, 1, timeout_ms);
}

static void
send_evenly(const int *fds, double bytes_per_s, Arrivals *arrivals)
{
    const guint8 datagram[DATAGRAM_BYTES] = { 0 };
    gint64 start_us = g_get_monotonic_time();
    double sent = 0, elapsed_s = 0;
    while (elapsed_s < SEND_SECONDS) {
        elapsed_s = (double) (g_get_monotonic_time() - start_us) / G_TIME_SPAN_SECOND;
        for (; sent < elapsed_s * bytes_per_s * EXCESS; sent += DATAGRAM_BYTES) {
            if (send(fds[0], datagram, sizeof datagram, 0) < 0)
                break;
        }
        wait_for(-1, (int) (STEP_SECONDS * 1000));
        receive_all(fds[1], arrivals);
    }
}

static void
receive_rest(int fd, Arrivals *arrivals)
{
    gint64 before_us;
    do {
        before_us = arrivals->last_us;
        wait_for(fd, QUIET_MS);
        receive_all(fd, arrivals);
    } while (arrivals->last_us > before_us);
}

double
plain_flow_measure(LongPath *path, double bytes_per_s, GError **error)
{
    const int fds[] = { open_socket(path, 0), open_socket(path, 1) };
    Arrivals arrivals = { 0 };
    if (connect_sockets(path, fds)) {
        send_evenly(fds, bytes_per_s, &arrivals);
        receive_rest(fds[1], &arrivals);
    }
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    gint64 elapsed_us = arrivals.last_us - arrivals.first_us;
    if (elapsed_us > 0)
        return arrivals.bytes * 1e6 / (double) elapsed_us;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                "the emulated path carries nothing: a plain UDP flow did not arrive");
    return 0;
}
