/* Owns nothing.  Only moves chunks that are complete; what else a packet holds it leaves as it is.
 */
#include "datachannel/sctp-bundle.h"

#include <string.h>

#define COMMON_HEADER_BYTES 12
#define SAME_ASSOCIATION_BYTES 8 /* ports and verification tag */
#define CHUNK_HEADER_BYTES 4
#define SHORTEST_SACK_BYTES 16
#define FLAG_IMMEDIATE 0x08 /* RFC 7053 */

enum {
    CHUNK_DATA = 0,
    CHUNK_SACK = 3,
    CHUNK_I_DATA = 64, /* RFC 8260 */
};

static gboolean
is_data(guint8 type)
{
    return type == CHUNK_DATA || type == CHUNK_I_DATA;
}

/* With its padding; 0 where no chunk fits in. */
static gsize
chunk_bytes(const guint8 *packet, gsize size, gsize at)
{
    if (at + CHUNK_HEADER_BYTES > size)
        return 0;
    gsize length = (gsize) (packet[at + 2] << 8) + packet[at + 3];
    gsize padded = (length + 3) & ~(gsize) 3;
    return length < CHUNK_HEADER_BYTES || at + padded > size ? 0 : padded;
}

/* Data may come last in every packet that holds data or an acknowledgement; all else is left alone,
 * some of it because RFC 9260 section 6.10 says so. */
static gboolean
may_follow(const guint8 *first, gsize first_size, const guint8 *packet, gsize size)
{
    return first_size > COMMON_HEADER_BYTES && size > COMMON_HEADER_BYTES && first_size % 4 == 0 &&
           size % 4 == 0 &&
           (is_data(first[COMMON_HEADER_BYTES]) || first[COMMON_HEADER_BYTES] == CHUNK_SACK) &&
           is_data(packet[COMMON_HEADER_BYTES]) &&
           memcmp(first, packet, SAME_ASSOCIATION_BYTES) == 0;
}

/* ---- what goes out ---- */

static const guint8 *
last_packet(const PacketBatch *batch, gsize *size)
{
    guint count = packet_batch_count(batch);
    *size = count > 0 ? packet_batch_sizes(batch)[count - 1] : 0;
    return batch->bytes->data + batch->bytes->len - *size;
}

/* An acknowledgement of all up to a number, without gaps that have to be counted. */
static gboolean
is_plain_sack(const guint8 *packet, gsize size)
{
    return size >= COMMON_HEADER_BYTES + SHORTEST_SACK_BYTES &&
           packet[COMMON_HEADER_BYTES] == CHUNK_SACK &&
           chunk_bytes(packet, size, COMMON_HEADER_BYTES) == SHORTEST_SACK_BYTES;
}

/* Of two that would leave one behind the other the later one says it all. */
static void
drop_outdated_sack(PacketBatch *batch, const guint8 *packet, gsize size)
{
    gsize last_size;
    const guint8 *last = last_packet(batch, &last_size);
    if (last_size == COMMON_HEADER_BYTES + SHORTEST_SACK_BYTES && is_plain_sack(last, last_size) &&
        is_plain_sack(packet, size) && memcmp(last, packet, SAME_ASSOCIATION_BYTES) == 0)
        packet_batch_drop_last(batch);
}

/* How many bytes of chunks from @at on fit into @room; at least one chunk. */
static gsize
count_fitting(const guint8 *packet, gsize size, gsize at, gsize room)
{
    gsize end = at;
    for (;;) {
        gsize chunk = chunk_bytes(packet, size, end);
        if (chunk == 0)
            return size - at;
        if (end > at && end + chunk - at > room)
            return end - at;
        end += chunk;
    }
}

void
sctp_bundle_add(PacketBatch *batch, const guint8 *packet, gsize size, gsize limit)
{
    gsize at = COMMON_HEADER_BYTES;

    drop_outdated_sack(batch, packet, size);
    gsize last_size;
    const guint8 *last = last_packet(batch, &last_size);
    if (may_follow(last, last_size, packet, size)) {
        gsize room = limit > last_size ? limit - last_size : 0;
        gsize fitting = count_fitting(packet, size, at, room);
        if (fitting <= room) {
            packet_batch_extend(batch, packet + at, fitting);
            at += fitting;
        }
    } else if (size <= limit) {
        packet_batch_add(batch, packet, size);
        return;
    }
    while (at < size) {
        gsize fitting = count_fitting(packet, size, at, limit - COMMON_HEADER_BYTES);
        packet_batch_add(batch, packet, COMMON_HEADER_BYTES);
        packet_batch_extend(batch, packet + at, fitting);
        at += fitting;
    }
}

/* ---- what comes in ---- */

static void
ask_for_acknowledgement(guint8 *packet, gsize size)
{
    guint8 *last_data = NULL;
    gsize chunk;
    for (gsize at = COMMON_HEADER_BYTES; (chunk = chunk_bytes(packet, size, at)) > 0; at += chunk)
        if (is_data(packet[at]))
            last_data = packet + at;
    if (last_data)
        last_data[1] |= FLAG_IMMEDIATE;
}

gboolean
sctp_bundle_join(GByteArray *joined, const guint8 *packet, gsize size, gsize limit)
{
    if (joined->len > 0 && (!may_follow(joined->data, joined->len, packet, size) ||
                            joined->len + size - COMMON_HEADER_BYTES > limit))
        return FALSE;
    guint start = joined->len;
    gsize skipped = start > 0 ? COMMON_HEADER_BYTES : 0;
    g_byte_array_append(joined, packet + skipped, (guint) (size - skipped));
    if (start > 0)
        ask_for_acknowledgement(joined->data + start - COMMON_HEADER_BYTES, size);
    return TRUE;
}
