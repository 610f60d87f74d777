/* Packets on their way out, one after the other in one buffer, so that a batch costs one copy each
 * and no allocation once the buffer has grown. */
#pragma once

#include <glib.h>

typedef struct {
    GByteArray *bytes;
    GArray *sizes; /* of guint16 */
} PacketBatch;

static inline void
packet_batch_init(PacketBatch *batch)
{
    batch->bytes = g_byte_array_new();
    batch->sizes = g_array_new(FALSE, FALSE, sizeof(guint16));
}

static inline void
packet_batch_clear(PacketBatch *batch)
{
    g_clear_pointer(&batch->bytes, g_byte_array_unref);
    g_clear_pointer(&batch->sizes, g_array_unref);
}

static inline void
packet_batch_add(PacketBatch *batch, const guint8 *bytes, gsize size)
{
    guint16 size16 = (guint16) size;
    g_byte_array_append(batch->bytes, bytes, (guint) size);
    g_array_append_val(batch->sizes, size16);
}

/* Makes the last packet longer. */
static inline void
packet_batch_extend(PacketBatch *batch, const guint8 *bytes, gsize size)
{
    guint16 *last = &g_array_index(batch->sizes, guint16, batch->sizes->len - 1);
    *last = (guint16) (*last + size);
    g_byte_array_append(batch->bytes, bytes, (guint) size);
}

static inline void
packet_batch_drop_last(PacketBatch *batch)
{
    guint last = batch->sizes->len - 1;
    g_byte_array_set_size(batch->bytes,
                          batch->bytes->len - g_array_index(batch->sizes, guint16, last));
    g_array_set_size(batch->sizes, last);
}

static inline void
packet_batch_empty(PacketBatch *batch)
{
    g_byte_array_set_size(batch->bytes, 0);
    g_array_set_size(batch->sizes, 0);
}

static inline guint
packet_batch_count(const PacketBatch *batch)
{
    return batch->sizes->len;
}

static inline const guint16 *
packet_batch_sizes(const PacketBatch *batch)
{
    return (const guint16 *) (const void *) batch->sizes->data;
}
