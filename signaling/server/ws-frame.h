/* WebSocket frames, RFC 6455 section 5: what a server reads and what it writes.
 *
 * Strict where the RFC says that the connection must fail: unmasked frames, reserved bits, unknown
 * opcodes, fragmented or long control frames, lengths that are not the shortest. */
#pragma once

#include <glib.h>

/* RFC 6455 section 7.4.1. */
typedef enum {
    WS_CLOSE_NORMAL = 1000,
    WS_CLOSE_GOING_AWAY = 1001,
    WS_CLOSE_PROTOCOL_ERROR = 1002,
    WS_CLOSE_UNSUPPORTED = 1003,
    WS_CLOSE_NOT_UTF8 = 1007,
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_LARGE = 1009,
} WsCloseCode;

typedef enum {
    WS_EVENT_NONE,    /* nothing yet: call again, or come back with more bytes if none were used */
    WS_EVENT_TEXT,    /* a whole message; whether it is UTF-8 is the caller's to check */
    WS_EVENT_BINARY,  /* the start of a binary message; the connection is to be failed */
    WS_EVENT_CONTROL, /* a ping, pong or close frame */
    WS_EVENT_FAILED,  /* close_code and reason say why; nothing more can be read */
} WsEventType;

typedef enum {
    WS_OPCODE_CONTINUATION = 0x0,
    WS_OPCODE_TEXT = 0x1,
    WS_OPCODE_BINARY = 0x2,
    WS_OPCODE_CLOSE = 0x8,
    WS_OPCODE_PING = 0x9,
    WS_OPCODE_PONG = 0xA,
} WsOpcode;

typedef struct {
    WsEventType type;
    WsOpcode opcode;    /* of WS_EVENT_CONTROL */
    const guint8 *data; /* valid until the next call */
    gsize size;
    WsCloseCode close_code; /* of WS_EVENT_FAILED */
    const char *reason;
} WsEvent;

typedef struct {
    gsize max_message_bytes;
    GByteArray *fragments; /* of the message that is being put together, NULL between messages */
    gboolean is_delivered; /* fragments were handed out and are to be dropped */
} WsReader;

void ws_reader_clear(WsReader *reader);

/* Looks at the next frame in the @size bytes at @bytes, which it unmasks in place.  Returns how
 * many bytes it used; 0 with WS_EVENT_NONE where the frame is not whole yet.  A frame is never
 * larger than WS_MAX_HEADER_BYTES and max_message_bytes together. */
gsize ws_reader_next(WsReader *reader, guint8 *bytes, gsize size, WsEvent *event);

#define WS_MAX_HEADER_BYTES 14

/* Appends one unmasked, unfragmented frame. */
void ws_frame_write(GByteArray *out, WsOpcode opcode, const guint8 *payload, gsize size);

/* Appends a close frame.  @reason is cut at 123 bytes, RFC 6455 section 5.5. */
void ws_frame_write_close(GByteArray *out, WsCloseCode code, const char *reason);
