/* Owns nothing: walks over packets.  RFC 9260 section 3:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------------------------------+-------------------------------+
 *   |          Source Port          |        Destination Port       |
 *   +-------------------------------+-------------------------------+
 *   |                       Verification Tag                        |
 *   +---------------------------------------------------------------+
 *   |                           Checksum                            |
 *   +---------------+---------------+-------------------------------+  \
 *   |  Chunk Type   |  Chunk Flags  |         Chunk Length          |   each chunk,
 *   +---------------+---------------+-------------------------------+   padded to 4
 *   |                          Chunk Value                          |  /
 */
#include "datachannel/sctp-packet.h"

#include "datachannel/crc32c.h"
#include "ice/wire.h"

#define COMMON_HEADER_BYTES 12
#define CHECKSUM_AT 8
#define CHECKSUM_BYTES 4
#define CHUNK_HEADER_BYTES 4
#define PARAMETER_HEADER_BYTES 4
#define INIT_FIXED_BYTES 16 /* tag, window, streams, TSN: RFC 9260 section 3.3.2 */

enum {
    CHUNK_DATA = 0,
    CHUNK_INIT = 1,
    CHUNK_INIT_ACK = 2,
    CHUNK_SACK = 3,
    CHUNK_HEARTBEAT = 4,
    CHUNK_HEARTBEAT_ACK = 5,
    CHUNK_AUTH = 15,         /* RFC 4895 */
    CHUNK_I_DATA = 64,       /* RFC 8260 */
    CHUNK_ASCONF_ACK = 0x80, /* RFC 5061 */
    CHUNK_PACKET_DROP = 0x81,
    CHUNK_PAD = 0x84,         /* RFC 4820 */
    CHUNK_FORWARD_TSN = 0xc0, /* RFC 3758 */
    CHUNK_ASCONF = 0xc1,
    CHUNK_I_FORWARD_TSN = 0xc2, /* RFC 8260 */
};

#define PROBE_MAGIC 0x70726f62
#define PROBE_INFO_BYTES 12 /* header, magic, size: not what usrsctp's own look like */

enum {
    PARAMETER_HEARTBEAT_INFO = 1,
    PARAMETER_IPV4_ADDRESS = 5,
    PARAMETER_IPV6_ADDRESS = 6,
    PARAMETER_HOST_NAME = 11,
};

typedef struct {
    guint8 type;
    guint8 flags;
    WireReader value;
} Chunk;

static gboolean
read_ports(WireReader *reader, guint16 *source, guint16 *destination)
{
    *source = wire_read_u16(reader);
    *destination = wire_read_u16(reader);
    wire_read_u32(reader);
    wire_read_u32(reader);
    return !reader->bad;
}

static void
skip_padding(WireReader *reader, gsize size)
{
    gsize padding = (4 - size % 4) % 4;
    wire_read_bytes(reader, MIN(padding, reader->left)); /* the last one's may be missing */
}

static gboolean
read_chunk(WireReader *reader, Chunk *chunk)
{
    chunk->type = wire_read_u8(reader);
    chunk->flags = wire_read_u8(reader);
    guint16 size = wire_read_u16(reader);
    if (reader->bad || size < CHUNK_HEADER_BYTES)
        return FALSE;
    const guint8 *value = wire_read_bytes(reader, size - CHUNK_HEADER_BYTES);
    if (!value)
        return FALSE;
    chunk->value = wire_reader(value, size - CHUNK_HEADER_BYTES);
    skip_padding(reader, size);
    return TRUE;
}

static gboolean
is_init_acceptable(WireReader value)
{
    wire_read_bytes(&value, INIT_FIXED_BYTES);
    while (!value.bad && value.left >= PARAMETER_HEADER_BYTES) {
        guint16 type = wire_read_u16(&value);
        guint16 size = wire_read_u16(&value);
        if (type == PARAMETER_IPV4_ADDRESS || type == PARAMETER_IPV6_ADDRESS ||
            type == PARAMETER_HOST_NAME || size < PARAMETER_HEADER_BYTES)
            return FALSE;
        wire_read_bytes(&value, size - PARAMETER_HEADER_BYTES);
        skip_padding(&value, size);
    }
    return !value.bad;
}

static gboolean
is_chunk_acceptable(const Chunk *chunk)
{
    switch (chunk->type) {
    case CHUNK_AUTH:
    case CHUNK_ASCONF:
    case CHUNK_ASCONF_ACK:
    case CHUNK_PACKET_DROP:
        return FALSE;
    case CHUNK_INIT:
    case CHUNK_INIT_ACK:
        return is_init_acceptable(chunk->value);
    default:
        return TRUE;
    }
}

gboolean
sctp_packet_is_acceptable(const guint8 *packet, gsize size, guint16 source_port,
                          guint16 destination_port)
{
    WireReader reader = wire_reader(packet, size);
    guint16 source, destination;
    Chunk chunk;

    if (!read_ports(&reader, &source, &destination) || source != source_port ||
        destination != destination_port || reader.left == 0)
        return FALSE;
    while (reader.left > 0)
        if (!read_chunk(&reader, &chunk) || !is_chunk_acceptable(&chunk))
            return FALSE;
    return TRUE;
}

