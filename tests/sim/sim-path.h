/* A network between two stacks in one process that loses, delays, duplicates and glues datagrams,
 * the same way for the same seed. */
#pragma once

#include "ice/path.h"

typedef struct SimPath SimPath;

typedef struct {
    guint loss_percent;
    guint duplicate_percent;
    guint max_delay_ms; /* each datagram takes up to this, so that one may overtake another */
    guint min_delay_ms; /* and at least this; not above the other */
    gboolean glues;     /* what is due at the same time comes in one buffer, as UDP_GRO does it */
} SimConditions;

typedef struct {
    PathReceiveFunc on_receive;
    /* Sees each datagram that is sent before anything happens to it, and may change it or inject
     * others; NULL for an honest network. */
    void (*on_send)(SimPath *path, GByteArray *datagram, gpointer user_data);
    gpointer user_data;
} SimPathFuncs;

/* One direction.  Its Path is what the sending stack is given. */
SimPath *sim_path_new(const SimConditions *conditions, guint32 seed, const SimPathFuncs *funcs);
Path *sim_path_get_path(SimPath *self);

/* Has @bytes arrive as the next datagram, without any loss. */
void sim_path_inject(SimPath *self, const guint8 *bytes, gsize size);

/* How many times something was sent; several datagrams may have left at once. */
guint sim_path_get_flights(SimPath *self);

/* Random bytes of the path's own sequence. */
guint32 sim_path_random(SimPath *self, guint32 below);
