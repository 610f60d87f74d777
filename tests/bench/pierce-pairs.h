/* Pairs of connections with both ends within this process, on the thread's default context. */
#pragma once

#include <pierce.h>

typedef struct Pair Pair;

struct Pair {
    PiercePeerConnection *ends[2]; /* the offerer and the answerer */
    GPtrArray *channels[2];        /* of PierceDataChannel, as they opened */
    guint opened[2];
};

/* Sets one up with @channels channels and waits until all are open at both ends; NULL with @error
 * set where that takes too long. */
Pair *pair_new(guint channels, GError **error);
void pair_free(Pair *pair);

/* Without pairs, but frees those that are put into it. */
GPtrArray *pairs_array_new(void);

/* @count of them, one after the other, each with one channel. */
GPtrArray *pairs_new(guint count, GError **error);
