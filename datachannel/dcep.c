/* Owns the bytes of DCEP and nothing else: which stream they came on, and whether that stream may
 * be opened by that peer, is channel-table's business.  RFC 8832 section 5.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   | Message Type  | Channel Type  |           Priority            |
 *   +---------------+---------------+-------------------------------+
 *   |                     Reliability Parameter                     |
 *   +-------------------------------+-------------------------------+
 *   |         Label Length          |        Protocol Length        |
 *   +-------------------------------+-------------------------------+
 *   |                       Label, Protocol ...                     |
 *   +---------------------------------------------------------------+
 *
 *   +---------------+
 *   | Message Type  |  DATA_CHANNEL_ACK is no more than that
 *   +---------------+
 */
#include "datachannel/dcep.h"

#include "ice/wire.h"

/* RFC 8832 section 8.2.2: 0x00-0x02 ordered, 0x80 set for unordered. */
#define CHANNEL_TYPE_UNORDERED 0x80

GQuark
dcep_error_quark(void)
{
    return g_quark_from_static_string("pierce-dcep-error");
}

static gboolean
fail(GError **error, DcepError code, const char *what, gsize value)
{
    g_set_error(error, DCEP_ERROR, (gint) code, "%s (%" G_GSIZE_FORMAT ")", what, value);
    return FALSE;
}

static char *
read_text(WireReader *reader, gsize size)
{
    const guint8 *bytes = wire_read_bytes(reader, size);
    return bytes && g_utf8_validate_len((const char *) bytes, size, NULL)
               ? g_strndup((const char *) bytes, size)
               : NULL;
}

void
dcep_open_clear(DcepOpen *open)
{
    g_clear_pointer(&open->label, g_free);
    g_clear_pointer(&open->protocol, g_free);
}

gboolean
dcep_type(const guint8 *bytes, gsize size, DcepType *type, GError **error)
{
    if (size == 0)
        return fail(error, DCEP_ERROR_MALFORMED, "DCEP: an empty message", size);
    if (bytes[0] != DCEP_OPEN && bytes[0] != DCEP_ACK)
        return fail(error, DCEP_ERROR_UNKNOWN, "DCEP: unknown message type", bytes[0]);
    *type = (DcepType) bytes[0];
    return TRUE;
}

gboolean
dcep_is_text(const char *text)
{
    gsize size = strlen(text);
    return size <= DCEP_TEXT_MAX_BYTES && g_utf8_validate_len(text, size, NULL);
}

void
dcep_open_write(const DcepOpen *open, GByteArray *out)
{
    gsize label_size = strlen(open->label), protocol_size = strlen(open->protocol);

    g_assert(label_size <= DCEP_TEXT_MAX_BYTES && protocol_size <= DCEP_TEXT_MAX_BYTES);
    wire_write_u8(out, DCEP_OPEN);
    wire_write_u8(out, (guint8) (open->reliability | (open->ordered ? 0 : CHANNEL_TYPE_UNORDERED)));
    wire_write_u16(out, open->priority);
    wire_write_u32(out, open->reliability_parameter);
    wire_write_u16(out, (guint16) label_size);
    wire_write_u16(out, (guint16) protocol_size);
    g_byte_array_append(out, (const guint8 *) open->label, (guint) label_size);
    g_byte_array_append(out, (const guint8 *) open->protocol, (guint) protocol_size);
}

gboolean
dcep_open_parse(DcepOpen *open, const guint8 *bytes, gsize size, GError **error)
{
    WireReader reader = wire_reader(bytes, size);
    g_auto(DcepOpen) parsed = { 0 };

    guint8 message_type = wire_read_u8(&reader);
    guint8 channel_type = wire_read_u8(&reader);
    parsed.priority = wire_read_u16(&reader);
    parsed.reliability_parameter = wire_read_u32(&reader);
    guint16 label_size = wire_read_u16(&reader);
    guint16 protocol_size = wire_read_u16(&reader);
    parsed.label = read_text(&reader, label_size);
    parsed.protocol = read_text(&reader, protocol_size);

    *open = (DcepOpen){ 0 };
    if (message_type != DCEP_OPEN)
        return fail(error, DCEP_ERROR_UNKNOWN, "DATA_CHANNEL_OPEN: another message type",
                    message_type);
    if (!wire_reader_is_done(&reader))
        return fail(error, DCEP_ERROR_MALFORMED,
                    "DATA_CHANNEL_OPEN: its lengths do not add up to the message's size", size);
    if ((channel_type & ~CHANNEL_TYPE_UNORDERED) > DCEP_MAX_PACKET_LIFE_TIME)
        return fail(error, DCEP_ERROR_UNKNOWN, "DATA_CHANNEL_OPEN: unknown channel type",
                    channel_type);
    if (!parsed.label)
        return fail(error, DCEP_ERROR_MALFORMED,
                    "DATA_CHANNEL_OPEN: the label is not UTF-8 without zero bytes", label_size);
    if (!parsed.protocol)
        return fail(error, DCEP_ERROR_MALFORMED,
                    "DATA_CHANNEL_OPEN: the protocol is not UTF-8 without zero bytes",
                    protocol_size);

    parsed.reliability = channel_type & ~CHANNEL_TYPE_UNORDERED;
    parsed.ordered = !(channel_type & CHANNEL_TYPE_UNORDERED);
    *open = parsed;
    parsed = (DcepOpen){ 0 }; /* handed over */
    return TRUE;
}

void
dcep_ack_write(GByteArray *out)
{
    wire_write_u8(out, DCEP_ACK);
}

gboolean
dcep_ack_parse(const guint8 *bytes, gsize size, GError **error)
{
    DcepType type;

    if (!dcep_type(bytes, size, &type, error))
        return FALSE;
    if (type != DCEP_ACK)
        return fail(error, DCEP_ERROR_UNKNOWN, "DATA_CHANNEL_ACK: another message type", bytes[0]);
    return size == 1 ||
           fail(error, DCEP_ERROR_MALFORMED, "DATA_CHANNEL_ACK: more than one byte", size);
}
