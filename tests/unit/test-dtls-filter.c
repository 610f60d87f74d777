#include "datachannel/dtls-filter.h"

#include <string.h>

#define HEADER_SIZE 13

/* --- forged records, each an honest one with a few bytes changed --- */

/* A ClientHello without cookie and session, one cipher suite, one empty extension. */
static const guint8 client_hello[] = {
    22,   0xfe, 0xff, 0,    0, 0, 0, 0, 0, 0, 0, 0,  60, /* record */
    1,    0,    0,    48,   0, 0, 0, 0, 0, 0, 0, 48,     /* 13: message */
    0xfe, 0xfd,                                          /* 25: version */
    1,    2,    3,    4,    5, 6, 7, 8, 1, 2, 3, 4,  5,  6, 7, 8, 1,
    2,    3,    4,    5,    6, 7, 8, 1, 2, 3, 4, 5,  6,  7, 8, 0, /* 59: session id */
    0,                                                            /* 60: cookie */
    0,    2,    0xc0, 0x2b,                                       /* 61: cipher suites */
    1,    0,                                                      /* 65: compression methods */
    0,    4,                                                      /* 67: extensions */
    0,    0x17, 0,    0,                                          /* 69: extended master secret */
};

static const guint8
    server_hello
        [] = {
            22,   0xfe, 0xfd, 0, 0, 0, 0, 0,  0, 0, 0, 0, 56, 2, 0, 0, 44,
            0,    0,    0,    0, 0, 0, 0, 44, /* 13:
                                                 message
                                               */
            0xfe, 0xfd,                       /* 25: version */
            1,    2,    3,    4, 5, 6, 7, 8,  1, 2, 3, 4, 5,  6, 7, 8, 1,
            2,    3,    4,    5, 6, 7, 8, 1,  2, 3, 4, 5, 6,  7, 8, 0, /* 59: session id */
            0xc0, 0x2b,                                                /* 60: cipher suite */
            0,                                                         /* 62: compression method */
            0,    4,                                                   /* 63: extensions */
            0,    0x17, 0,    0,
        };

typedef struct {
    const char *name;
    guint at;
    guint8 value;
} Edit;

static const Edit client_hello_edits[] = {
    { "content type 19", 0, 19 },
    { "alert", 0, 21 },
    { "application data", 0, 23 },
    { "heartbeat", 0, 24 },
    { "content type 27", 0, 27 },
    { "change cipher spec of many bytes", 0, 20 },
    { "record version of TLS", 1, 3 },
    { "record version of DTLS 1.3", 2, 0xfc },
    { "epoch 2", 4, 2 },
    { "record longer than the bytes", 12, 61 },
    { "record shorter than the bytes", 12, 59 },
    { "hello request", 13, 0 },
    { "server hello to a server", 13, 2 },
    { "server key exchange to a server", 13, 12 },
    { "finished in the clear", 13, 20 },
    { "message type 24", 13, 24 },
    { "message type 33", 13, 33 },
    { "message type 255", 13, 255 },
    { "message of 65 KiB", 14, 1 },
    { "message shorter than its fragment", 16, 47 },
    { "fragment past the end of its message", 21, 1 },
    { "fragment at 16 MiB", 19, 255 },
    { "fragment past the end of the record", 24, 49 },
    { "empty fragment", 24, 0 },
    { "fragment that leaves a bit of the record", 24, 40 },
    { "version of TLS 1.2", 25, 3 },
    { "version DTLS 1.0", 26, 0xff },
    { "session id of 33", 59, 33 },
    { "session id into the suites", 59, 4 },
    { "cookie past the end", 60, 255 },
    { "cookie into the suites", 60, 1 },
    { "no cipher suites", 62, 0 },
    { "odd size of cipher suites", 62, 3 },
    { "cipher suites past the end", 61, 1 },
    { "no compression methods", 65, 0 },
    { "no null compression", 66, 1 },
    { "extensions past the end", 68, 5 },
    { "bytes behind the extensions", 68, 3 },
    { "extension past the end", 72, 1 },
};

static const Edit server_hello_edits[] = {
    { "client hello to a client", 13, 1 },
    { "client key exchange to a client", 13, 16 },
    { "certificate verify to a client", 13, 15 },
    { "server hello done with a body", 13, 14 },
    { "hello verify request with other contents", 13, 3 },
    { "certificate with other contents", 13, 11 },
    { "version DTLS 1.0", 26, 0xff },
    { "session id of 33", 59, 33 },
    { "session id past the end", 59, 32 },
    { "compression", 62, 1 },
    { "extensions past the end", 64, 5 },
    { "extensions too short", 64, 0 },
    { "extension past the end", 68, 1 },
};

