/* Resolves against a responder on a second socket, in a network namespace of the test's own. */
#include "ice/mdns.h"

#include "ice/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERFACE "mdns0"
#define MDNS_PORT 5353
#define GROUP_V4 "224.0.0.251"
#define GROUP_V6 "ff02::fb"
#define DEADLINE_S 20

/* Speaks for the browser: remembers the queries and answers as each test tells it to. */
typedef struct {
    int fd;       /* on port 5353 */
    int other_fd; /* on a port of the kernel's choice */
    GSource *source;
    guint n_queries;
    guint answer_from; /* the number of the query that is answered first */
    gboolean lies_first;
    gboolean is_v6; /* both the group it listens to and the address it answers with */
    const char *answered_names[2];
} Responder;

typedef struct {
    guint n_calls;
    char *answers; /* name=address, parted by spaces, in the order of the calls */
    MdnsResolver *to_free;
} Heard;

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} SocketAddress;

static SocketAddress
make_address(gboolean is_v6, const char *text, guint16 port)
{
    SocketAddress address = { 0 };

    if (is_v6) {
        address.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = g_htons(port) };
        inet_pton(AF_INET6, text, &address.v6.sin6_addr);
    } else {
        address.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = g_htons(port) };
        inet_pton(AF_INET, text, &address.v4.sin_addr);
    }
    return address;
}

static socklen_t
address_size(const SocketAddress *address)
{
    return address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}

static void
join_group(int fd, gboolean is_v6)
{
    int interface = (int) if_nametoindex(INTERFACE);
    struct ip_mreqn v4 = { .imr_ifindex = interface };
    struct ipv6_mreq v6 = { .ipv6mr_interface = (guint) interface };

    inet_pton(AF_INET, GROUP_V4, &v4.imr_multiaddr);
    inet_pton(AF_INET6, GROUP_V6, &v6.ipv6mr_multiaddr);
    if (is_v6) {
        g_assert_cmpint(setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof v6), ==, 0);
        g_assert_cmpint(
            setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface, sizeof interface), ==, 0);
    } else {
        g_assert_cmpint(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4, sizeof v4), ==, 0);
        g_assert_cmpint(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &v4, sizeof v4), ==, 0);
    }
}

static int
open_socket(gboolean is_v6, guint16 port)
{
    SocketAddress address = make_address(is_v6, is_v6 ? "::" : "0.0.0.0", port);
    int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

    g_assert_cmpint(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), ==, 0);
    g_assert_cmpint(bind(fd, &address.any, address_size(&address)), ==, 0);
    join_group(fd, is_v6);
    return fd;
}

