#include "datachannel/sctp-bundle.h"

#include <string.h>

#define LIMIT 100
#define HEADER_BYTES 12
#define DATA 0
#define SACK 3
#define HEARTBEAT 4
#define I_DATA 64
#define IMMEDIATE 0x08

static void
add_chunk(GByteArray *packet, guint8 type, gsize size, guint8 fill)
{
    guint8 chunk[256] = { type, 3, (guint8) (size >> 8), (guint8) size };
    gsize padded = (size + 3) & ~(gsize) 3;
    memset(chunk + 4, fill, size - 4);
    g_byte_array_append(packet, chunk, (guint) padded);
}

static GByteArray *
packet_new(guint8 tag)
{
    guint8 header[HEADER_BYTES] = { 0x13, 0x88, 0x13, 0x88, 0, 0, 0, tag };
    GByteArray *packet = g_byte_array_new();
    g_byte_array_append(packet, header, sizeof header);
    return packet;
}

/* "D20 S16" is a packet with a data chunk of 20 bytes and a SACK of 16. */
static GByteArray *
packet_from(guint8 tag, const char *chunks)
{
    GByteArray *packet = packet_new(tag);
    g_auto(GStrv) words = g_strsplit(chunks, " ", -1);
    for (guint i = 0; words[i]; i++) {
        guint8 type = words[i][0] == 'D'   ? DATA
                      : words[i][0] == 'I' ? I_DATA
                      : words[i][0] == 'S' ? SACK
                                           : HEARTBEAT;
        add_chunk(packet, type, (gsize) g_ascii_strtoull(words[i] + 1, NULL, 10), (guint8) i);
    }
    return packet;
}

/* The same the other way round; packets are separated by "|". */
static void
describe(GString *out, const guint8 *packet, gsize size)
{
    for (gsize at = HEADER_BYTES; at < size;) {
        gsize length = (gsize) (packet[at + 2] << 8) + packet[at + 3];
        const char *name = packet[at] == DATA     ? "D"
                           : packet[at] == I_DATA ? "I"
                           : packet[at] == SACK   ? "S"
                                                  : "H";
        g_string_append_printf(out, "%s%s%" G_GSIZE_FORMAT, out->len > 0 ? " " : "", name, length);
        at += (length + 3) & ~(gsize) 3;
    }
}

typedef struct {
    const char *name;
    const char *packets[4];
    const char *batch;
} AddCase;

static const AddCase add_cases[] = {
    { "one packet as it is", { "D40" }, "D40" },
    { "data is joined", { "D20", "D21", "D20" }, "D20 D21 D20" },
    { "up to the limit", { "D40", "D40", "D40" }, "D40 D40 | D40" },
    { "to the last byte", { "D44", "D44" }, "D44 D44" },
    { "I-DATA is joined", { "I20", "I20" }, "I20 I20" },
    { "data follows an acknowledgement", { "S16", "D20" }, "S16 D20" },
    { "an acknowledgement does not follow data", { "D20", "S20 D20" }, "D20 | S20 D20" },
    { "a large packet is cut", { "D40 D40 D40 D40" }, "D40 D40 | D40 D40" },
    { "what fits of a large packet is joined", { "D40", "D40 D40 D40" }, "D40 D40 | D40 D40" },
    { "a chunk above the limit stays whole", { "D20", "D120 D20" }, "D20 | D120 | D20" },
    { "other chunks stay alone", { "H20", "D20" }, "H20 | D20" },
    { "nothing follows other chunks", { "D20", "H20" }, "D20 | H20" },
    { "the later of two acknowledgements", { "S16", "S16" }, "S16" },
    { "the later one with data", { "S16", "S16 D20" }, "S16 D20" },
    { "an acknowledgement with gaps is kept", { "S20", "S16" }, "S20 | S16" },
    { "and not the reason to drop one", { "S16", "S20" }, "S16 | S20" },
};

static void
test_add(gconstpointer data)
{
    const AddCase *c = data;
    PacketBatch batch;
    g_autoptr(GString) found = g_string_new("");

    packet_batch_init(&batch);
    for (guint i = 0; i < G_N_ELEMENTS(c->packets) && c->packets[i]; i++) {
        g_autoptr(GByteArray) packet = packet_from(1, c->packets[i]);
        sctp_bundle_add(&batch, packet->data, packet->len, LIMIT);
    }
    const guint8 *at = batch.bytes->data;
    for (guint i = 0; i < packet_batch_count(&batch); i++) {
        gsize size = packet_batch_sizes(&batch)[i];
        g_autoptr(GString) text = g_string_new("");
        g_autoptr(GByteArray) header = packet_new(1);
        g_assert_cmpint(memcmp(at, header->data, HEADER_BYTES), ==, 0);
        describe(text, at, size);
        g_string_append_printf(found, "%s%s", i > 0 ? " | " : "", text->str);
        at += size;
    }
    g_assert_true(at == batch.bytes->data + batch.bytes->len);
    g_assert_cmpstr(found->str, ==, c->batch);
    packet_batch_clear(&batch);
}

