/* Owns the judgement on single DTLS records; keeps no state and knows nothing of keys.  RFC 6347
 * (DTLS 1.2), RFC 5246 (the messages), RFC 7983 (which first bytes are DTLS).
 *
 *   record:   type 1 | version 2 | epoch 2 | sequence number 6 | length 2 | fragment
 *   message:  msg_type 1 | length 3 | message_seq 2 | fragment_offset 3 | fragment_length 3 | body
 *
 * Epoch 0 is in the clear, so anyone may write it; from epoch 1 on the AEAD tells, and OpenSSL
 * drops silently what it does not open (RFC 6347 section 4.1.2.7).  What an honest peer sends in
 * epoch 0 is its half of one full handshake, and only that passes:
 *
 *   client -> server   ClientHello, Certificate, ClientKeyExchange, CertificateVerify, CCS
 *   server -> client   HelloVerifyRequest, ServerHello, Certificate, ServerKeyExchange,
 *                      CertificateRequest, ServerHelloDone, NewSessionTicket, CCS
 *
 * An honest plaintext alert is dropped with the forged ones; the peer's handshake then ends by its
 * deadline instead of at once.  Once established, a lost last flight is asked for again with the
 * Finished message of epoch 1, so that nothing of epoch 0 is needed any more. */
#include "datachannel/dtls-filter.h"

#include "ice/wire.h"

#define RECORD_HEADER_SIZE 13
#define MAX_FRAGMENT_SIZE (16384 + 2048) /* RFC 5246 section 6.2.3 */
#define MAX_MESSAGE_SIZE 32768           /* ours: a chain of a few RSA certificates */
#define VERSION_1_0 0xfeff               /* in first hellos, RFC 6347 section 4.2.1 */
#define VERSION_1_2 0xfefd
#define MAX_EPOCH 1 /* there is no renegotiation in WebRTC (RFC 8827 section 6.5) */

enum { /* RFC 5246 section 6.2.1 */
       RECORD_CHANGE_CIPHER_SPEC = 20,
       RECORD_HANDSHAKE = 22,
       RECORD_APPLICATION_DATA = 23,
       RECORD_ACK =
           26, /* RFC 9147; with 24 (heartbeat) and 25 (connection id) known but unwanted */
};

enum { /* RFC 5246 section 7.4, RFC 6347 section 4.3.2, RFC 5077 section 3.3 */
       CLIENT_HELLO = 1,
       SERVER_HELLO = 2,
       HELLO_VERIFY_REQUEST = 3,
       NEW_SESSION_TICKET = 4,
       CERTIFICATE = 11,
       SERVER_KEY_EXCHANGE = 12,
       CERTIFICATE_REQUEST = 13,
       SERVER_HELLO_DONE = 14,
       CERTIFICATE_VERIFY = 15,
       CLIENT_KEY_EXCHANGE = 16,
};

#define BIT(message) (1u << (message))

static const guint32 allowed_messages[] = {
    [DTLS_FILTER_CLIENT] = BIT(SERVER_HELLO) | BIT(HELLO_VERIFY_REQUEST) | BIT(NEW_SESSION_TICKET) |
                           BIT(CERTIFICATE) | BIT(SERVER_KEY_EXCHANGE) | BIT(CERTIFICATE_REQUEST) |
                           BIT(SERVER_HELLO_DONE),
    [DTLS_FILTER_SERVER] =
        BIT(CLIENT_HELLO) | BIT(CERTIFICATE) | BIT(CERTIFICATE_VERIFY) | BIT(CLIENT_KEY_EXCHANGE),
};

/* The body of a message of which only the first @here.left bytes have come and @missing are still
 * to come.  Once a read needs one of those, the rest cannot be judged: is_cut. */
typedef struct {
    WireReader here;
    gsize missing;
    gboolean is_cut;
    gboolean is_bad;
} Body;

static gsize
body_left(const Body *body)
{
    return body->here.left + body->missing;
}

/* The @size bytes that come next, or NULL once the body is cut or bad. */
static const guint8 *
body_read(Body *body, gsize size)
{
    if (size > body_left(body))
        body->is_bad = TRUE;
    else if (size > body->here.left)
        body->is_cut = TRUE;
    if (body->is_bad || body->is_cut)
        return NULL;
    return wire_read_bytes(&body->here, size);
}

