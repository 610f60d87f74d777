#include "signaling/server/ws-frame.h"

#include <string.h>

#define MAX_MESSAGE 300

typedef struct {
    const char *name;
    const char *bytes;
    gsize size;
    WsEventType type;
    gsize used;
    const char *data; /* of a message or control frame */
    WsCloseCode close_code;
} FrameCase;

#define BYTES(text) text, sizeof(text) - 1
#define MASK "\x01\x02\x03\x04"

/* "Hi" is 48 69; masked with 01 02 it is 49 6b. */
static const FrameCase cases[] = {
    { "text", BYTES("\x81\x82" MASK "\x49\x6b"), WS_EVENT_TEXT, 8, "Hi", 0 },
    { "text-and-more", BYTES("\x81\x82" MASK "\x49\x6b\x81"), WS_EVENT_TEXT, 8, "Hi", 0 },
    { "empty-text", BYTES("\x81\x80" MASK), WS_EVENT_TEXT, 6, "", 0 },
    { "nothing", BYTES(""), WS_EVENT_NONE, 0, NULL, 0 },
    { "one-byte", BYTES("\x81"), WS_EVENT_NONE, 0, NULL, 0 },
    { "half-a-mask", BYTES("\x81\x82\x01\x02"), WS_EVENT_NONE, 0, NULL, 0 },
    { "half-a-payload", BYTES("\x81\x82" MASK "\x49"), WS_EVENT_NONE, 0, NULL, 0 },
    { "half-a-length", BYTES("\x81\xfe\x01"), WS_EVENT_NONE, 0, NULL, 0 },
    { "ping", BYTES("\x89\x82" MASK "\x49\x6b"), WS_EVENT_CONTROL, 8, "Hi", 0 },
    { "close", BYTES("\x88\x80" MASK), WS_EVENT_CONTROL, 6, "", 0 },
    { "binary", BYTES("\x82\x82" MASK "\x49\x6b"), WS_EVENT_BINARY, 0, NULL, 0 },

    { "unmasked", BYTES("\x81\x02Hi"), WS_EVENT_FAILED, 0, NULL, WS_CLOSE_PROTOCOL_ERROR },
    { "rsv1", BYTES("\xc1\x80" MASK), WS_EVENT_FAILED, 0, NULL, WS_CLOSE_PROTOCOL_ERROR },
    { "rsv3", BYTES("\x91\x80" MASK), WS_EVENT_FAILED, 0, NULL, WS_CLOSE_PROTOCOL_ERROR },
    { "opcode-3", BYTES("\x83\x80" MASK), WS_EVENT_FAILED, 0, NULL, WS_CLOSE_PROTOCOL_ERROR },
    { "opcode-15", BYTES("\x8f\x80" MASK), WS_EVENT_FAILED, 0, NULL, WS_CLOSE_PROTOCOL_ERROR },
    { "fragmented-ping", BYTES("\x09\x80" MASK), WS_EVENT_FAILED, 0, NULL,
      WS_CLOSE_PROTOCOL_ERROR },
    { "long-ping", BYTES("\x89\xfe\x00\x7e" MASK), WS_EVENT_FAILED, 0, NULL,
      WS_CLOSE_PROTOCOL_ERROR },
    { "continuation-of-nothing", BYTES("\x80\x80" MASK), WS_EVENT_FAILED, 0, NULL,
      WS_CLOSE_PROTOCOL_ERROR },
    { "length-16-of-125", BYTES("\x81\xfe\x00\x7d" MASK), WS_EVENT_FAILED, 0, NULL,
      WS_CLOSE_PROTOCOL_ERROR },
    { "length-64-of-65535", BYTES("\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff" MASK), WS_EVENT_FAILED,
      0, NULL, WS_CLOSE_PROTOCOL_ERROR },
    { "length-with-top-bit", BYTES("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00" MASK),
      WS_EVENT_FAILED, 0, NULL, WS_CLOSE_PROTOCOL_ERROR },
    { "one-byte-too-large", BYTES("\x81\xfe\x01\x2d" MASK), WS_EVENT_FAILED, 0, NULL,
      WS_CLOSE_TOO_LARGE },
    { "far-too-large", BYTES("\x81\xff\x7f\x00\x00\x00\x00\x00\x00\x00" MASK), WS_EVENT_FAILED, 0,
      NULL, WS_CLOSE_TOO_LARGE },
    { "as-large-as-allowed", BYTES("\x81\xfe\x01\x2c" MASK), WS_EVENT_NONE, 0, NULL, 0 },
};

static void
assert_bytes(const guint8 *bytes, gsize size, const void *expected, gsize expected_size)
{
    g_assert_cmpuint(size, ==, expected_size);
    g_assert_true(size == 0 || memcmp(bytes, expected, size) == 0);
}

static void
test_frame(gconstpointer data)
{
    const FrameCase *c = data;
    WsReader reader = { .max_message_bytes = MAX_MESSAGE };
    g_autofree guint8 *bytes = g_memdup2(c->bytes, c->size); /* exact: a sanitizer sees more */
    WsEvent event;

    gsize used = ws_reader_next(&reader, bytes, c->size, &event);

    g_assert_cmpint(event.type, ==, c->type);
    g_assert_cmpuint(used, ==, c->used);
    if (c->data)
        assert_bytes(event.data, event.size, c->data, strlen(c->data));
    if (c->type == WS_EVENT_FAILED) {
        g_assert_cmpint(event.close_code, ==, c->close_code);
        g_assert_nonnull(event.reason);
    }
    ws_reader_clear(&reader);
}