static gboolean
passes(DtlsFilterRole role, const guint8 *bytes, gsize size)
{
    /* A copy of the exact size, so that a sanitizer sees every step too far. */
    g_autofree guint8 *copy = g_memdup2(bytes, size);
    return dtls_filter_record(role, FALSE, copy, size);
}

static void
check_edits(DtlsFilterRole role, const guint8 *honest, gsize size, const Edit *edits, gsize n)
{
    g_assert_true(passes(role, honest, size));
    g_assert_false(dtls_filter_record(role, TRUE, honest, size));
    for (gsize i = 0; i < n; i++) {
        g_autofree guint8 *forged = g_memdup2(honest, size);
        g_test_message("%s", edits[i].name);
        g_assert_cmpuint(forged[edits[i].at], !=, edits[i].value);
        forged[edits[i].at] = edits[i].value;
        g_assert_false(passes(role, forged, size));
    }
    for (gsize cut = 0; cut < size; cut++)
        g_assert_false(passes(role, honest, cut));
}

static void
test_forged_hellos_are_dropped(void)
{
    check_edits(DTLS_FILTER_SERVER, client_hello, sizeof client_hello, client_hello_edits,
                G_N_ELEMENTS(client_hello_edits));
    check_edits(DTLS_FILTER_CLIENT, server_hello, sizeof server_hello, server_hello_edits,
                G_N_ELEMENTS(server_hello_edits));
    g_assert_false(passes(DTLS_FILTER_CLIENT, client_hello, sizeof client_hello));
    g_assert_false(passes(DTLS_FILTER_SERVER, server_hello, sizeof server_hello));
}

#define RECORD(type, epoch, size) type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 7, 0, size
#define MESSAGE(type, size) type, 0, 0, size, 0, 1, 0, 0, 0, 0, 0, size

static const struct {
    const char *name;
    gsize size;
    guint8 bytes[48];
    gboolean to_client, to_server, when_established;
} records[] = {
    { "plaintext alert", 15, { RECORD(21, 0, 2), 2, 40 }, FALSE, FALSE, FALSE },
    { "encrypted alert", 15, { RECORD(21, 1, 2), 2, 40 }, TRUE, TRUE, TRUE },
    { "change cipher spec", 14, { RECORD(20, 0, 1), 1 }, TRUE, TRUE, FALSE },
    { "change cipher spec of 2", 14, { RECORD(20, 0, 1), 2 }, FALSE, FALSE, FALSE },
    { "two change cipher specs", 15, { RECORD(20, 0, 2), 1, 1 }, FALSE, FALSE, FALSE },
    { "plaintext data", 14, { RECORD(23, 0, 1), 1 }, FALSE, FALSE, FALSE },
    { "encrypted data", 14, { RECORD(23, 1, 1), 1 }, TRUE, TRUE, TRUE },
    { "encrypted heartbeat", 14, { RECORD(24, 1, 1), 1 }, FALSE, FALSE, FALSE },
    { "encrypted acknowledgement", 14, { RECORD(26, 1, 1), 1 }, FALSE, FALSE, FALSE },
    { "empty handshake record", 13, { RECORD(22, 0, 0) }, FALSE, FALSE, FALSE },
    { "empty encrypted record", 13, { RECORD(22, 1, 0) }, FALSE, FALSE, FALSE },
    { "half a message header", 19, { RECORD(22, 0, 6), 14, 0, 0, 0, 0, 0 }, FALSE, FALSE, FALSE },
    { "server hello done", 25, { RECORD(22, 0, 12), MESSAGE(14, 0) }, TRUE, FALSE, FALSE },
    { "server hello done, then rubbish",
      26,
      { RECORD(22, 0, 13), MESSAGE(14, 0), 9 },
      FALSE,
      FALSE,
      FALSE },
    { "server hello done, then a client's",
      38,
      { RECORD(22, 0, 25), MESSAGE(14, 0), MESSAGE(16, 1), 0 },
      FALSE,
      FALSE,
      FALSE },
    { "two good messages",
      38,
      { RECORD(22, 0, 25), MESSAGE(12, 1), 0, MESSAGE(14, 0) },
      TRUE,
      FALSE,
      FALSE },
    { "empty server key exchange", 25, { RECORD(22, 0, 12), MESSAGE(12, 0) }, FALSE, FALSE, FALSE },
    { "hello request", 25, { RECORD(22, 0, 12), MESSAGE(0, 0) }, FALSE, FALSE, FALSE },
    { "hello verify request",
      29,
      { RECORD(22, 0, 16), MESSAGE(3, 4), 0xfe, 0xff, 1, 7 },
      TRUE,
      FALSE,
      FALSE },
    { "hello verify request with more",
      30,
      { RECORD(22, 0, 17), MESSAGE(3, 5), 0xfe, 0xff, 1, 7, 7 },
      FALSE,
      FALSE,
      FALSE },
    { "hello verify request cut",
      28,
      { RECORD(22, 0, 15), MESSAGE(3, 3), 0xfe, 0xff, 1 },
      FALSE,
      FALSE,
      FALSE },
    { "no certificate", 28, { RECORD(22, 0, 15), MESSAGE(11, 3), 0, 0, 0 }, TRUE, TRUE, FALSE },
    { "one certificate",
      32,
      { RECORD(22, 0, 19), MESSAGE(11, 7), 0, 0, 4, 0, 0, 1, 9 },
      TRUE,
      TRUE,
      FALSE },
    { "certificate list too short",
      32,
      { RECORD(22, 0, 19), MESSAGE(11, 7), 0, 0, 3, 0, 0, 1, 9 },
      FALSE,
      FALSE,
      FALSE },
    { "certificate past its list",
      32,
      { RECORD(22, 0, 19), MESSAGE(11, 7), 0, 0, 4, 0, 0, 2, 9 },
      FALSE,
      FALSE,
      FALSE },
    { "certificate of no bytes",
      31,
      { RECORD(22, 0, 18), MESSAGE(11, 6), 0, 0, 3, 0, 0, 0 },
      FALSE,
      FALSE,
      FALSE },
    { "client key exchange", 26, { RECORD(22, 0, 13), MESSAGE(16, 1), 0 }, FALSE, TRUE, FALSE },
    { "finished in the clear", 37, { RECORD(22, 0, 24), MESSAGE(20, 12) }, FALSE, FALSE, FALSE },
    { "STUN", 20, { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 }, FALSE, FALSE, FALSE },
};

