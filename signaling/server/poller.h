/* Many sockets on one GSource: GLib asks poll() about every socket at every wake-up, epoll(7) tells
 * only of those that have news. */
#pragma once

#include <gio/gio.h>

typedef struct Poller Poller;

/* What wants to hear of one socket; lies in the structure of who owns that. */
typedef struct PollerWatch PollerWatch;

typedef void (*PollerFunc)(PollerWatch *watch, GIOCondition condition);

struct PollerWatch {
    int fd;
    PollerFunc func;
};

/* Runs on the thread-default context.  @after_batch is called once after each round of news:
 * watches that were taken out in the round may be freed from then on, and not before. */
Poller *poller_new(void (*after_batch)(gpointer user_data), gpointer user_data, GError **error);
void poller_free(Poller *poller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Poller, poller_free)

/* @condition: G_IO_IN, G_IO_OUT or both.  Hang-ups and errors are told in any case. */
gboolean poller_add(Poller *poller, PollerWatch *watch, GIOCondition condition, GError **error);
void poller_change(Poller *poller, PollerWatch *watch, GIOCondition condition);
void poller_remove(Poller *poller, PollerWatch *watch);