/* A client's frame with a mask of zeros. */
static void
add_frame(GByteArray *out, guint8 first, const char *text)
{
    const guint8 head[] = { first, (guint8) (0x80 | strlen(text)), 0, 0, 0, 0 };

    g_byte_array_append(out, head, sizeof head);
    g_byte_array_append(out, (const guint8 *) text, (guint) strlen(text));
}

static void
test_fragments_make_one_message(void)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    WsReader reader = { .max_message_bytes = MAX_MESSAGE };
    WsEvent event;
    gsize at = 0;

    add_frame(in, 0x01, "one ");
    add_frame(in, 0x89, "ping");
    add_frame(in, 0x00, "");
    add_frame(in, 0x80, "message");
    add_frame(in, 0x81, "next");
    const struct {
        WsEventType type;
        const char *data;
    } expected[] = { { WS_EVENT_NONE, NULL },
                     { WS_EVENT_CONTROL, "ping" },
                     { WS_EVENT_NONE, NULL },
                     { WS_EVENT_TEXT, "one message" },
                     { WS_EVENT_TEXT, "next" } };
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        gsize used = ws_reader_next(&reader, in->data + at, in->len - at, &event);
        g_assert_cmpuint(used, >, 0);
        g_assert_cmpint(event.type, ==, expected[i].type);
        if (expected[i].data)
            assert_bytes(event.data, event.size, expected[i].data, strlen(expected[i].data));
        at += used;
    }
    g_assert_cmpuint(at, ==, in->len);
    ws_reader_clear(&reader);
}

static void
test_fragments_count_together(void)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autofree char *hundred = g_strnfill(100, 'x');
    WsReader reader = { .max_message_bytes = 199 };
    WsEvent event;

    add_frame(in, 0x01, hundred);
    gsize used = ws_reader_next(&reader, in->data, in->len, &event);
    g_assert_cmpuint(used, ==, in->len);
    g_assert_cmpuint(ws_reader_next(&reader, in->data, in->len, &event), ==, 0);
    g_assert_cmpint(event.close_code, ==, WS_CLOSE_PROTOCOL_ERROR); /* a new message inside */
    in->data[0] = 0x80;
    g_assert_cmpuint(ws_reader_next(&reader, in->data, in->len, &event), ==, 0);
    g_assert_cmpint(event.close_code, ==, WS_CLOSE_TOO_LARGE);
    ws_reader_clear(&reader);
}

static void
test_masked_at_every_length(void)
{
    for (guint size = 0; size < 40; size++) {
        WsReader reader = { .max_message_bytes = MAX_MESSAGE };
        guint8 bytes[64] = { 0x81, (guint8) (0x80 | size), 0xaa, 0xbb, 0xcc, 0xdd };
        WsEvent event;

        for (guint i = 0; i < size; i++)
            bytes[6 + i] = (guint8) ('a' + i % 26) ^ bytes[2 + i % 4];
        g_assert_cmpuint(ws_reader_next(&reader, bytes, 6 + size, &event), ==, 6 + size);
        g_assert_cmpuint(event.size, ==, size);
        for (guint i = 0; i < size; i++)
            g_assert_cmpint(event.data[i], ==, 'a' + i % 26);
    }
}

static void
test_lengths_are_written_in_their_shortest_form(void)
{
    const struct {
        gsize size, header;
    } sizes[] = { { 0, 2 }, { 125, 2 }, { 126, 4 }, { 65535, 4 }, { 65536, 10 } };

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        g_autofree guint8 *payload = g_malloc0(sizes[i].size + 1);
        ws_frame_write(out, WS_OPCODE_TEXT, payload, sizes[i].size);
        g_assert_cmpuint(out->len, ==, sizes[i].header + sizes[i].size);
        g_assert_cmpuint(out->data[0], ==, 0x81);
        g_assert_cmpuint(out->data[1] & 0x80, ==, 0);
    }
}

static void
test_close_frame(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree char *long_reason = g_strnfill(200, 'x');

    ws_frame_write_close(out, WS_CLOSE_GOING_AWAY, "bye");
    assert_bytes(out->data, out->len,
                 "\x88\x05\x03\xe9"
                 "bye",
                 7);
    g_byte_array_set_size(out, 0);
    ws_frame_write_close(out, WS_CLOSE_POLICY, long_reason);
    g_assert_cmpuint(out->len, ==, 127);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/ws-frame/read/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], test_frame);
    }
    g_test_add_func("/ws-frame/fragments", test_fragments_make_one_message);
    g_test_add_func("/ws-frame/fragments-count-together", test_fragments_count_together);
    g_test_add_func("/ws-frame/masks", test_masked_at_every_length);
    g_test_add_func("/ws-frame/write", test_lengths_are_written_in_their_shortest_form);
    g_test_add_func("/ws-frame/close", test_close_frame);
    return g_test_run();
}
