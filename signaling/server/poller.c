/* Owns one epoll(7) descriptor and its GSource; never the sockets in it.  One round takes at most
 * MAX_EVENTS news, so that other sources of the context get their turn. */
#include "signaling/server/poller.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_EVENTS 256

struct Poller {
    int epoll_fd;
    GSource *source;
    void (*after_batch)(gpointer user_data);
    gpointer user_data;
};

static guint32
to_epoll(GIOCondition condition)
{
    return (condition & G_IO_IN ? (guint32) EPOLLIN | (guint32) EPOLLRDHUP : 0) |
           (condition & G_IO_OUT ? (guint32) EPOLLOUT : 0);
}

static GIOCondition
from_epoll(guint32 events)
{
    return (GIOCondition) ((events & ((guint32) EPOLLIN | (guint32) EPOLLRDHUP) ? G_IO_IN : 0) |
                           (events & (guint32) EPOLLOUT ? G_IO_OUT : 0) |
                           (events & (guint32) EPOLLHUP ? G_IO_HUP : 0) |
                           (events & (guint32) EPOLLERR ? G_IO_ERR : 0));
}

static gboolean
on_news(int fd, GIOCondition condition, gpointer data)
{
    Poller *self = data;
    struct epoll_event events[MAX_EVENTS];
    int n = epoll_wait(self->epoll_fd, events, MAX_EVENTS, 0);

    for (int i = 0; i < n; i++) {
        PollerWatch *watch = events[i].data.ptr;
        if (watch->fd >= 0)
            watch->func(watch, from_epoll(events[i].events));
    }
    self->after_batch(self->user_data);
    return G_SOURCE_CONTINUE;
}

Poller *
poller_new(void (*after_batch)(gpointer user_data), gpointer user_data, GError **error)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd < 0) {
        g_set_error(error, G_IO_ERROR, (gint) g_io_error_from_errno(errno), "epoll_create1: %s",
                    g_strerror(errno));
        return NULL;
    }
    Poller *self = g_new0(Poller, 1);
    self->epoll_fd = fd;
    self->after_batch = after_batch;
    self->user_data = user_data;
    self->source = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_name(self->source, "pierce-server-poller");
    g_source_set_callback(self->source, G_SOURCE_FUNC(on_news), self, NULL);
    g_source_attach(self->source, g_main_context_get_thread_default());
    return self;
}

void
poller_free(Poller *self)
{
    g_source_destroy(self->source);
    g_source_unref(self->source);
    close(self->epoll_fd);
    g_free(self);
}

gboolean
poller_add(Poller *self, PollerWatch *watch, GIOCondition condition, GError **error)
{
    struct epoll_event event = { .events = to_epoll(condition), .data.ptr = watch };

    if (epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) == 0)
        return TRUE;
    g_set_error(error, G_IO_ERROR, (gint) g_io_error_from_errno(errno), "epoll_ctl: %s",
                g_strerror(errno));
    return FALSE;
}

void
poller_change(Poller *self, PollerWatch *watch, GIOCondition condition)
{
    struct epoll_event event = { .events = to_epoll(condition), .data.ptr = watch };

    epoll_ctl(self->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);
}

void
poller_remove(Poller *self, PollerWatch *watch)
{
    epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->fd = -1;
}
