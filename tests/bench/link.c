/* Owns the two processes.  One thread, no main loop: waits in poll() on two sockets. */
#include "tests/bench/link.h"

#include <errno.h>
#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES 65536
#define READY_SECONDS 20
#define OPEN_SECONDS 20
#define ANSWER_SECONDS 30
#define CONNECTION_AT 1

typedef struct {
    pid_t pid;
    int fd;
    GString *input;
    GQueue lines; /* of char *, said and not yet asked for */
    GQueue mail;  /* of Letter, under way to this peer */
} PeerProcess;

typedef struct {
    gint64 due_us;
    char *line;
} Letter;

struct Link {
    PeerProcess peers[2];
    char *version;
    gint64 signaling_delay_us;
    gint64 answer_us;
};

static double
now_seconds(void)
{
    return (double) g_get_monotonic_time() / G_TIME_SPAN_SECOND;
}

/* ---- processes ---- */

static void
become(const char *const *arguments, const LongPath *path, guint end, int fd)
{
    if (path && !long_path_enter(path, end))
        _exit(126);
    dup2(fd, STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    execvp(arguments[0], (char *const *) arguments);
    _exit(127);
}

static gboolean
start(Link *link, const char *const *arguments, const LongPath *path, guint end, GError **error)
{
    PeerProcess *peer = &link->peers[end];
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        goto failed;
    peer->pid = fork();
    if (peer->pid == 0)
        become(arguments, path, end, fds[1]);
    close(fds[1]);
    peer->fd = fds[0];
    if (peer->pid > 0)
        return TRUE;
failed:
    g_set_error(error, G_IO_ERROR, (gint) g_io_error_from_errno(errno),
                "%s could not be started: %s", arguments[0], g_strerror(errno));
    return FALSE;
}

static void
letter_free(gpointer data)
{
    Letter *letter = data;
    g_free(letter->line);
    g_free(letter);
}

static void
stop(PeerProcess *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    if (peer->pid > 0) {
        kill(peer->pid, SIGKILL); /* what a peer does at its end is not measured */
        waitpid(peer->pid, NULL, 0);
    }
    g_string_free(peer->input, TRUE);
    g_queue_clear_full(&peer->lines, g_free);
    g_queue_clear_full(&peer->mail, letter_free);
}

Link *
link_new(const char *const *arguments, const LongPath *path, GError **error)
{
    Link *link = g_new0(Link, 1);
    for (guint i = 0; i < 2; i++) {
        link->peers[i].fd = -1;
        link->peers[i].input = g_string_new(NULL);
        g_queue_init(&link->peers[i].lines);
        g_queue_init(&link->peers[i].mail);
    }
    for (guint i = 0; i < 2; i++) {
        g_auto(GStrv) words = NULL;
        if (start(link, arguments, path, i, error))
            words = link_wait(link, i, "ready", READY_SECONDS, error);
        if (!words) {
            link_free(link);
            return NULL;
        }
        g_free(link->version);
        link->version = g_strdup(words[1] ? words[1] : "unknown");
    }
    return link;
}

void
link_free(Link *link)
{
    for (guint i = 0; i < 2; i++)
        stop(&link->peers[i]);
    g_free(link->version);
    g_free(link);
}

/* ---- lines ---- */

static void
write_line(PeerProcess *peer, const char *line)
{
    g_autofree char *whole = g_strconcat(line, "\n", NULL);
    gsize size = strlen(whole);
    for (gsize at = 0; at < size;) {
        ssize_t sent = send(peer->fd, whole + at, size - at, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return; /* it ended: the next read says so */
        at += (gsize) MAX(sent, 0);
    }
}

void
link_tell(Link *link, LinkSide side, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    write_line(&link->peers[side], line);
}

/* ---- signalling ---- */

static void
post(Link *link, PeerProcess *to, char *line)
{
    Letter *letter = g_new(Letter, 1);
    *letter = (Letter){ g_get_monotonic_time() + link->signaling_delay_us, line };
    g_queue_push_tail(&to->mail, letter);
}

static void
deliver_due(Link *link, PeerProcess *peer)
{
    gint64 now_us = g_get_monotonic_time();
    for (Letter *letter; (letter = g_queue_peek_head(&peer->mail)) && letter->due_us <= now_us;) {
        write_line(peer, letter->line);
        if (peer == &link->peers[LINK_OFFERER] && g_str_has_prefix(letter->line, "remote "))
            link->answer_us = now_us;
        letter_free(g_queue_pop_head(&peer->mail));
    }
}

/* No later than @deadline, nor than what is due first, in milliseconds from now. */
static int
time_left_ms(Link *link, double deadline)
{
    double left = deadline - now_seconds();
    for (guint i = 0; i < 2; i++) {
        const Letter *letter = g_queue_peek_head(&link->peers[i].mail);
        if (letter)
            left = MIN(left, (double) (letter->due_us - g_get_monotonic_time()) / 1e6);
    }
    return (int) (MAX(left, 0) * 1000) + (left > 0);
}

void
link_delay_signaling(Link *link, gint64 delay_us)
{
    link->signaling_delay_us = delay_us;
}

gint64
link_get_answer_us(Link *link)
{
    return link->answer_us;
}

/* FALSE where the line is an error's. */
static gboolean
take_line(Link *link, LinkSide side, char *line, GError **error)
{
    PeerProcess *other = &link->peers[side == LINK_OFFERER ? LINK_ANSWERER : LINK_OFFERER];
    if (g_str_has_prefix(line, "local ")) {
        post(link, other, g_strconcat("remote ", line + strlen("local "), NULL));
        g_free(line);
    } else if (g_str_has_prefix(line, "candidate ")) {
        post(link, other, line);
    } else if (g_str_has_prefix(line, "error ")) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the peer says: %s", line);
        g_free(line);
        return FALSE;
    } else {
        g_queue_push_tail(&link->peers[side].lines, line);
    }
    return TRUE;
}

static gboolean
read_lines(Link *link, LinkSide side, GError **error)
{
    PeerProcess *peer = &link->peers[side];
    char bytes[READ_BYTES];
    ssize_t size = read(peer->fd, bytes, sizeof bytes);
    if (size <= 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the %s ended",
                    side == LINK_OFFERER ? "offering peer" : "answering peer");
        return FALSE;
    }
    g_string_append_len(peer->input, bytes, size);
    for (char *end; (end = memchr(peer->input->str, '\n', peer->input->len));) {
        char *line = g_strndup(peer->input->str, (gsize) (end - peer->input->str));
        g_string_erase(peer->input, 0, end - peer->input->str + 1);
        if (!take_line(link, side, line, error))
            return FALSE;
    }
    return TRUE;
}