static void
test_each_record_passes_where_it_may(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(records); i++) {
        const guint8 *bytes = records[i].bytes;
        gsize size = records[i].size;

        g_test_message("%s", records[i].name);
        g_assert_true(passes(DTLS_FILTER_CLIENT, bytes, size) == records[i].to_client);
        g_assert_true(passes(DTLS_FILTER_SERVER, bytes, size) == records[i].to_server);
        for (int role = DTLS_FILTER_CLIENT; role <= DTLS_FILTER_SERVER; role++)
            g_assert_true(dtls_filter_record((DtlsFilterRole) role, TRUE, bytes, size) ==
                          records[i].when_established);
    }
}

/* --- a ClientHello of Chromium's size, in two datagrams --- */

static GByteArray *
make_fragment(const guint8 *body, guint length, guint offset, guint size)
{
    const guint8 header[] = { 22,
                              0xfe,
                              0xff,
                              0,
                              0,
                              0,
                              0,
                              0,
                              0,
                              0,
                              (guint8) (offset != 0),
                              (guint8) ((size + 12) >> 8),
                              (guint8) (size + 12),
                              1,
                              0,
                              (guint8) (length >> 8),
                              (guint8) length,
                              0,
                              0,
                              0,
                              (guint8) (offset >> 8),
                              (guint8) offset,
                              0,
                              (guint8) (size >> 8),
                              (guint8) size };
    GByteArray *record = g_byte_array_new();

    g_byte_array_append(record, header, sizeof header);
    return g_byte_array_append(record, body + offset, size);
}

static GByteArray *
make_large_hello(void)
{
    enum { KEY_SHARE = 1216 + 32 }; /* what X25519MLKEM768 takes */
    GByteArray *body = g_byte_array_new();
    const guint8 sizes[] = { (KEY_SHARE + 8) >> 8, (KEY_SHARE + 8) & 0xff, 0, 0x17, 0, 0, 0, 51,
                             KEY_SHARE >> 8,       KEY_SHARE & 0xff };

    g_byte_array_append(body, client_hello + 25, 42);
    g_byte_array_append(body, sizes, sizeof sizes);
    g_byte_array_set_size(body, body->len + KEY_SHARE);
    return body;
}