static gboolean
is_chunk_ordinary(const Chunk *chunk)
{
    switch (chunk->type) {
    case CHUNK_DATA:
    case CHUNK_I_DATA:
    case CHUNK_SACK:
    case CHUNK_HEARTBEAT:
    case CHUNK_HEARTBEAT_ACK:
    case CHUNK_FORWARD_TSN:
    case CHUNK_I_FORWARD_TSN:
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean
sctp_packet_is_ordinary(const guint8 *packet, gsize size)
{
    WireReader reader = wire_reader(packet, size);
    guint16 source, destination;
    Chunk chunk;

    if (!read_ports(&reader, &source, &destination))
        return FALSE;
    while (reader.left > 0)
        if (!read_chunk(&reader, &chunk) || !is_chunk_ordinary(&chunk))
            return FALSE;
    return TRUE;
}

/* Counted as if the checksum's own place held zeros. */
static guint32
count_checksum(const guint8 *packet, gsize size)
{
    static const guint8 zeros[CHECKSUM_BYTES] = { 0 };
    guint32 crc = crc32c_update(CRC32C_START, packet, CHECKSUM_AT);
    crc = crc32c_update(crc, zeros, sizeof zeros);
    return ~crc32c_update(crc, packet + COMMON_HEADER_BYTES, size - COMMON_HEADER_BYTES);
}

void
sctp_packet_set_checksum(guint8 *packet, gsize size)
{
    if (size < COMMON_HEADER_BYTES)
        return;
    guint32 checksum = count_checksum(packet, size);
    for (guint i = 0; i < CHECKSUM_BYTES; i++) /* the one number that is not big-endian here */
        packet[CHECKSUM_AT + i] = (guint8) (checksum >> 8 * i);
}

gboolean
sctp_packet_has_valid_checksum(const guint8 *packet, gsize size)
{
    if (size < COMMON_HEADER_BYTES)
        return FALSE;
    guint32 checksum = count_checksum(packet, size);
    for (guint i = 0; i < CHECKSUM_BYTES; i++)
        if (packet[CHECKSUM_AT + i] != (guint8) (checksum >> 8 * i))
            return FALSE;
    return TRUE;
}

static void
count_tsn(SctpTsnCounter *counter, guint32 tsn)
{
    /* RFC 1982 serial numbers: later if the difference is in the lower half */
    gboolean is_later = !counter->has_highest || (gint32) (tsn - counter->highest_tsn) > 0;
    if (!is_later) {
        counter->retransmissions++;
        return;
    }
    counter->has_highest = TRUE;
    counter->highest_tsn = tsn;
}

void
sctp_tsn_counter_add(SctpTsnCounter *counter, const guint8 *packet, gsize size)
{
    WireReader reader = wire_reader(packet, size);
    guint16 source, destination;
    Chunk chunk;

    if (!read_ports(&reader, &source, &destination))
        return;
    while (reader.left > 0 && read_chunk(&reader, &chunk))
        if (chunk.type == CHUNK_DATA || chunk.type == CHUNK_I_DATA)
            count_tsn(counter, wire_read_u32(&chunk.value));
}

/* ---- probes ---- */

void
sctp_packet_write_probe(GByteArray *out, const guint8 *header, gsize size)
{
    static const guint8 zeros[CHECKSUM_BYTES] = { 0 };
    gsize start = out->len;
    gsize padding = size - COMMON_HEADER_BYTES - CHUNK_HEADER_BYTES - PROBE_INFO_BYTES;

    g_byte_array_append(out, header, SCTP_PROBE_HEADER_BYTES);
    g_byte_array_append(out, zeros, sizeof zeros);
    wire_write_u8(out, CHUNK_HEARTBEAT);
    wire_write_u8(out, 0);
    wire_write_u16(out, CHUNK_HEADER_BYTES + PROBE_INFO_BYTES);
    wire_write_u16(out, PARAMETER_HEARTBEAT_INFO);
    wire_write_u16(out, PROBE_INFO_BYTES);
    wire_write_u32(out, PROBE_MAGIC);
    wire_write_u32(out, (guint32) size);
    wire_write_u8(out, CHUNK_PAD);
    wire_write_u8(out, 0);
    wire_write_u16(out, (guint16) padding);
    guint filled = out->len;
    g_byte_array_set_size(out, (guint) (start + size));
    memset(out->data + filled, 0, out->len - filled);
}

static gsize
read_probe_answer(WireReader value)
{
    gboolean is_info = wire_read_u16(&value) == PARAMETER_HEARTBEAT_INFO &&
                       wire_read_u16(&value) == PROBE_INFO_BYTES &&
                       wire_read_u32(&value) == PROBE_MAGIC;
    guint32 size = wire_read_u32(&value);
    return is_info && !value.bad ? size : 0;
}

gsize
sctp_packet_find_probe_answer(const guint8 *packet, gsize size)
{
    WireReader reader = wire_reader(packet, size);
    guint16 source, destination;
    Chunk chunk;
    gsize answer = 0;

    if (!read_ports(&reader, &source, &destination))
        return 0;
    while (answer == 0 && reader.left > 0 && read_chunk(&reader, &chunk))
        if (chunk.type == CHUNK_HEARTBEAT_ACK)
            answer = read_probe_answer(chunk.value);
    return answer;
}
