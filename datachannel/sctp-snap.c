/* Owns what an a=sctp-init may say, and the packets that are made of it.  Takes from a peer's INIT
 * only what SctpSnapInit names: all that reaches usrsctp is written here.  Never opens a socket.
 * draft-hancke-tsvwg-snap-00, RFC 9260 sections 3.3.2 and 3.3.3:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |   Type = 1    |  Chunk Flags  |         Chunk Length          |
 *   +---------------+---------------+-------------------------------+
 *   |                         Initiate Tag                          |
 *   +---------------------------------------------------------------+
 *   |           Advertised Receiver Window Credit (a_rwnd)          |
 *   +-------------------------------+-------------------------------+
 *   |  Number of Outbound Streams   |   Number of Inbound Streams   |
 *   +-------------------------------+-------------------------------+
 *   |                          Initial TSN                          |
 *   +-------------------------------+-------------------------------+  \
 *   |        Parameter Type         |       Parameter Length        |   each parameter,
 *   +-------------------------------+-------------------------------+   padded to 4
 *   |                        Parameter Value                        |  /
 */
#include "datachannel/sctp-snap.h"

#include "datachannel/sctp-packet.h"
#include "ice/wire.h"

/* A browser's INIT has 30 to 40 bytes. */
#define MAX_CHUNK_BYTES 1024
#define MAX_BASE64_CHARACTERS (MAX_CHUNK_BYTES / 3 * 4 + 4)
#define CHUNK_HEADER_BYTES 4
#define PARAMETER_HEADER_BYTES 4
#define CHUNK_AT 12               /* likewise */
#define LEAST_WINDOW_BYTES 1500   /* RFC 9260 section 3.3.2 */
#define SKIP_IF_UNKNOWN 0x8000    /* a parameter's highest bit, RFC 9260 section 3.2.1 */
#define COOKIE "no cookie needed" /* comes back to us alone */

enum {
    CHUNK_INIT = 1,
    CHUNK_INIT_ACK = 2,
    CHUNK_COOKIE_ACK = 11,
};

enum {
    PARAMETER_IPV4_ADDRESS = 5,
    PARAMETER_IPV6_ADDRESS = 6,
    PARAMETER_STATE_COOKIE = 7,
    PARAMETER_COOKIE_PRESERVATIVE = 9,
    PARAMETER_HOST_NAME = 11,
    PARAMETER_ADDRESS_TYPES = 12,
    PARAMETER_EXTENSIONS = 0x8008,
    PARAMETER_PARTIAL_RELIABILITY = 0xc000,
    PARAMETER_ADD_ADDRESS = 0xc001, /* RFC 5061, as the next two */
    PARAMETER_DELETE_ADDRESS = 0xc002,
    PARAMETER_PRIMARY_ADDRESS = 0xc004,
};

typedef struct {
    guint8 chunk_type;
    SctpSnapExtensions extension;
} Extension;

static const Extension extensions[] = {
    { 0xc0, SCTP_SNAP_FORWARD_TSN }, { 0xc2, SCTP_SNAP_I_FORWARD_TSN },
    { 0x82, SCTP_SNAP_RECONFIG },    { 0x40, SCTP_SNAP_I_DATA },
    { 0x10, SCTP_SNAP_NR_SACK },
};

/* ---- reading ---- */

typedef struct {
    SctpSnapInit *out;
    gboolean has_extensions;
    gboolean is_over; /* nothing that follows counts */
} Parameters;

static void
read_extensions(SctpSnapInit *out, WireReader list)
{
    while (list.left > 0) {
        guint8 chunk_type = wire_read_u8(&list);
        for (gsize i = 0; i < G_N_ELEMENTS(extensions); i++)
            if (extensions[i].chunk_type == chunk_type)
                out->extensions |= extensions[i].extension;
    }
}