typedef struct {
    const char *name;
    const char *first;
    const char *second;
    guint8 second_tag;
    gboolean is_joined;
} JoinCase;

static const JoinCase join_cases[] = {
    { "data and data", "D20", "D20 D20", 1, TRUE },
    { "acknowledgement and data", "S16", "D20", 1, TRUE },
    { "I-DATA and I-DATA", "I20", "I20", 1, TRUE },
    { "to the last byte", "D44", "D44", 1, TRUE },
    { "above the limit", "D44", "D48", 1, FALSE },
    { "another association's", "D20", "D20", 2, FALSE },
    { "an acknowledgement behind data", "D20", "S16", 1, FALSE },
    { "data behind a heartbeat", "H20", "D20", 1, FALSE },
};

static void
test_join(gconstpointer data)
{
    const JoinCase *c = data;
    g_autoptr(GByteArray) first = packet_from(1, c->first);
    g_autoptr(GByteArray) second = packet_from(c->second_tag, c->second);
    g_autoptr(GByteArray) joined = g_byte_array_new();

    g_assert_true(sctp_bundle_join(joined, first->data, first->len, LIMIT));
    g_assert_cmpuint(joined->len, ==, first->len);
    g_assert_cmpint(memcmp(joined->data, first->data, first->len), ==, 0);
    g_assert_true(sctp_bundle_join(joined, second->data, second->len, LIMIT) == c->is_joined);
    gsize added = c->is_joined ? second->len - HEADER_BYTES : 0;
    g_assert_cmpuint(joined->len, ==, first->len + added);
    if (c->is_joined) {
        g_autoptr(GString) text = g_string_new("");
        g_autofree char *both = g_strdup_printf("%s %s", c->first, c->second);
        describe(text, joined->data, joined->len);
        g_assert_cmpstr(text->str, ==, both);
    }
}

static void
test_join_asks_for_an_acknowledgement(void)
{
    g_autoptr(GByteArray) packet = packet_from(1, "D20 D20");
    g_autoptr(GByteArray) joined = g_byte_array_new();

    sctp_bundle_join(joined, packet->data, packet->len, LIMIT);
    g_assert_false(joined->data[12 + 1] & IMMEDIATE);
    g_assert_false(joined->data[32 + 1] & IMMEDIATE);
    sctp_bundle_join(joined, packet->data, packet->len, LIMIT);
    g_assert_false(joined->data[52 + 1] & IMMEDIATE);
    g_assert_true(joined->data[72 + 1] & IMMEDIATE);
    g_assert_cmpuint(joined->data[72 + 1], ==, 3 | IMMEDIATE);
}

/* The last chunk's padding may be missing: nothing can follow then. */
static void
test_join_needs_padding(void)
{
    g_autoptr(GByteArray) packet = packet_from(1, "D21");
    g_autoptr(GByteArray) joined = g_byte_array_new();

    sctp_bundle_join(joined, packet->data, packet->len - 3, LIMIT);
    g_assert_false(sctp_bundle_join(joined, packet->data, packet->len, LIMIT));
    g_byte_array_set_size(joined, 0);
    sctp_bundle_join(joined, packet->data, packet->len, LIMIT);
    g_assert_false(sctp_bundle_join(joined, packet->data, packet->len - 3, LIMIT));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(add_cases); i++) {
        g_autofree char *path = g_strdup_printf("/sctp-bundle/add/%s", add_cases[i].name);
        g_test_add_data_func(path, &add_cases[i], test_add);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(join_cases); i++) {
        g_autofree char *path = g_strdup_printf("/sctp-bundle/join/%s", join_cases[i].name);
        g_test_add_data_func(path, &join_cases[i], test_join);
    }
    g_test_add_func("/sctp-bundle/join asks for an acknowledgement",
                    test_join_asks_for_an_acknowledgement);
    g_test_add_func("/sctp-bundle/join needs padding", test_join_needs_padding);
    return g_test_run();
}
