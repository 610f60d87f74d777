/* Anything may follow a WebSocket handshake.  However the bytes are cut up on their way, the same
 * messages come out, none larger than the limit. */
#include "signaling/server/ws-frame.h"

#include <string.h>

#define MAX_MESSAGE 200

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* Reads all of @in, giving the reader at most @step more bytes at a time. */
static GByteArray *
read_all(const guint8 *data, gsize size, gsize step)
{
    GByteArray *messages = g_byte_array_new();
    WsReader reader = { .max_message_bytes = MAX_MESSAGE };
    g_autofree guint8 *in = g_memdup2(data, size);
    gsize at = 0, seen = 0;
    WsEvent event = { 0 };

    while (seen < size && event.type != WS_EVENT_FAILED && event.type != WS_EVENT_BINARY) {
        gsize used;
        seen = MIN(size, seen + step);
        do {
            used = ws_reader_next(&reader, in + at, seen - at, &event);
            g_assert_cmpuint(used, <=, seen - at);
            g_assert_cmpuint(event.size, <=, MAX_MESSAGE);
            at += used;
            guint8 mark = (guint8) event.type;
            if (event.type != WS_EVENT_NONE)
                g_byte_array_append(messages, &mark, 1);
            if (event.size > 0)
                g_byte_array_append(messages, event.data, (guint) event.size);
        } while (used > 0);
    }
    ws_reader_clear(&reader);
    return messages;
}

static void
assert_bytes(const guint8 *bytes, gsize size, const void *expected, gsize expected_size)
{
    g_assert_cmpuint(size, ==, expected_size);
    g_assert_true(size == 0 || memcmp(bytes, expected, size) == 0);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autoptr(GByteArray) whole = read_all(data, size, MAX(size, 1));
    g_autoptr(GByteArray) bytewise = read_all(data, size, 1);

    assert_bytes(whole->data, whole->len, bytewise->data, bytewise->len);
    return 0;
}
