/* Owns the bytes of STUN Binding requests and their answers; never a socket.  RFC 8489 sections 5,
 * 6.3 and 14, RFC 5780 section 7.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---+---------------------------+-------------------------------+
 *   |0 0|     STUN message type     |        Message length         |
 *   +---+---------------------------+-------------------------------+
 *   |                          Magic cookie                         |
 *   +---------------------------------------------------------------+
 *   |                    Transaction id (96 bits)                   |
 *   +---------------------------------------------------------------+
 *   |   Attribute type, attribute length, value padded to 32 bits ...
 *
 * PADDING is answered with as much of it as came, not with an MTU's worth as RFC 5780 section 7.6
 * has it: who forges a sender's address shall not turn small requests into large answers.
 *
 * Requests without the cookie (RFC 3489) get no answer: who sends them today is no client of ours.
 */
#include "signaling/server/stun-message.h"

#include "ice/wire.h"

#define HEADER_BYTES 20
#define ATTRIBUTE_HEADER_BYTES 4
#define MAGIC_COOKIE 0x2112A442u
#define FINGERPRINT_XOR 0x5354554eu /* RFC 8489 section 14.7 */
#define FINGERPRINT_BYTES 4

/* RFC 8489 section 18.2: Binding with the class request, success, error. */
enum {
    BINDING_REQUEST = 0x0001,
    BINDING_SUCCESS = 0x0101,
    BINDING_ERROR = 0x0111,
};

/* RFC 8489 section 18.3 and RFC 5780 section 9.1. */
enum {
    CHANGE_REQUEST = 0x0003,
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000A,
    REALM = 0x0014,
    NONCE = 0x0015,
    MESSAGE_INTEGRITY_SHA256 = 0x001C,
    PASSWORD_ALGORITHM = 0x001D,
    USERHASH = 0x001E,
    XOR_MAPPED_ADDRESS = 0x0020,
    PADDING = 0x0026,
    RESPONSE_PORT = 0x0027,
    FIRST_OPTIONAL = 0x8000,
    SOFTWARE = 0x8022,
    FINGERPRINT = 0x8028,
    RESPONSE_ORIGIN = 0x802B,
    OTHER_ADDRESS = 0x802C,
};

#define CHANGE_IP 0x4u /* RFC 5780 section 7.2 */
#define CHANGE_PORT 0x2u

static const char software[] = "pierced " PIERCE_VERSION;