/* Waits for lines until @deadline, takes what is there. */
static gboolean
turn(Link *link, double deadline, GError **error)
{
    struct pollfd fds[2];
    for (guint i = 0; i < 2; i++)
        fds[i] = (struct pollfd){ .fd = link->peers[i].fd, .events = POLLIN };
    if (poll(fds, 2, time_left_ms(link, deadline)) < 0)
        return errno == EINTR;
    for (guint i = 0; i < 2; i++) {
        if (fds[i].revents && !read_lines(link, i, error))
            return FALSE;
    }
    for (guint i = 0; i < 2; i++)
        deliver_due(link, &link->peers[i]);
    return TRUE;
}

static char **
find_line(PeerProcess *peer, const char *word)
{
    for (GList *item = peer->lines.head; item; item = item->next) {
        g_auto(GStrv) words = g_strsplit(item->data, " ", -1);
        if (g_str_equal(words[0], word)) {
            g_free(item->data);
            g_queue_delete_link(&peer->lines, item);
            return g_steal_pointer(&words);
        }
    }
    return NULL;
}

char **
link_wait(Link *link, LinkSide side, const char *word, double seconds, GError **error)
{
    double deadline = now_seconds() + seconds;
    for (;;) {
        char **words = find_line(&link->peers[side], word);
        if (words)
            return words;
        if (now_seconds() >= deadline) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                        "the peer did not say \"%s\" within %g s", word, seconds);
            return NULL;
        }
        if (!turn(link, deadline, error))
            return NULL;
    }
}

gboolean
link_run(Link *link, double seconds, GError **error)
{
    double deadline = now_seconds() + seconds;
    while (now_seconds() < deadline) {
        if (!turn(link, deadline, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
wait_open(Link *link, LinkSide side, const char *id, GError **error)
{
    g_auto(GStrv) words = link_wait(link, side, "open", OPEN_SECONDS, error);
    if (!words)
        return FALSE;
    if (!words[CONNECTION_AT] || !g_str_has_prefix(words[CONNECTION_AT], id)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "another connection opened");
        return FALSE;
    }
    return TRUE;
}

gboolean
link_connect(Link *link, const char *id, LinkKind kind, GError **error)
{
    static const char *const words[] = {
        [LINK_RELIABLE] = "reliable",
        [LINK_UNORDERED] = "unordered",
        [LINK_BOTH] = "both",
    };
    guint channels = kind == LINK_BOTH ? 2 : 1;
    link_tell(link, LINK_ANSWERER, "connect %s answer", id);
    link_tell(link, LINK_OFFERER, "connect %s %s", id, words[kind]);
    for (guint i = 0; i < 2 * channels; i++) {
        if (!wait_open(link, i % 2 ? LINK_ANSWERER : LINK_OFFERER, id, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
link_get_counts(Link *link, LinkSide side, LinkCounts *counts, GError **error)
{
    link_tell(link, side, "counts c");
    g_auto(GStrv) words = link_wait(link, side, "counts", ANSWER_SECONDS, error);
    if (!words)
        return FALSE;
    if (g_strv_length(words) != 6) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "bad counts");
        return FALSE;
    }
    counts->sent = g_ascii_strtod(words[2], NULL);
    counts->received = g_ascii_strtod(words[3], NULL);
    counts->received_bytes = g_ascii_strtod(words[4], NULL);
    counts->time_us = g_ascii_strtod(words[5], NULL);
    return TRUE;
}

const char *
link_get_version(Link *link)
{
    return link->version;
}

/* ---- what the kernel knows of them ---- */

double
link_get_cpu_seconds(Link *link)
{
    double sum = 0;
    for (guint i = 0; i < 2; i++) {
        clockid_t clock;
        struct timespec time;
        if (clock_getcpuclockid(link->peers[i].pid, &clock) == 0 &&
            clock_gettime(clock, &time) == 0)
            sum += (double) time.tv_sec + (double) time.tv_nsec / 1e9;
    }
    return sum;
}

double
link_get_resident_bytes(Link *link)
{
    double sum = 0;
    for (guint i = 0; i < 2; i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int) link->peers[i].pid);
        g_autofree char *text = NULL;
        if (!g_file_get_contents(path, &text, NULL, NULL))
            continue;
        g_auto(GStrv) words = g_strsplit(text, " ", 3); /* size, resident, rest: in pages */
        if (g_strv_length(words) > 1)
            sum += g_ascii_strtod(words[1], NULL) * (double) sysconf(_SC_PAGESIZE);
    }
    return sum;
}
