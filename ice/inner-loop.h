/* A GMainContext inside another, for what has many descriptors that are seldom ready.
 *
 * GLib's loop looks at each of its sources and descriptors in every turn, so that with a thousand
 * connections a datagram costs ten times what it costs with one.  Here each connection's sources
 * are in a context of its own, whose descriptors are in one epoll set: the outer loop has one
 * source for all of them, and a turn costs what is ready. */
#pragma once

#include <glib.h>

typedef struct InnerLoop InnerLoop;

/* Runs within @outer, in its thread. */
InnerLoop *inner_loop_new(GMainContext *outer);

/* Where sources are attached.  It is @outer itself where the system has no descriptor left. */
GMainContext *inner_loop_get_context(InnerLoop *self);

/* Its sources do not run any more after the last one; legal in a callback of them. */
InnerLoop *inner_loop_ref(InnerLoop *self);
void inner_loop_unref(InnerLoop *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(InnerLoop, inner_loop_unref)
