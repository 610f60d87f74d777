#include "tests/support/long-path.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 4000
#define DELAY_US 30000
#define DEADLINE_MS 10000
#define EXIT_SKIPPED 77

static LongPath *path;

static int
open_at(guint end)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    struct sockaddr_in there = here;
    g_assert_true(long_path_enter(path, end));
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert_true(long_path_leave(path));
    inet_pton(AF_INET, long_path_get_address(path, end), &here.sin_addr);
    inet_pton(AF_INET, long_path_get_address(path, 1 - end), &there.sin_addr);
    g_assert_cmpint(bind(fd, (struct sockaddr *) &here, sizeof here), ==, 0);
    g_assert_cmpint(connect(fd, (struct sockaddr *) &there, sizeof there), ==, 0);
    return fd;
}

static char
receive(int fd)
{
    struct pollfd wanted = { .fd = fd, .events = POLLIN };
    char byte = 0;
    g_assert_cmpint(poll(&wanted, 1, DEADLINE_MS), ==, 1);
    g_assert_cmpint(recv(fd, &byte, 1, 0), ==, 1);
    return byte;
}

static void
test_a_datagram_reaches_the_other_end_and_back_after_the_delay(void)
{
    int fds[] = { open_at(0), open_at(1) };
    gint64 start_us = g_get_monotonic_time();
    g_assert_cmpint(send(fds[0], "a", 1, 0), ==, 1);
    g_assert_cmpint(receive(fds[1]), ==, 'a');
    g_assert_cmpint(send(fds[1], "b", 1, 0), ==, 1);
    g_assert_cmpint(receive(fds[0]), ==, 'b');
    g_assert_cmpint(g_get_monotonic_time() - start_us, >=, 2 * DELAY_US);
    close(fds[0]);
    close(fds[1]);
}

int
main(int argc, char **argv)
{
    const DelayLineConditions conditions = { .bytes_per_s = 1000000,
                                             .queue_us = 100000,
                                             .delay_us = DELAY_US };
    g_autoptr(GError) error = NULL;
    g_test_init(&argc, &argv, NULL);
    path = long_path_new(&conditions, 1, &error);
    if (!path) {
        g_printerr("skipped: %s\n", error->message);
        return EXIT_SKIPPED;
    }
    g_test_add_func("/long-path/a-datagram-reaches-the-other-end-and-back-after-the-delay",
                    test_a_datagram_reaches_the_other_end_and_back_after_the_delay);
    int code = g_test_run();
    long_path_free(path);
    return code;
}