/* ISO 3309, the CRC of Ethernet: RFC 8489 section 14.7. */
static guint32
crc32_of(const guint8 *bytes, gsize size)
{
    guint32 crc = 0xffffffffu;

    for (gsize i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

/* What we know and may leave aside: nobody has to prove anything to learn his own address. */
static gboolean
is_left_aside(guint16 type)
{
    switch (type) {
    case USERNAME:
    case MESSAGE_INTEGRITY:
    case REALM:
    case NONCE:
    case MESSAGE_INTEGRITY_SHA256:
    case PASSWORD_ALGORITHM:
    case USERHASH:
        return TRUE;
    default:
        return type >= FIRST_OPTIONAL;
    }
}

static void
note_unknown(StunRequest *request, guint16 type)
{
    if (request->n_unknown < STUN_MAX_UNKNOWN)
        request->unknown[request->n_unknown++] = type;
}

static gboolean
is_discovery(guint16 type)
{
    return type == CHANGE_REQUEST || type == RESPONSE_PORT || type == PADDING;
}

/* What RFC 5780 section 7 adds. */
static gboolean
read_discovery(StunRequest *request, guint16 type, WireReader *value)
{
    if (type == PADDING) {
        request->padding = value->left;
        return TRUE;
    }
    if (type == RESPONSE_PORT) {
        request->response_port = wire_read_u16(value);
        return !value->bad && value->left <= 2; /* some send the unused half, some do not */
    }
    guint32 flags = wire_read_u32(value);
    request->change_ip = (flags & CHANGE_IP) != 0;
    request->change_port = (flags & CHANGE_PORT) != 0;
    return wire_reader_is_done(value);
}

/* FALSE for an attribute that makes the whole message invalid.  @before is how many bytes of the
 * message come before the attribute. */
static gboolean
read_attribute(StunRequest *request, WireReader *reader, const guint8 *message, gsize before,
               StunAbility ability)
{
    guint16 type = wire_read_u16(reader), size = wire_read_u16(reader);
    WireReader value = wire_reader(wire_read_bytes(reader, size), size);

    wire_read_bytes(reader, (4u - size % 4u) % 4u);
    if (reader->bad || request->has_fingerprint) /* a fingerprint is the last attribute */
        return FALSE;
    if (type == FINGERPRINT) {
        request->has_fingerprint = TRUE;
        return size == FINGERPRINT_BYTES &&
               wire_read_u32(&value) == (crc32_of(message, before) ^ FINGERPRINT_XOR);
    }
    if (ability == STUN_TWO_ADDRESSES && is_discovery(type))
        return read_discovery(request, type, &value);
    if (!is_left_aside(type))
        note_unknown(request, type);
    return TRUE;
}

StunVerdict
stun_request_parse(StunRequest *request, const guint8 *bytes, gsize size, StunAbility ability)
{
    WireReader reader = wire_reader(bytes, size);
    guint16 type = wire_read_u16(&reader), length = wire_read_u16(&reader);
    guint32 cookie = wire_read_u32(&reader);
    const guint8 *transaction = wire_read_bytes(&reader, STUN_TRANSACTION_BYTES);

    *request = (StunRequest){ 0 };
    if (reader.bad || type != BINDING_REQUEST || cookie != MAGIC_COOKIE || length % 4 != 0 ||
        length != reader.left)
        return STUN_IGNORE;
    memcpy(request->transaction, transaction, STUN_TRANSACTION_BYTES);
    while (reader.left > 0) {
        if (!read_attribute(request, &reader, bytes, size - reader.left, ability))
            return STUN_IGNORE;
    }
    return request->n_unknown > 0 ? STUN_UNKNOWN : STUN_BINDING;
}

static void
write_header(const StunRequest *request, guint16 type, GByteArray *out)
{
    wire_write_u16(out, type);
    wire_write_u16(out, 0); /* finish() knows */
    wire_write_u32(out, MAGIC_COOKIE);
    g_byte_array_append(out, request->transaction, STUN_TRANSACTION_BYTES);
}

static void
write_attribute(guint16 type, const guint8 *value, guint16 size, GByteArray *out)
{
    static const guint8 padding[3] = { 0 };

    wire_write_u16(out, type);
    wire_write_u16(out, size);
    g_byte_array_append(out, value, size);
    g_byte_array_append(out, padding, (4u - size % 4u) % 4u);
}

/* RFC 8489 sections 14.1 and 14.2.  @mask is XORed over port and address, NULL for nothing. */
static void
write_address(guint16 type, const StunAddress *address, const guint8 *mask, GByteArray *out)
{
    guint8 value[20] = { 0, address->size == 4 ? 1 : 2, (guint8) (address->port >> 8),
                         (guint8) (address->port & 0xff) };

    memcpy(value + 4, address->bytes, MIN(address->size, sizeof value - 4));
    for (gsize i = 0; mask && i < 2; i++)
        value[2 + i] ^= mask[i];
    for (gsize i = 0; mask && i < address->size; i++)
        value[4 + i] ^= mask[i];
    write_attribute(type, value, (guint16) (4 + address->size), out);
}

static void
write_padding(gsize size, GByteArray *out)
{
    guint start = out->len + ATTRIBUTE_HEADER_BYTES;
    gsize padded = (size + 3) & ~(gsize) 3;

    wire_write_u16(out, PADDING);
    wire_write_u16(out, (guint16) size);
    g_byte_array_set_size(out, (guint) (start + padded));
    memset(out->data + start, 0, padded);
}

static void
set_length(GByteArray *out, guint start, gsize length)
{
    out->data[start + 2] = (guint8) (length >> 8);
    out->data[start + 3] = (guint8) (length & 0xff);
}

/* The fingerprint is taken over a header whose length counts it already. */
static void
finish(const StunRequest *request, guint start, GByteArray *out)
{
    gsize length = out->len - start - HEADER_BYTES;

    set_length(out, start, length);
    if (!request->has_fingerprint)
        return;
    set_length(out, start, length + ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES);
    guint32 crc = crc32_of(out->data + start, out->len - start) ^ FINGERPRINT_XOR;
    wire_write_u16(out, FINGERPRINT);
    wire_write_u16(out, FINGERPRINT_BYTES);
    wire_write_u32(out, crc);
}

void
stun_write_binding(const StunRequest *request, const StunAddress *mapped, const StunAddress *origin,
                   const StunAddress *other, GByteArray *out)
{
    guint start = out->len;
    guint8 mask[16];

    write_header(request, BINDING_SUCCESS, out);
    memcpy(mask, out->data + start + 4, sizeof mask); /* the cookie and the transaction id */
    write_address(XOR_MAPPED_ADDRESS, mapped, mask, out);
    if (origin)
        write_address(RESPONSE_ORIGIN, origin, NULL, out);
    if (other)
        write_address(OTHER_ADDRESS, other, NULL, out);
    write_attribute(SOFTWARE, (const guint8 *) software, sizeof software - 1, out);
    if (request->padding > 0 && request->response_port == 0)
        write_padding(request->padding, out);
    finish(request, start, out);
}

void
stun_write_unknown(const StunRequest *request, GByteArray *out)
{
    static const guint8 code_420[] = "\0\0\4\24Unknown Attribute"; /* RFC 8489 section 14.8 */
    guint8 list[2 * STUN_MAX_UNKNOWN];
    guint start = out->len;

    for (guint i = 0; i < request->n_unknown; i++) {
        list[2 * i] = (guint8) (request->unknown[i] >> 8);
        list[2 * i + 1] = (guint8) (request->unknown[i] & 0xff);
    }
    write_header(request, BINDING_ERROR, out);
    write_attribute(ERROR_CODE, code_420, sizeof code_420 - 1, out);
    write_attribute(UNKNOWN_ATTRIBUTES, list, (guint16) (2 * request->n_unknown), out);
    finish(request, start, out);
}
