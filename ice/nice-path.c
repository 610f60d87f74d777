/* Owns nothing but the table: libnice frames for TURN and TCP, and keeps what TCP does not take
 * yet. */
#include "ice/nice-path.h"

#define MAX_MESSAGES 64
#define MAX_DATAGRAM_BYTES 1232

typedef struct {
    Path path;
    NiceAgent *agent;
    guint stream_id;
    PathInfo info;
} NicePath;

static void
nice_path_send(Path *path, const guint8 *bytes, const guint16 *sizes, guint count)
{
    NicePath *self = (NicePath *) path;
    GOutputVector vectors[MAX_MESSAGES];
    NiceOutputMessage messages[MAX_MESSAGES];

    while (count > 0) {
        guint n = MIN(count, MAX_MESSAGES);
        for (guint i = 0; i < n; i++) {
            vectors[i] = (GOutputVector){ .buffer = bytes, .size = sizes[i] };
            messages[i] = (NiceOutputMessage){ .buffers = &vectors[i], .n_buffers = 1 };
            bytes += sizes[i];
        }
        nice_agent_send_messages_nonblocking(self->agent, self->stream_id, NICE_COMPONENT_TYPE_RTP,
                                             messages, n, NULL, NULL);
        sizes += n;
        count -= n;
    }
}

static guint
nice_path_get_max_datagram(Path *path)
{
    return MAX_DATAGRAM_BYTES;
}

static void
nice_path_describe(Path *path, PathInfo *info)
{
    *info = ((NicePath *) path)->info;
}

static void
nice_path_free(Path *path)
{
    g_free(path);
}

static const PathFuncs nice_path_funcs = {
    .send = nice_path_send,
    .get_max_datagram = nice_path_get_max_datagram,
    .describe = nice_path_describe,
    .free = nice_path_free,
};

Path *
nice_path_new(NiceAgent *agent, guint stream_id, const PathInfo *info)
{
    NicePath *self = g_new0(NicePath, 1);
    self->path.funcs = &nice_path_funcs;
    self->agent = agent;
    self->stream_id = stream_id;
    self->info = *info;
    return &self->path;
}
