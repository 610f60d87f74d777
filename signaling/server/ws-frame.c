/* Owns the bytes of WebSocket frames; never a socket.  RFC 6455 sections 5.2 to 5.5.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-------+-+-------------+-------------------------------+
 *   |F|R|R|R| opcode|M| Payload len |  16 bits of length where it   |
 *   |I|S|S|S|       |A|             |  is 126, 64 where it is 127   |
 *   |N|V|V|V|       |S|             |                               |
 *   +-+-+-+-+-------+-+-------------+-------------------------------+
 *   |                Masking key (always, from a client)            |
 *   +---------------------------------------------------------------+
 *   |                          Payload ...                          |
 */
#include "signaling/server/ws-frame.h"

#include "ice/wire.h"

#define FIN_BIT 0x80
#define RESERVED_BITS 0x70
#define MASK_BIT 0x80
#define LENGTH_16 126
#define LENGTH_64 127
#define MAX_CONTROL_BYTES 125
#define MASK_BYTES 4

typedef struct {
    gboolean is_final;
    WsOpcode opcode;
    guint64 size;
    const guint8 *mask;
    gsize header_size;
} Header;

static gsize
fail(WsEvent *event, WsCloseCode code, const char *reason)
{
    *event = (WsEvent){ .type = WS_EVENT_FAILED, .close_code = code, .reason = reason };
    return 0;
}

static gboolean
is_known_opcode(WsOpcode opcode)
{
    switch (opcode) {
    case WS_OPCODE_CONTINUATION:
    case WS_OPCODE_TEXT:
    case WS_OPCODE_BINARY:
    case WS_OPCODE_CLOSE:
    case WS_OPCODE_PING:
    case WS_OPCODE_PONG:
        return TRUE;
    }
    return FALSE;
}

static gboolean
is_control(WsOpcode opcode)
{
    return (opcode & 0x8) != 0;
}

/* Reads the header as far as it is there.  FALSE where more bytes are needed, or with @reason. */
static gboolean
read_header(WireReader *reader, Header *header, const char **reason)
{
    gsize size = reader->left;
    guint8 first = wire_read_u8(reader), second = wire_read_u8(reader);

    if (reader->bad)
        return FALSE;
    header->is_final = (first & FIN_BIT) != 0;
    header->opcode = (WsOpcode) (first & 0x0f);
    header->size = second & 0x7f;
    if (first & RESERVED_BITS)
        *reason = "a reserved bit is set";
    else if (!is_known_opcode(header->opcode))
        *reason = "unknown opcode";
    else if (!(second & MASK_BIT))
        *reason = "the frame is not masked";
    else if (is_control(header->opcode) && (!header->is_final || header->size > MAX_CONTROL_BYTES))
        *reason = "a control frame is fragmented or too long";
    if (*reason)
        return FALSE;

    if (header->size == LENGTH_16) {
        header->size = wire_read_u16(reader);
        if (!reader->bad && header->size < LENGTH_16)
            *reason = "the length is not in its shortest form";
    } else if (header->size == LENGTH_64) {
        guint64 high = wire_read_u32(reader);
        header->size = high << 32 | wire_read_u32(reader);
        if (!reader->bad && (header->size <= G_MAXUINT16 || high > G_MAXINT32))
            *reason = "the length is not in its shortest form";
    }
    header->mask = wire_read_bytes(reader, MASK_BYTES);
    header->header_size = size - reader->left;
    return !*reason && !reader->bad;
}

/* RFC 6455 section 5.3, eight bytes at a time. */
static void
unmask(guint8 *bytes, gsize size, const guint8 *mask)
{
    guint8 twice[2 * MASK_BYTES];
    guint64 key, word;
    gsize i = 0;

    memcpy(twice, mask, MASK_BYTES);
    memcpy(twice + MASK_BYTES, mask, MASK_BYTES);
    memcpy(&key, twice, sizeof key);
    for (; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        word ^= key;
        memcpy(bytes + i, &word, sizeof word);
    }
    for (; i < size; i++)
        bytes[i] ^= mask[i % MASK_BYTES];
}

