/* Owns the epoll sets and the order of deadlines, never a source of what runs in it.
 *
 *     outer GMainContext --> Hub, a GSource: epoll set, deadlines --> InnerLoop: GMainContext, its
 *                                                                     descriptors --> sources
 *
 * After each run a loop is prepared at once, which tells what it waits for: that goes into the set,
 * and its time-out among the deadlines.  Whoever attaches a source to it in between wakes it by its
 * wake-up descriptor, which is in the set too (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING). */
#include "ice/inner-loop.h"

#include <glib-unix.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_READY 64 /* that run in one turn; the others are still ready in the next */

typedef struct {
    GSource source;
    int epoll_fd;
    guint loops;
    GPtrArray *by_fd;     /* of InnerLoop, NULL for a descriptor that is nobody's */
    GSequence *deadlines; /* of InnerLoop, the next one first */
} Hub;

struct InnerLoop {
    grefcount references;
    GMainContext *context;
    Hub *hub;             /* NULL where the context is the outer one */
    GArray *polled;       /* of GPollFD, as the context asked last */
    GSequenceIter *place; /* among the deadlines, NULL for none */
    gint64 deadline_us;
    gboolean is_ready; /* in the list of those that run next */
};

/* ---- descriptors ---- */

static void
forget(Hub *hub, InnerLoop *self, int fd)
{
    if ((guint) fd >= hub->by_fd->len || hub->by_fd->pdata[fd] != self)
        return; /* it was closed, and its number is another's by now */
    hub->by_fd->pdata[fd] = NULL;
    epoll_ctl(hub->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void
watch(Hub *hub, InnerLoop *self, const GPollFD *poll)
{
    struct epoll_event event = { .events = poll->events, .data.fd = poll->fd };
    if ((guint) poll->fd >= hub->by_fd->len)
        g_ptr_array_set_size(hub->by_fd, poll->fd + 1);
    hub->by_fd->pdata[poll->fd] = self;
    if (epoll_ctl(hub->epoll_fd, EPOLL_CTL_MOD, poll->fd, &event) < 0)
        epoll_ctl(hub->epoll_fd, EPOLL_CTL_ADD, poll->fd, &event);
}

static const GPollFD *
find_poll(const GPollFD *polls, guint count, int fd)
{
    for (guint i = 0; i < count; i++) {
        if (polls[i].fd == fd)
            return &polls[i];
    }
    return NULL;
}

/* Brings the set from @before to what is asked for now.  @is_thorough where a descriptor may have
 * been closed and its number used again, which looks the same. */
static void
update_watches(InnerLoop *self, const GPollFD *before, guint count, gboolean is_thorough)
{
    const GPollFD *now = (const GPollFD *) (const void *) self->polled->data;
    for (guint i = 0; i < count; i++) {
        if (!find_poll(now, self->polled->len, before[i].fd))
            forget(self->hub, self, before[i].fd);
    }
    for (guint i = 0; i < self->polled->len; i++) {
        const GPollFD *old = find_poll(before, count, now[i].fd);
        if (is_thorough || !old || old->events != now[i].events)
            watch(self->hub, self, &now[i]);
    }
}

/* ---- deadlines ---- */

static gint
compare_deadlines(gconstpointer a, gconstpointer b, gpointer unused)
{
    const InnerLoop *x = a, *y = b;
    return (x->deadline_us > y->deadline_us) - (x->deadline_us < y->deadline_us);
}

static InnerLoop *
get_next(Hub *hub)
{
    GSequenceIter *first = g_sequence_get_begin_iter(hub->deadlines);
    return g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
}

static void
update_ready_time(Hub *hub)
{
    InnerLoop *next = get_next(hub);
    gint64 ready_us = next ? next->deadline_us : -1;
    if (g_source_get_ready_time(&hub->source) != ready_us)
        g_source_set_ready_time(&hub->source, ready_us);
}

static void
clear_deadline(InnerLoop *self)
{
    if (self->place)
        g_sequence_remove(self->place);
    self->place = NULL;
}

/* A deadline that moves back stays: the loop then runs once for nothing, and most are moved on by
 * every datagram. */
static void
set_deadline(InnerLoop *self, gint timeout_ms)
{
    gint64 now_us = g_get_monotonic_time();
    gint64 deadline_us = now_us + timeout_ms * G_TIME_SPAN_MILLISECOND;
    if (timeout_ms < 0) {
        clear_deadline(self);
    } else if (!self->place) {
        self->deadline_us = deadline_us;
        self->place = g_sequence_insert_sorted(self->hub->deadlines, self, compare_deadlines, NULL);
    } else if (deadline_us < self->deadline_us || self->deadline_us <= now_us) {
        self->deadline_us = deadline_us;
        g_sequence_sort_changed(self->place, compare_deadlines, NULL);
    }
    update_ready_time(self->hub);
}

/* ---- running ---- */

/* Asks the context what it waits for. */
static void
prepare(InnerLoop *self, gboolean is_thorough)
{
    g_autofree GPollFD *before = g_memdup2(self->polled->data, self->polled->len * sizeof(GPollFD));
    guint count = self->polled->len;
    gint priority, timeout_ms, wanted;

    g_main_context_prepare(self->context, &priority);
    for (;;) {
        GPollFD *polls = (GPollFD *) (void *) self->polled->data;
        wanted = g_main_context_query(self->context, G_MAXINT, &timeout_ms, polls,
                                      (gint) self->polled->len);
        if (wanted <= (gint) self->polled->len)
            break;
        g_array_set_size(self->polled, (guint) wanted);
    }
    g_array_set_size(self->polled, (guint) wanted);
    update_watches(self, before, count, is_thorough);
    set_deadline(self, timeout_ms);
}

static void
run(InnerLoop *self, gboolean is_thorough)
{
    GPollFD *polls = (GPollFD *) (void *) self->polled->data;
    g_main_context_acquire(self->context);
    if (g_main_context_check(self->context, G_MAXINT, polls, (gint) self->polled->len))
        g_main_context_dispatch(self->context);
    prepare(self, is_thorough);
    g_main_context_release(self->context);
}

/* Notes what @event says, and puts its loop into @ready. */
static guint
take_event(Hub *hub, const struct epoll_event *event, InnerLoop **ready, guint count)
{
    int fd = event->data.fd;
    InnerLoop *self = (guint) fd < hub->by_fd->len ? hub->by_fd->pdata[fd] : NULL;
    if (!self)
        return count;
    for (guint i = 0; i < self->polled->len; i++) {
        GPollFD *poll = &g_array_index(self->polled, GPollFD, i);
        if (poll->fd == fd)
            poll->revents = (gushort) event->events;
    }
    if (!self->is_ready)
        ready[count++] = inner_loop_ref(self);
    self->is_ready = TRUE;
    return count;
}

static guint
take_due(Hub *hub, InnerLoop **ready, guint count)
{
    gint64 now_us = g_get_monotonic_time();
    GSequenceIter *iter = g_sequence_get_begin_iter(hub->deadlines);
    for (; count < MAX_READY && !g_sequence_iter_is_end(iter); iter = g_sequence_iter_next(iter)) {
        InnerLoop *self = g_sequence_get(iter);
        if (self->deadline_us > now_us)
            break;
        if (!self->is_ready)
            ready[count++] = inner_loop_ref(self);
        self->is_ready = TRUE;
    }
    return count;
}

static gboolean
hub_dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
    Hub *hub = (Hub *) source;
    struct epoll_event events[MAX_READY];
    InnerLoop *ready[2 * MAX_READY];
    guint count = take_due(hub, ready, 0), due = count;

    g_source_ref(source); /* the last loop may end */
    int found = epoll_wait(hub->epoll_fd, events, MAX_READY, 0);
    for (int i = 0; i < found; i++)
        count = take_event(hub, &events[i], ready, count);
    for (guint i = 0; i < count; i++) {
        ready[i]->is_ready = FALSE;
        run(ready[i], i < due);
        inner_loop_unref(ready[i]);
    }
    if (!g_source_is_destroyed(source))
        update_ready_time(hub);
    g_source_unref(source);
    return G_SOURCE_CONTINUE;
}

static void
hub_finalize(GSource *source)
{
    Hub *hub = (Hub *) source;
    if (hub->epoll_fd >= 0)
        close(hub->epoll_fd);
    g_clear_pointer(&hub->by_fd, g_ptr_array_unref);
    g_clear_pointer(&hub->deadlines, g_sequence_free);
}

static const GSourceFuncs hub_funcs = {
    .dispatch = hub_dispatch,
    .finalize = hub_finalize,
};

/* ---- life ---- */

/* By it the hub of a context is found again: GLib looks only at sources with a callback. */
static gboolean
nothing(gpointer unused)
{
    return G_SOURCE_CONTINUE;
}

/* NULL where there is no descriptor left. */
static Hub *
hub_new(GMainContext *outer)
{
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0)
        return NULL;
    GSource *source = g_source_new((GSourceFuncs *) &hub_funcs, sizeof(Hub));
    Hub *hub = (Hub *) source;
    hub->epoll_fd = epoll_fd;
    hub->by_fd = g_ptr_array_new();
    hub->deadlines = g_sequence_new(NULL);
    g_source_set_name(source, "pierce-ice");
    g_source_set_callback(source, nothing, NULL, NULL);
    g_source_set_can_recurse(source, TRUE); /* a callback may run the outer loop */
    g_source_add_unix_fd(source, epoll_fd, G_IO_IN);
    g_source_attach(source, outer);
    g_source_unref(source); /* the context's now */
    return hub;
}

