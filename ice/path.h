/* A way of moving datagrams between two peers.  Each way fills in one table; who sends knows only
 * this. A path belongs to who made it, and its user is told before it goes away. */
#pragma once

#include "ice/address.h"

#include <glib.h>

typedef struct Path Path;

/* What is told of a path to people: static strings, and the two ends. */
typedef struct {
    const char *local_type; /* host, srflx, prflx or relay */
    const char *remote_type;
    const char *protocol; /* udp or tcp */
    const char *note;     /* how datagrams are moved, and why not faster */
    Address local;
    Address remote;
} PathInfo;

typedef struct {
    /* Sends @count datagrams that lie one after the other in @bytes.  What the network does not
     * take is dropped, as on any datagram network. */
    void (*send)(Path *path, const guint8 *bytes, const guint16 *sizes, guint count);
    /* The largest datagram in bytes that the first link takes. */
    guint (*get_max_datagram)(Path *path);
    /* Sends one datagram that no router may break up; FALSE where the system refuses its size.
     * NULL where that cannot be asked for. */
    gboolean (*send_probe)(Path *path, const guint8 *bytes, gsize size);
    /* Datagrams of up to @size bytes are known to arrive whole, so that no router may break them
     * up; those above it may be.  NULL as above. */
    void (*set_whole_datagram)(Path *path, guint size);
    void (*describe)(Path *path, PathInfo *info);
    void (*free)(Path *path);
} PathFuncs;

struct Path {
    const PathFuncs *funcs;
};

/* Hands on the datagrams that came in, several glued together where the kernel did so (UDP_GRO). */
typedef void (*PathReceiveFunc)(const guint8 *bytes, gsize size, gpointer user_data);

static inline void
path_send(Path *path, const guint8 *bytes, const guint16 *sizes, guint count)
{
    path->funcs->send(path, bytes, sizes, count);
}

static inline guint
path_get_max_datagram(Path *path)
{
    return path->funcs->get_max_datagram(path);
}

static inline gboolean
path_send_probe(Path *path, const guint8 *bytes, gsize size)
{
    return path->funcs->send_probe && path->funcs->send_probe(path, bytes, size);
}

static inline void
path_set_whole_datagram(Path *path, guint size)
{
    if (path->funcs->set_whole_datagram)
        path->funcs->set_whole_datagram(path, size);
}

static inline void
path_free(Path *path)
{
    path->funcs->free(path);
}