/* Checks a data frame against the messages before it.  NULL where it fits. */
static const char *
check_order(const WsReader *reader, WsOpcode opcode)
{
    if (opcode == WS_OPCODE_CONTINUATION && !reader->fragments)
        return "a continuation of nothing";
    if (opcode != WS_OPCODE_CONTINUATION && reader->fragments)
        return "a new message inside a fragmented one";
    return NULL;
}

/* Gives out a message that came in one frame where it lies, and one that came in fragments from
 * where they were gathered. */
static void
deliver(WsReader *reader, const Header *header, const guint8 *payload, WsEvent *event)
{
    *event = (WsEvent){ .type = WS_EVENT_TEXT, .data = payload, .size = (gsize) header->size };
    if (header->is_final && !reader->fragments)
        return;
    if (!reader->fragments)
        reader->fragments = g_byte_array_new();
    g_byte_array_append(reader->fragments, payload, (guint) header->size);
    if (!header->is_final) {
        event->type = WS_EVENT_NONE;
        return;
    }
    event->data = reader->fragments->data;
    event->size = reader->fragments->len;
    reader->is_delivered = TRUE;
}

void
ws_reader_clear(WsReader *reader)
{
    g_clear_pointer(&reader->fragments, g_byte_array_unref);
    reader->is_delivered = FALSE;
}

gsize
ws_reader_next(WsReader *reader, guint8 *bytes, gsize size, WsEvent *event)
{
    WireReader wire = wire_reader(bytes, size);
    Header header = { 0 };
    const char *reason = NULL;

    if (reader->is_delivered)
        ws_reader_clear(reader);
    *event = (WsEvent){ .type = WS_EVENT_NONE };
    gboolean is_whole = read_header(&wire, &header, &reason);
    if (!reason && is_whole && !is_control(header.opcode))
        reason = check_order(reader, header.opcode);
    if (reason)
        return fail(event, WS_CLOSE_PROTOCOL_ERROR, reason);
    if (!is_whole)
        return 0;

    gsize gathered = reader->fragments ? reader->fragments->len : 0;
    if (!is_control(header.opcode) && header.size > reader->max_message_bytes - gathered)
        return fail(event, WS_CLOSE_TOO_LARGE, "the message is too large");
    if (header.opcode == WS_OPCODE_BINARY) {
        *event = (WsEvent){ .type = WS_EVENT_BINARY };
        return 0;
    }
    if (header.size > wire.left)
        return 0;

    guint8 *payload = bytes + header.header_size;
    unmask(payload, (gsize) header.size, header.mask);
    if (is_control(header.opcode))
        *event = (WsEvent){ .type = WS_EVENT_CONTROL,
                            .opcode = header.opcode,
                            .data = payload,
                            .size = (gsize) header.size };
    else
        deliver(reader, &header, payload, event);
    return header.header_size + (gsize) header.size;
}

void
ws_frame_write(GByteArray *out, WsOpcode opcode, const guint8 *payload, gsize size)
{
    g_assert(size <= G_MAXUINT32 / 2);
    wire_write_u8(out, (guint8) (FIN_BIT | opcode));
    if (size < LENGTH_16) {
        wire_write_u8(out, (guint8) size);
    } else if (size <= G_MAXUINT16) {
        wire_write_u8(out, LENGTH_16);
        wire_write_u16(out, (guint16) size);
    } else {
        wire_write_u8(out, LENGTH_64);
        wire_write_u32(out, 0);
        wire_write_u32(out, (guint32) size);
    }
    if (size > 0)
        g_byte_array_append(out, payload, (guint) size);
}

void
ws_frame_write_close(GByteArray *out, WsCloseCode code, const char *reason)
{
    guint8 payload[MAX_CONTROL_BYTES] = { (guint8) (code >> 8), (guint8) (code & 0xff) };
    gsize size = MIN(strlen(reason), sizeof payload - 2);

    memcpy(payload + 2, reason, size);
    ws_frame_write(out, WS_OPCODE_CLOSE, payload, size + 2);
}
