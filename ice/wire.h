/* Bounds-checked reading and writing of network byte order.
 *
 * A reader or writer that runs past its end turns "bad" and stays so: every later read gives 0,
 * every later write is dropped.  A codec therefore reads straight through and asks once, at the
 * end. */
#pragma once

#include <glib.h>
#include <string.h>

typedef struct {
    const guint8 *at;
    gsize left;
    gboolean bad;
} WireReader;

static inline WireReader
wire_reader(const guint8 *bytes, gsize size)
{
    return (WireReader){ .at = bytes, .left = size };
}

/* Steps over @size bytes and returns where they start, or NULL where there are not that many. */
static inline const guint8 *
wire_read_bytes(WireReader *reader, gsize size)
{
    if (reader->bad || size > reader->left) {
        reader->bad = TRUE;
        return NULL;
    }
    const guint8 *bytes = reader->at;
    reader->at += size;
    reader->left -= size;
    return bytes;
}

static inline guint8
wire_read_u8(WireReader *reader)
{
    const guint8 *b = wire_read_bytes(reader, 1);
    return b ? b[0] : 0;
}

static inline guint16
wire_read_u16(WireReader *reader)
{
    const guint8 *b = wire_read_bytes(reader, 2);
    return (guint16) (b ? b[0] << 8 | b[1] : 0);
}

static inline guint32
wire_read_u32(WireReader *reader)
{
    const guint8 *b = wire_read_bytes(reader, 4);
    return b ? (guint32) b[0] << 24 | (guint32) b[1] << 16 | (guint32) b[2] << 8 | b[3] : 0;
}

static inline gboolean
wire_reader_is_done(const WireReader *reader)
{
    return !reader->bad && reader->left == 0;
}

static inline void
wire_write_u8(GByteArray *out, guint8 value)
{
    g_byte_array_append(out, &value, 1);
}

static inline void
wire_write_u16(GByteArray *out, guint16 value)
{
    guint16 be = GUINT16_TO_BE(value);
    g_byte_array_append(out, (const guint8 *) &be, sizeof be);
}

static inline void
wire_write_u32(GByteArray *out, guint32 value)
{
    guint32 be = GUINT32_TO_BE(value);
    g_byte_array_append(out, (const guint8 *) &be, sizeof be);
}
