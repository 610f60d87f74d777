/* Two peer connections in one thread that signal to each other through its loop. */
#pragma once

#include "datachannel/pierce.h"

typedef struct {
    PiercePeerConnection *offerer;
    PiercePeerConnection *answerer;
    gboolean drops_candidates; /* from here on none is passed on */
} PeerPair;

/* A NULL configuration is the default one. */
void peer_pair_init(PeerPair *pair, PierceConfiguration *offerer, PierceConfiguration *answerer);
void peer_pair_clear(PeerPair *pair);

/* Makes @from offer to the other, and the other answer. */
void peer_pair_negotiate(PeerPair *pair, PiercePeerConnection *from);

/* Runs the loop until @condition is true; fails the test after @seconds. */
#define wait_until_within(seconds, condition)                                                      \
    do {                                                                                           \
        gint64 deadline_us = g_get_monotonic_time() + (seconds) *G_TIME_SPAN_SECOND;               \
        while (!(condition)) {                                                                     \
            g_assert_cmpint(g_get_monotonic_time(), <, deadline_us);                               \
            g_main_context_iteration(g_main_context_get_thread_default(), TRUE);                   \
        }                                                                                          \
    } while (0)

#define wait_until(condition) wait_until_within(20, condition)

/* Keeps the loop of wait_until turning, so that its deadline is noticed.  Once in each thread. */
void wait_until_enable(void);

/* Attaches a source of the test's to the thread's loop and drops it; @func is called with @data. */
void attach_source(GSource *source, GSourceFunc func, gpointer data, GDestroyNotify destroy);