static guint
body_read_number(Body *body, gsize size)
{
    const guint8 *bytes = body_read(body, size);
    guint value = 0;

    for (gsize i = 0; bytes && i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void
body_check(Body *body, gboolean is_right)
{
    if (!body->is_cut && !is_right)
        body->is_bad = TRUE;
}

/* Of a peer that can do 1.2, whatever the record around it says; with less OpenSSL, whose floor is
 * 1.2, would give up (RFC 8827 section 6.5). */
static void
check_version(Body *body)
{
    body_check(body, body_read_number(body, 2) == VERSION_1_2);
}

/* RFC 5246 section 7.4.1.4: none at all, or one block of exactly the size that is left. */
static void
check_extensions(Body *body)
{
    if (body_left(body) == 0)
        return;
    gsize size = body_read_number(body, 2);
    body_check(body, size == body_left(body));
    while (!body->is_bad && !body->is_cut && body_left(body) > 0) {
        body_read(body, 2); /* type */
        body_read(body, body_read_number(body, 2));
    }
}

/* RFC 5246 section 7.4.1.2 with RFC 6347's cookie. */
static void
check_client_hello(Body *body)
{
    check_version(body);
    body_read(body, 32); /* random */
    gsize session_id = body_read_number(body, 1);
    body_check(body, session_id <= 32);
    body_read(body, session_id);
    body_read(body, body_read_number(body, 1)); /* cookie */
    gsize cipher_suites = body_read_number(body, 2);
    body_check(body, cipher_suites >= 2 && cipher_suites % 2 == 0);
    body_read(body, cipher_suites);
    gsize compression_methods = body_read_number(body, 1);
    body_check(body, compression_methods >= 1);
    const guint8 *methods = body_read(body, compression_methods);
    body_check(body, methods && memchr(methods, 0, compression_methods)); /* null is mandatory */
    check_extensions(body);
}

static void
check_server_hello(Body *body)
{
    check_version(body);
    body_read(body, 32); /* random */
    gsize session_id = body_read_number(body, 1);
    body_check(body, session_id <= 32);
    body_read(body, session_id);
    body_read(body, 2);                               /* cipher suite */
    body_check(body, body_read_number(body, 1) == 0); /* RFC 7525 section 3.3: no compression */
    check_extensions(body);
}

static void
check_hello_verify_request(Body *body)
{
    guint version = body_read_number(body, 2); /* RFC 6347 section 4.2.1: means nothing here */
    body_check(body, version == VERSION_1_0 || version == VERSION_1_2);
    body_read(body, body_read_number(body, 1));
    body_check(body, body_left(body) == 0);
}

/* RFC 5246 section 7.4.2: a list of certificates, none of them empty. */
static void
check_certificate(Body *body)
{
    gsize size = body_read_number(body, 3);

    body_check(body, size == body_left(body));
    while (!body->is_bad && !body->is_cut && body_left(body) > 0) {
        gsize certificate = body_read_number(body, 3);
        body_check(body, certificate >= 1);
        body_read(body, certificate);
    }
}

static gboolean
is_body_plausible(guint8 type, Body body)
{
    switch (type) {
    case CLIENT_HELLO:
        check_client_hello(&body);
        break;
    case SERVER_HELLO:
        check_server_hello(&body);
        break;
    case HELLO_VERIFY_REQUEST:
        check_hello_verify_request(&body);
        break;
    case CERTIFICATE:
        check_certificate(&body);
        break;
    case SERVER_HELLO_DONE:
        body_check(&body, body_left(&body) == 0);
        break;
    default: /* each of the others has a body, and what is in it depends on the cipher suite */
        body_check(&body, body_left(&body) > 0);
        break;
    }
    return !body.is_bad;
}

static guint
read_u24(WireReader *reader)
{
    guint high = wire_read_u8(reader);
    return high << 16 | wire_read_u16(reader);
}

/* Steps over one message, or fragment of one. */
static gboolean
is_message_plausible(DtlsFilterRole role, WireReader *reader)
{
    guint8 type = wire_read_u8(reader);
    guint length = read_u24(reader);
    wire_read_u16(reader); /* message_seq: OpenSSL drops what is out of its window */
    guint offset = read_u24(reader);
    guint fragment = read_u24(reader);
    const guint8 *bytes = wire_read_bytes(reader, fragment);

    if (!bytes || type >= 32 || !(allowed_messages[role] & BIT(type)))
        return FALSE;
    if (length > MAX_MESSAGE_SIZE || offset + fragment > length)
        return FALSE;
    if (fragment == 0 && length > 0)
        return FALSE;
    if (offset > 0)
        return TRUE; /* only what starts at the beginning can be read */
    return is_body_plausible(
        type, (Body){ .here = wire_reader(bytes, fragment), .missing = length - fragment });
}

static gboolean
is_handshake_plausible(DtlsFilterRole role, const guint8 *bytes, gsize size)
{
    WireReader reader = wire_reader(bytes, size);

    do {
        if (!is_message_plausible(role, &reader))
            return FALSE;
    } while (reader.left > 0);
    return TRUE;
}

gsize
dtls_filter_next_record(const guint8 *bytes, gsize size)
{
    WireReader reader = wire_reader(bytes, size);
    guint8 type = wire_read_u8(&reader);
    guint16 version = wire_read_u16(&reader);

    wire_read_bytes(&reader, 8); /* epoch and sequence number */
    gsize length = wire_read_u16(&reader);
    wire_read_bytes(&reader, length);
    if (reader.bad || type < RECORD_CHANGE_CIPHER_SPEC || type > RECORD_ACK ||
        (version != VERSION_1_0 && version != VERSION_1_2) || length > MAX_FRAGMENT_SIZE)
        return 0;
    return RECORD_HEADER_SIZE + length;
}

gboolean
dtls_filter_record(DtlsFilterRole role, gboolean is_established, const guint8 *record, gsize size)
{
    if (dtls_filter_next_record(record, size) != size || size <= RECORD_HEADER_SIZE)
        return FALSE;

    WireReader reader = wire_reader(record, size);
    guint8 type = wire_read_u8(&reader);
    wire_read_u16(&reader); /* version */
    guint16 epoch = wire_read_u16(&reader);
    wire_read_bytes(&reader, 8); /* sequence number and length */

    if (type > RECORD_APPLICATION_DATA || epoch > MAX_EPOCH)
        return FALSE;
    if (epoch > 0)
        return TRUE;
    if (is_established)
        return FALSE;
    if (type == RECORD_CHANGE_CIPHER_SPEC)
        return reader.left == 1 && reader.at[0] == 1; /* RFC 5246 section 7.1 */
    return type == RECORD_HANDSHAKE && is_handshake_plausible(role, reader.at, reader.left);
}

void
dtls_filter_renumber(guint8 *record, gsize size, guint32 *next_sequence)
{
    if (size < RECORD_HEADER_SIZE || record[3] != 0 || record[4] != 0)
        return;
    guint32 sequence = GUINT32_TO_BE(*next_sequence);
    record[5] = record[6] = 0;
    memcpy(record + 7, &sequence, sizeof sequence);
    (*next_sequence)++;
}
