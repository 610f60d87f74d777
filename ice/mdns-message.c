/* Owns the bytes of multicast DNS: one query out, one kind of answer in.  RFC 1035 section 4 and
 * RFC 6762 section 18.
 *
 *    0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
 *   +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *   |                   ID (ignored)                |
 *   |QR|  Opcode   |AA|TC|RD|RA|   Z    |   RCODE   |
 *   |   counts of questions, answers, authority and |
 *   |   additional records, 16 bits each            |
 *   +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *   question:  name, type, class
 *   record:    name, type, class, TTL (32 bits), size of data, data
 *
 *   name: labels of a size byte and so many bytes, ended by a size of 0 or by two bytes 11xxxxxx
 *   that point to the rest of the name, earlier in the message. */
#include "ice/mdns-message.h"

#include "ice/wire.h"

#include <string.h>

#define FLAG_RESPONSE 0x8000
#define MASK_OPCODE_AND_RCODE 0x780f /* RFC 6762 section 18.3, 18.11: other than 0 is ignored */
#define TYPE_A 1
#define TYPE_AAAA 28 /* RFC 3596 section 2.1 */
#define CLASS_IN 1
#define CLASS_CACHE_FLUSH 0x8000 /* RFC 6762 section 10.2, in answers */
#define LABEL_POINTER 0xc0
#define MAX_NAME_SIZE 256 /* RFC 1035 section 2.3.4, as dotted text with NUL */

typedef struct {
    const guint8 *bytes;
    gsize size;
} Message;

static void
write_name(const char *name, GByteArray *out)
{
    while (*name) {
        gsize label = strcspn(name, ".");
        g_assert(label >= 1 && label <= 63);
        wire_write_u8(out, (guint8) label);
        g_byte_array_append(out, (const guint8 *) name, (guint) label);
        name += label + (name[label] == '.' ? 1 : 0);
    }
    wire_write_u8(out, 0);
}

void
mdns_query_write(const char *name, GByteArray *out)
{
    static const guint16 types[] = { TYPE_A, TYPE_AAAA };

    wire_write_u16(out, 0); /* RFC 6762 section 18.1: the ID of a multicast query is 0 */
    wire_write_u16(out, 0);
    wire_write_u16(out, G_N_ELEMENTS(types));
    for (guint i = 0; i < 3; i++)
        wire_write_u16(out, 0);
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        write_name(name, out);
        wire_write_u16(out, types[i]);
        wire_write_u16(out, CLASS_IN); /* without the unicast-response bit: port 5353 is shared,
                                          and a unicast answer would reach only one listener */
    }
}

static gboolean
append_label(char text[MAX_NAME_SIZE], gsize *used, const guint8 *label, gsize size)
{
    if (!label || *used + size + 2 > MAX_NAME_SIZE)
        return FALSE;
    if (*used)
        text[(*used)++] = '.';
    for (gsize i = 0; i < size; i++) /* a dot inside a label must not look like a separator */
        text[(*used)++] = (char) (label[i] == '.' || label[i] == '\0' ? '?' : label[i]);
    text[*used] = '\0';
    return TRUE;
}

/* Reads a name into @text and leaves @reader behind it.  A pointer must go back to before where the
 * part of the name that it ends began, so that every jump lowers the limit and no loop is possible.
 */
static gboolean
read_name(const Message *message, WireReader *reader, char text[MAX_NAME_SIZE])
{
    WireReader at = *reader;
    gsize limit = (gsize) (reader->at - message->bytes), used = 0;
    gboolean has_jumped = FALSE;

    text[0] = '\0';
    for (;;) {
        guint8 size = wire_read_u8(&at);
        if (at.bad)
            return FALSE;
        if ((size & LABEL_POINTER) == LABEL_POINTER) {
            gsize target = (gsize) ((size & ~LABEL_POINTER) << 8 | wire_read_u8(&at));
            if (at.bad || target >= limit)
                return FALSE;
            if (!has_jumped)
                *reader = at;
            has_jumped = TRUE;
            limit = target;
            at = wire_reader(message->bytes + target, message->size - target);
        } else if (size & LABEL_POINTER) {
            return FALSE; /* RFC 6891 section 5: the extended label types are gone */
        } else if (size == 0) {
            if (!has_jumped)
                *reader = at;
            return TRUE;
        } else if (!append_label(text, &used, wire_read_bytes(&at, size), size)) {
            return FALSE;
        }
    }
}

typedef struct {
    char name[MAX_NAME_SIZE];
    guint16 type, class;
    guint32 ttl;
    const guint8 *data;
    guint16 data_size;
} Record;

static gboolean
read_record(const Message *message, WireReader *reader, Record *record)
{
    if (!read_name(message, reader, record->name))
        return FALSE;
    record->type = wire_read_u16(reader);
    record->class = wire_read_u16(reader);
    record->ttl = wire_read_u32(reader);
    record->data_size = wire_read_u16(reader);
    record->data = wire_read_bytes(reader, record->data_size);
    return !reader->bad;
}

/* RFC 6762 section 10.1: TTL 0 takes a record back. */
static gboolean
record_address(const Record *record, const char *name, Address *address)
{
    gsize size = record->type == TYPE_A ? 4 : 16;

    if ((record->type != TYPE_A && record->type != TYPE_AAAA) || record->data_size != size ||
        (record->class & ~CLASS_CACHE_FLUSH) != CLASS_IN || record->ttl == 0 ||
        g_ascii_strcasecmp(record->name, name) != 0)
        return FALSE;
    *address = (Address){ .family = record->type == TYPE_A ? 4 : 6 };
    memcpy(address->bytes, record->data, size);
    return address_is_unicast(address);
}

guint
mdns_response_parse(const guint8 *bytes, gsize size, const char *name, Address *addresses,
                    guint max_addresses)
{
    const Message message = { bytes, size };
    WireReader reader = wire_reader(bytes, size);
    guint found = 0;
    Record record;

    wire_read_u16(&reader); /* ID */
    guint16 flags = wire_read_u16(&reader);
    guint n_questions = wire_read_u16(&reader);
    guint n_records = wire_read_u16(&reader); /* answers */
    n_records += wire_read_u16(&reader);      /* authority */
    n_records += wire_read_u16(&reader);      /* additional: RFC 6762 section 19 allows addresses */
    if (reader.bad || size > MDNS_MAX_MESSAGE_SIZE || !(flags & FLAG_RESPONSE) ||
        (flags & MASK_OPCODE_AND_RCODE))
        return 0;
    for (guint i = 0; i < n_questions; i++)
        if (!read_name(&message, &reader, record.name) || !wire_read_bytes(&reader, 4))
            return 0;
    for (guint i = 0; i < n_records; i++) {
        Address address;
        if (!read_record(&message, &reader, &record))
            return 0;
        if (found < max_addresses && record_address(&record, name, &address))
            addresses[found++] = address;
    }
    return found;
}