static void
test_a_hello_in_fragments_passes_at_any_cut(void)
{
    g_autoptr(GByteArray) body = make_large_hello();

    for (guint cut = 1; cut < body->len; cut++) {
        g_autoptr(GByteArray) first = make_fragment(body->data, body->len, 0, cut);
        g_autoptr(GByteArray) second = make_fragment(body->data, body->len, cut, body->len - cut);
        g_assert_true(passes(DTLS_FILTER_SERVER, first->data, first->len));
        g_assert_true(passes(DTLS_FILTER_SERVER, second->data, second->len));
        g_assert_false(passes(DTLS_FILTER_CLIENT, second->data, second->len));
    }
}

static void
test_a_bad_first_fragment_is_dropped(void)
{
    static const Edit edits[] = { { "version", 0, 3 },          { "session id", 34, 33 },
                                  { "odd suites", 37, 3 },      { "compression", 40, 0 },
                                  { "no null", 41, 1 },         { "extensions too long", 42, 255 },
                                  { "extensions short", 43, 0 } };

    for (gsize i = 0; i < G_N_ELEMENTS(edits); i++) {
        g_autoptr(GByteArray) body = make_large_hello();
        g_test_message("%s", edits[i].name);
        body->data[edits[i].at] = edits[i].value;
        g_autoptr(GByteArray) first = make_fragment(body->data, body->len, 0, 1000);
        g_assert_false(passes(DTLS_FILTER_SERVER, first->data, first->len));
    }
}

/* --- records in a buffer --- */

static void
test_glued_records_are_told_apart(void)
{
    static const guint8 glued[] = { RECORD(20, 0, 1), 1, RECORD(23, 1, 0), RECORD(21, 1, 2), 5, 6 };

    g_assert_cmpuint(dtls_filter_next_record(glued, sizeof glued), ==, 14);
    g_assert_cmpuint(dtls_filter_next_record(glued + 14, sizeof glued - 14), ==, 13);
    g_assert_cmpuint(dtls_filter_next_record(glued + 27, sizeof glued - 27), ==, 15);
    g_assert_cmpuint(dtls_filter_next_record(glued + 27, 14), ==, 0);
    g_assert_cmpuint(dtls_filter_next_record(glued, 0), ==, 0);
    g_assert_false(dtls_filter_record(DTLS_FILTER_CLIENT, FALSE, glued, sizeof glued));
}

static void
test_a_record_has_a_largest_size(void)
{
    gsize largest = 16384 + 2048;
    g_autofree guint8 *record = g_malloc0(HEADER_SIZE + largest + 1);
    const guint8 header[] = { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0x48, 0 };

    memcpy(record, header, sizeof header);
    g_assert_cmpuint(dtls_filter_next_record(record, HEADER_SIZE + largest), ==,
                     HEADER_SIZE + largest);
    record[12] = 1;
    g_assert_cmpuint(dtls_filter_next_record(record, HEADER_SIZE + largest + 1), ==, 0);
}

static void
test_only_epoch_0_is_renumbered(void)
{
    guint8 clear[] = { 20, 0xfe, 0xfd, 0, 0, 255, 255, 255, 255, 255, 255, 0, 1, 1 };
    guint8 closed[] = { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 1 };
    static const guint8 expected[] = { 20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 1 };
    guint32 next = 258;

    dtls_filter_renumber(clear, sizeof clear, &next);
    g_assert_cmpint(memcmp(clear, expected, sizeof clear), ==, 0);
    g_assert_cmpuint(next, ==, 259);
    dtls_filter_renumber(closed, sizeof closed, &next);
    g_assert_cmpuint(closed[10], ==, 9);
    g_assert_cmpuint(next, ==, 259);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dtls-filter/forged-hellos-are-dropped", test_forged_hellos_are_dropped);
    g_test_add_func("/dtls-filter/each-record-passes-where-it-may",
                    test_each_record_passes_where_it_may);
    g_test_add_func("/dtls-filter/a-hello-in-fragments-passes-at-any-cut",
                    test_a_hello_in_fragments_passes_at_any_cut);
    g_test_add_func("/dtls-filter/a-bad-first-fragment-is-dropped",
                    test_a_bad_first_fragment_is_dropped);
    g_test_add_func("/dtls-filter/glued-records-are-told-apart", test_glued_records_are_told_apart);
    g_test_add_func("/dtls-filter/a-record-has-a-largest-size", test_a_record_has_a_largest_size);
    g_test_add_func("/dtls-filter/only-epoch-0-is-renumbered", test_only_epoch_0_is_renumbered);
    return g_test_run();
}