static void
send_answer(const Responder *self, int fd, guint8 last_octet)
{
    static const guint8 header[] = { 0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    g_autoptr(GByteArray) answer = g_byte_array_new();
    SocketAddress to = make_address(self->is_v6, self->is_v6 ? GROUP_V6 : GROUP_V4, MDNS_PORT);
    guint8 v4[] = { 192, 0, 2, last_octet }, v6[16] = { 0x20, 1, 0xd, 0xb8, [15] = last_octet };

    g_byte_array_append(answer, header, sizeof header);
    for (guint i = 0; i < G_N_ELEMENTS(self->answered_names) && self->answered_names[i]; i++) {
        gsize label = strlen(self->answered_names[i]) - strlen(".local");
        wire_write_u8(answer, (guint8) label);
        g_byte_array_append(answer, (const guint8 *) self->answered_names[i], (guint) label);
        g_byte_array_append(answer, (const guint8 *) "\5local\0", 7);
        wire_write_u16(answer, self->is_v6 ? 28 : 1);
        wire_write_u16(answer, 0x8001);
        wire_write_u32(answer, 120);
        wire_write_u16(answer, self->is_v6 ? 16 : 4);
        g_byte_array_append(answer, self->is_v6 ? v6 : v4, self->is_v6 ? 16 : 4);
        answer->data[7]++;
    }
    g_assert_cmpint(sendto(fd, answer->data, answer->len, 0, &to.any, address_size(&to)), ==,
                    answer->len);
}

static gboolean
on_query(GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
    Responder *self = user_data;
    guint8 bytes[512];

    if (recv(self->fd, bytes, sizeof bytes, 0) < 12 || (bytes[2] & 0x80))
        return G_SOURCE_CONTINUE;
    self->n_queries++;
    if (self->answer_from == 0 || self->n_queries < self->answer_from)
        return G_SOURCE_CONTINUE;
    if (self->lies_first)
        send_answer(self, self->other_fd, 66);
    send_answer(self, self->fd, 7);
    return G_SOURCE_CONTINUE;
}

static void
responder_start(Responder *self)
{
    GIOChannel *channel;

    self->fd = open_socket(self->is_v6, MDNS_PORT);
    self->other_fd = open_socket(self->is_v6, 0);
    channel = g_io_channel_unix_new(self->fd);
    self->source = g_io_create_watch(channel, G_IO_IN);
    g_source_set_callback(self->source, G_SOURCE_FUNC(on_query), self, NULL);
    g_source_attach(self->source, NULL);
    g_io_channel_unref(channel);
}

static void
responder_stop(Responder *self)
{
    g_source_destroy(self->source);
    g_source_unref(self->source);
    close(self->fd);
    close(self->other_fd);
}

static void
on_resolved(const char *name, const Address *address, gpointer user_data)
{
    Heard *heard = user_data;
    g_autofree char *text = address ? address_to_string_with_port(address) : g_strdup("none");
    char *answers = g_strdup_printf("%s%s%s=%s", heard->answers ? heard->answers : "",
                                    heard->answers ? " " : "", name, text);

    g_free(heard->answers);
    heard->answers = answers;
    heard->n_calls++;
    g_clear_pointer(&heard->to_free, mdns_resolver_free);
}

static gboolean
on_deadline(gpointer user_data)
{
    g_error("the deadline of %d s has passed", DEADLINE_S);
    return G_SOURCE_REMOVE;
}

static void
wait_until(const guint *counter, guint value)
{
    guint deadline = g_timeout_add_seconds(DEADLINE_S, on_deadline, NULL);

    while (*counter < value)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(deadline);
}

static guint
count_descriptors(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    guint n = 0;

    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void
run_answer_case(Responder *responder, const char *asked, const char *expected, guint min_queries)
{
    g_autoptr(MdnsResolver) resolver = mdns_resolver_new();
    g_autoptr(GError) error = NULL;
    Heard heard = { 0 };

    responder_start(responder);
    responder->answered_names[0] = asked;
    g_assert_true(mdns_resolver_resolve(resolver, asked, on_resolved, &heard, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(heard.n_calls, ==, 0);
    wait_until(&heard.n_calls, 1);
    g_assert_cmpstr(heard.answers, ==, expected);
    g_assert_cmpuint(responder->n_queries, >=, min_queries);
    responder_stop(responder);
    g_free(heard.answers);
}

static void
test_an_answer_resolves_the_name(void)
{
    run_answer_case(&(Responder){ .answer_from = 1 }, "one.local", "one.local=192.0.2.7:0", 1);
}

static void
test_an_answer_resolves_the_name_over_ipv6(void)
{
    run_answer_case(&(Responder){ .answer_from = 1, .is_v6 = TRUE }, "six.local",
                    "six.local=[2001:db8::7]:0", 1);
}

static void
test_the_query_is_repeated_until_answered(void)
{
    run_answer_case(&(Responder){ .answer_from = 3 }, "late.local", "late.local=192.0.2.7:0", 3);
}

static void
test_an_answer_from_another_port_is_ignored(void)
{
    run_answer_case(&(Responder){ .answer_from = 1, .lies_first = TRUE }, "lie.local",
                    "lie.local=192.0.2.7:0", 1);
}

static void
test_without_an_answer_the_name_is_given_up(void)
{
    run_answer_case(&(Responder){ .answer_from = 0 }, "nobody.local", "nobody.local=none", 4);
}

static void
test_sockets_are_open_only_while_names_are_pending(void)
{
    Responder responder = { .answer_from = 1, .answered_names = { "fd.local" } };
    g_autoptr(MdnsResolver) resolver = mdns_resolver_new();
    Heard heard = { 0 };

    responder_start(&responder);
    guint before = count_descriptors();
    for (guint i = 1; i <= 2; i++) {
        g_assert_true(mdns_resolver_resolve(resolver, "fd.local", on_resolved, &heard, NULL));
        g_assert_cmpuint(count_descriptors(), >, before);
        wait_until(&heard.n_calls, i);
        while (g_main_context_pending(NULL))
            g_main_context_iteration(NULL, FALSE);
        g_assert_cmpuint(count_descriptors(), ==, before);
    }
    responder_stop(&responder);
    g_free(heard.answers);
}

static void
test_one_answer_may_resolve_two_names(void)
{
    Responder responder = { .answer_from = 1, .answered_names = { "a.local", "b.local" } };
    g_autoptr(MdnsResolver) resolver = mdns_resolver_new();
    Heard heard = { 0 };

    responder_start(&responder);
    g_assert_true(mdns_resolver_resolve(resolver, "a.local", on_resolved, &heard, NULL));
    g_assert_true(mdns_resolver_resolve(resolver, "b.local", on_resolved, &heard, NULL));
    wait_until(&heard.n_calls, 2);
    g_assert_cmpstr(heard.answers, ==, "a.local=192.0.2.7:0 b.local=192.0.2.7:0");
    responder_stop(&responder);
    g_free(heard.answers);
}

static void
test_the_callback_may_free_the_resolver(void)
{
    Responder responder = { .answer_from = 1, .answered_names = { "a.local", "b.local" } };
    Heard heard = { .to_free = mdns_resolver_new() };
    MdnsResolver *resolver = heard.to_free;

    responder_start(&responder);
    g_assert_true(mdns_resolver_resolve(resolver, "a.local", on_resolved, &heard, NULL));
    g_assert_true(mdns_resolver_resolve(resolver, "b.local", on_resolved, &heard, NULL));
    wait_until(&heard.n_calls, 1);
    while (g_main_context_pending(NULL))
        g_main_context_iteration(NULL, FALSE);
    g_assert_cmpuint(heard.n_calls, ==, 1);
    responder_stop(&responder);
    g_free(heard.answers);
}

static void
test_freeing_cancels_without_calling_back(void)
{
    Responder responder = { .answer_from = 1, .answered_names = { "gone.local" } };
    MdnsResolver *gone = mdns_resolver_new(), *stays = mdns_resolver_new();
    Heard heard = { 0 }, other = { 0 };

    responder_start(&responder);
    g_assert_true(mdns_resolver_resolve(gone, "gone.local", on_resolved, &heard, NULL));
    g_assert_true(mdns_resolver_resolve(stays, "gone.local", on_resolved, &other, NULL));
    mdns_resolver_free(gone);
    wait_until(&other.n_calls, 1); /* so the answer has been there */
    g_assert_cmpuint(heard.n_calls, ==, 0);
    mdns_resolver_free(stays);
    responder_stop(&responder);
    g_free(other.answers);
}

static void
test_names_and_their_number_are_checked(void)
{
    static const char *const bad[] = { "",          ".local",   "local", "example.org",
                                       "a.b.local", "a b.local" };
    g_autoptr(MdnsResolver) resolver = mdns_resolver_new();
    Heard heard = { 0 };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(mdns_resolver_resolve(resolver, bad[i], on_resolved, &heard, &error));
        g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
    for (guint i = 0; i < MDNS_MAX_PENDING; i++)
        g_assert_true(mdns_resolver_resolve(resolver, "x.local", on_resolved, &heard, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(mdns_resolver_resolve(resolver, "y.local", on_resolved, &heard, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_BUSY);
    g_assert_cmpuint(heard.n_calls, ==, 0);
}

static void
test_without_a_network_the_error_says_so(void)
{
    g_autoptr(MdnsResolver) resolver = mdns_resolver_new();
    g_autoptr(GError) error = NULL;

    g_assert_false(mdns_resolver_resolve(resolver, "x.local", on_resolved, NULL, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE);
}

static gboolean
run(const char *command)
{
    int status = 0;
    return g_spawn_command_line_sync(command, NULL, NULL, &status, NULL) &&
           g_spawn_check_wait_status(status, NULL);
}

/* Without the seconds that duplicate address detection takes. */
static gboolean
make_interface(void)
{
    static const char *const commands[] = { "ip link add " INTERFACE " type veth peer name mdns1",
                                            "ip address add 192.0.2.1/24 dev " INTERFACE,
                                            "ip link set " INTERFACE " addrgenmode none",
                                            "ip link set mdns1 up",
                                            "ip link set " INTERFACE " up",
                                            "ip address add fe80::1/64 nodad dev " INTERFACE };

    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (!run(commands[i]))
            return FALSE;
    return TRUE;
}

static void
skip_all(void)
{
    g_test_skip("needs root, for a network namespace of its own, and the ip command");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (unshare(CLONE_NEWNET) != 0) {
        g_test_add_func("/mdns", skip_all);
        return g_test_run();
    }
    /* In this order: the first runs before there is an interface. */
    test_without_a_network_the_error_says_so();
    if (!make_interface()) {
        g_test_add_func("/mdns", skip_all);
        return g_test_run();
    }
    g_test_add_func("/mdns/an-answer-resolves-the-name", test_an_answer_resolves_the_name);
    g_test_add_func("/mdns/an-answer-resolves-the-name-over-ipv6",
                    test_an_answer_resolves_the_name_over_ipv6);
    g_test_add_func("/mdns/the-query-is-repeated-until-answered",
                    test_the_query_is_repeated_until_answered);
    g_test_add_func("/mdns/an-answer-from-another-port-is-ignored",
                    test_an_answer_from_another_port_is_ignored);
    g_test_add_func("/mdns/without-an-answer-the-name-is-given-up",
                    test_without_an_answer_the_name_is_given_up);
    g_test_add_func("/mdns/sockets-are-open-only-while-names-are-pending",
                    test_sockets_are_open_only_while_names_are_pending);
    g_test_add_func("/mdns/one-answer-may-resolve-two-names",
                    test_one_answer_may_resolve_two_names);
    g_test_add_func("/mdns/the-callback-may-free-the-resolver",
                    test_the_callback_may_free_the_resolver);
    g_test_add_func("/mdns/freeing-cancels-without-calling-back",
                    test_freeing_cancels_without_calling_back);
    g_test_add_func("/mdns/names-and-their-number-are-checked",
                    test_names_and_their_number_are_checked);
    return g_test_run();
}