static Hub *
get_hub(GMainContext *outer)
{
    GSource *source =
        g_main_context_find_source_by_funcs_user_data(outer, (GSourceFuncs *) &hub_funcs, NULL);
    return source ? (Hub *) source : hub_new(outer);
}

InnerLoop *
inner_loop_new(GMainContext *outer)
{
    InnerLoop *self = g_new0(InnerLoop, 1);
    g_ref_count_init(&self->references);
    self->hub = get_hub(outer);
    self->polled = g_array_new(FALSE, TRUE, sizeof(GPollFD));
    if (!self->hub) {
        self->context = g_main_context_ref(outer);
        return self;
    }
    g_source_ref(&self->hub->source);
    self->hub->loops++;
    self->context = g_main_context_new_with_flags(G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING);
    g_main_context_acquire(self->context);
    prepare(self, FALSE);
    g_main_context_release(self->context);
    return self;
}

GMainContext *
inner_loop_get_context(InnerLoop *self)
{
    return self->context;
}

InnerLoop *
inner_loop_ref(InnerLoop *self)
{
    g_ref_count_inc(&self->references);
    return self;
}

static void
leave(InnerLoop *self)
{
    Hub *hub = g_steal_pointer(&self->hub);
    clear_deadline(self);
    for (guint i = 0; i < self->polled->len; i++)
        forget(hub, self, g_array_index(self->polled, GPollFD, i).fd);
    if (--hub->loops == 0)
        g_source_destroy(&hub->source);
    else
        update_ready_time(hub);
    g_source_unref(&hub->source);
}

void
inner_loop_unref(InnerLoop *self)
{
    if (!g_ref_count_dec(&self->references))
        return;
    if (self->hub)
        leave(self);
    g_array_unref(self->polled);
    g_main_context_unref(self->context);
    g_free(self);
}