static const char *
take_parameter(Parameters *self, guint16 type, WireReader value)
{
    switch (type) {
    case PARAMETER_IPV4_ADDRESS:
    case PARAMETER_IPV6_ADDRESS:
    case PARAMETER_HOST_NAME:
    case PARAMETER_ADD_ADDRESS:
    case PARAMETER_DELETE_ADDRESS:
    case PARAMETER_PRIMARY_ADDRESS:
        return "names addresses, which SCTP has none of over DTLS";
    case PARAMETER_STATE_COOKIE:
        return "has a cookie, which an INIT never has";
    case PARAMETER_PARTIAL_RELIABILITY:
        if (self->out->has_partial_reliability || value.left > 0)
            return "has its parameter for partial reliability twice, or with a value";
        self->out->has_partial_reliability = TRUE;
        break;
    case PARAMETER_EXTENSIONS:
        if (self->has_extensions)
            return "lists its extensions twice";
        self->has_extensions = TRUE;
        read_extensions(self->out, value);
        break;
    case PARAMETER_COOKIE_PRESERVATIVE:
    case PARAMETER_ADDRESS_TYPES:
        break;
    default:
        if (!(type & SKIP_IF_UNKNOWN))
            self->is_over = TRUE;
        break;
    }
    return NULL;
}

/* Lengths are checked to the end, also of what does not count. */
static const char *
read_parameters(SctpSnapInit *out, WireReader reader)
{
    Parameters self = { .out = out };
    while (reader.left > 0) {
        guint16 type = wire_read_u16(&reader);
        guint16 size = wire_read_u16(&reader);
        if (reader.bad || size < PARAMETER_HEADER_BYTES)
            return "has a parameter that is cut off or too short";
        gsize value_size = size - PARAMETER_HEADER_BYTES;
        const guint8 *value = wire_read_bytes(&reader, value_size);
        if (!value)
            return "has a parameter that is longer than the chunk";
        wire_read_bytes(&reader, MIN((4u - size % 4u) % 4u, reader.left));
        const char *wrong =
            self.is_over ? NULL : take_parameter(&self, type, wire_reader(value, value_size));
        if (wrong)
            return wrong;
    }
    return NULL;
}

const char *
sctp_snap_read_chunk(SctpSnapInit *out, const guint8 *bytes, gsize size)
{
    WireReader reader = wire_reader(bytes, size);
    *out = (SctpSnapInit){ 0 };
    guint8 type = wire_read_u8(&reader);
    wire_read_u8(&reader); /* the flags, which a receiver ignores */
    guint16 chunk_size = wire_read_u16(&reader);
    out->tag = wire_read_u32(&reader);
    out->window = wire_read_u32(&reader);
    out->outbound_streams = wire_read_u16(&reader);
    out->inbound_streams = wire_read_u16(&reader);
    out->first_tsn = wire_read_u32(&reader);
    if (reader.bad)
        return "is shorter than an INIT chunk";
    if (type != CHUNK_INIT)
        return "is no INIT chunk";
    gsize padding = (4u - chunk_size % 4u) % 4u;
    if (chunk_size < size - reader.left || (chunk_size != size && chunk_size + padding != size))
        return "has another length than the one that it names";
    if (out->tag == 0)
        return "has the tag 0";
    if (out->window < LEAST_WINDOW_BYTES)
        return "has a window of less than 1500 bytes";
    if (out->outbound_streams == 0 || out->inbound_streams == 0)
        return "has no streams in one direction";
    reader.left -= size - chunk_size;
    return read_parameters(out, reader);
}

const char *
sctp_snap_read_packet(SctpSnapInit *out, const guint8 *packet, gsize size)
{
    if (size < CHUNK_AT)
        return "is shorter than a packet";
    return sctp_snap_read_chunk(out, packet + CHUNK_AT, size - CHUNK_AT);
}

/* GLib's decoder passes over what it does not know, so only what it would write itself is taken. */
const char *
sctp_snap_parse(SctpSnapInit *out, const char *base64)
{
    gsize size;
    if (strlen(base64) > MAX_BASE64_CHARACTERS)
        return "is longer than any INIT chunk";
    g_autofree guchar *bytes = g_base64_decode(base64, &size);
    g_autofree char *again = g_base64_encode(bytes, size);
    if (strcmp(again, base64) != 0)
        return "is not base64 (RFC 4648 section 4)";
    return sctp_snap_read_chunk(out, bytes, size);
}

gboolean
sctp_snap_is_equal(const SctpSnapInit *one, const SctpSnapInit *other)
{
    return one->tag == other->tag && one->window == other->window &&
           one->outbound_streams == other->outbound_streams &&
           one->inbound_streams == other->inbound_streams && one->first_tsn == other->first_tsn &&
           one->has_partial_reliability == other->has_partial_reliability &&
           one->extensions == other->extensions;
}

/* ---- writing ---- */

static void
write_padding(GByteArray *out)
{
    while (out->len % 4 != 0)
        wire_write_u8(out, 0);
}

static void
write_parameters(GByteArray *out, const SctpSnapInit *init)
{
    guint8 list[G_N_ELEMENTS(extensions)];
    guint count = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(extensions); i++)
        if (init->extensions & extensions[i].extension)
            list[count++] = extensions[i].chunk_type;
    if (init->has_partial_reliability) {
        wire_write_u16(out, PARAMETER_PARTIAL_RELIABILITY);
        wire_write_u16(out, PARAMETER_HEADER_BYTES);
    }
    if (count > 0) {
        wire_write_u16(out, PARAMETER_EXTENSIONS);
        wire_write_u16(out, (guint16) (PARAMETER_HEADER_BYTES + count));
        g_byte_array_append(out, list, count);
    }
}

/* All but the chunk's header. */
static void
write_value(GByteArray *out, const SctpSnapInit *init)
{
    wire_write_u32(out, init->tag);
    wire_write_u32(out, init->window);
    wire_write_u16(out, init->outbound_streams);
    wire_write_u16(out, init->inbound_streams);
    wire_write_u32(out, init->first_tsn);
    write_parameters(out, init);
}

static void
write_chunk_header(GByteArray *out, guint8 type, gsize value_size)
{
    wire_write_u8(out, type);
    wire_write_u8(out, 0);
    wire_write_u16(out, (guint16) (CHUNK_HEADER_BYTES + value_size));
}

char *
sctp_snap_write(const SctpSnapInit *init)
{
    g_autoptr(GByteArray) value = g_byte_array_new();
    g_autoptr(GByteArray) chunk = g_byte_array_new();
    write_value(value, init);
    write_chunk_header(chunk, CHUNK_INIT, value->len);
    g_byte_array_append(chunk, value->data, value->len);
    return g_base64_encode(chunk->data, chunk->len);
}

static void
write_packet(GByteArray *out, const SctpSnapHeader *header, guint8 chunk_type,
             const GByteArray *value)
{
    g_byte_array_set_size(out, 0);
    wire_write_u16(out, header->source_port);
    wire_write_u16(out, header->destination_port);
    wire_write_u32(out, header->tag);
    wire_write_u32(out, 0); /* the checksum, once all is there */
    write_chunk_header(out, chunk_type, value->len);
    g_byte_array_append(out, value->data, value->len);
    write_padding(out);
    sctp_packet_set_checksum(out->data, out->len);
}

void
sctp_snap_write_init_ack(GByteArray *out, const SctpSnapHeader *header, const SctpSnapInit *peer)
{
    g_autoptr(GByteArray) value = g_byte_array_new();
    write_value(value, peer);
    write_padding(value);
    wire_write_u16(value, PARAMETER_STATE_COOKIE);
    wire_write_u16(value, PARAMETER_HEADER_BYTES + sizeof COOKIE - 1);
    g_byte_array_append(value, (const guint8 *) COOKIE, sizeof COOKIE - 1);
    write_packet(out, header, CHUNK_INIT_ACK, value);
}

void
sctp_snap_write_cookie_ack(GByteArray *out, const SctpSnapHeader *header)
{
    g_autoptr(GByteArray) nothing = g_byte_array_new();
    write_packet(out, header, CHUNK_COOKIE_ACK, nothing);
}
