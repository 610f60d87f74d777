#include "signaling/server/stun-message.h"

#include <string.h>

#define BYTES(text) (const guint8 *) text, sizeof(text) - 1
#define COOKIE "\x21\x12\xa4\x42"
#define ID "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"

typedef struct {
    const char *name;
    const guint8 *bytes;
    gsize size;
    StunAbility ability;
    StunVerdict verdict;
} ParseCase;

static const ParseCase cases[] = {
    { "plain", BYTES("\0\1\0\0" COOKIE ID), STUN_ONE_ADDRESS, STUN_BINDING },
    { "unknown-optional", BYTES("\0\1\0\10" COOKIE ID "\xff\xff\0\1x\0\0\0"), STUN_ONE_ADDRESS,
      STUN_BINDING },
    { "username", BYTES("\0\1\0\10" COOKIE ID "\0\6\0\3abc\0"), STUN_ONE_ADDRESS, STUN_BINDING },
    { "unknown-required", BYTES("\0\1\0\4" COOKIE ID "\x7f\xff\0\0"), STUN_ONE_ADDRESS,
      STUN_UNKNOWN },
    { "change-request-to-one-address", BYTES("\0\1\0\10" COOKIE ID "\0\3\0\4\0\0\0\6"),
      STUN_ONE_ADDRESS, STUN_UNKNOWN },
    { "change-request-to-two-addresses", BYTES("\0\1\0\10" COOKIE ID "\0\3\0\4\0\0\0\6"),
      STUN_TWO_ADDRESSES, STUN_BINDING },
    { "change-request-too-short", BYTES("\0\1\0\10" COOKIE ID "\0\3\0\2\0\6\0\0"),
      STUN_TWO_ADDRESSES, STUN_IGNORE },
    { "response-port", BYTES("\0\1\0\10" COOKIE ID "\0\x27\0\4\x10\x01\0\0"), STUN_TWO_ADDRESSES,
      STUN_BINDING },
    { "response-port-empty", BYTES("\0\1\0\4" COOKIE ID "\0\x27\0\0"), STUN_TWO_ADDRESSES,
      STUN_IGNORE },
    { "padding-to-one-address", BYTES("\0\1\0\10" COOKIE ID "\0\x26\0\4\0\0\0\0"), STUN_ONE_ADDRESS,
      STUN_UNKNOWN },

    { "nothing", BYTES(""), STUN_ONE_ADDRESS, STUN_IGNORE },
    { "cut-short", BYTES("\0\1\0\0" COOKIE "\xb7\xe7"), STUN_ONE_ADDRESS, STUN_IGNORE },
    { "no-cookie", BYTES("\0\1\0\0\0\0\0\0" ID), STUN_ONE_ADDRESS, STUN_IGNORE },
    { "indication", BYTES("\0\x11\0\0" COOKIE ID), STUN_ONE_ADDRESS, STUN_IGNORE },
    { "response", BYTES("\1\1\0\0" COOKIE ID), STUN_ONE_ADDRESS, STUN_IGNORE },
    { "error-response", BYTES("\1\x11\0\0" COOKIE ID), STUN_ONE_ADDRESS, STUN_IGNORE },
    { "allocate", BYTES("\0\3\0\0" COOKIE ID), STUN_ONE_ADDRESS, STUN_IGNORE },
    { "length-too-long", BYTES("\0\1\0\4" COOKIE ID), STUN_ONE_ADDRESS, STUN_IGNORE },
    { "length-too-short", BYTES("\0\1\0\0" COOKIE ID "\xff\xff\0\0"), STUN_ONE_ADDRESS,
      STUN_IGNORE },
    { "length-not-of-four", BYTES("\0\1\0\5" COOKIE ID "\xff\xff\0\1x"), STUN_ONE_ADDRESS,
      STUN_IGNORE },
    { "attribute-past-the-end", BYTES("\0\1\0\4" COOKIE ID "\xff\xff\0\4"), STUN_ONE_ADDRESS,
      STUN_IGNORE },
    { "attribute-header-cut", BYTES("\0\1\0\4" COOKIE ID "\xff\xff\xff\xff"), STUN_ONE_ADDRESS,
      STUN_IGNORE },
    { "wrong-fingerprint", BYTES("\0\1\0\10" COOKIE ID "\x80\x28\0\4\0\0\0\0"), STUN_ONE_ADDRESS,
      STUN_IGNORE },
    { "dtls", BYTES("\x16\xfe\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), STUN_ONE_ADDRESS,
      STUN_IGNORE },
};

/* RFC 5769 section 2.1; its PRIORITY is for ICE agents, which we are not. */
static const guint8 rfc5769_request[] =
    "\x00\x01\x00\x58\x21\x12\xa4\x42" ID "\x80\x22\x00\x10STUN test client"
    "\x00\x24\x00\x04\x6e\x00\x01\xff"
    "\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36"
    "\x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20"
    "\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71"
    "\xa2"
    "\x80\x28\x00\x04\xe5\x7a\x3b\xcf";

static void
assert_bytes(const guint8 *bytes, gsize size, const void *expected, gsize expected_size)
{
    g_assert_cmpuint(size, ==, expected_size);
    g_assert_true(size == 0 || memcmp(bytes, expected, size) == 0);
}

static void
test_parse(gconstpointer data)
{
    const ParseCase *c = data;
    g_autofree guint8 *bytes = g_memdup2(c->bytes, c->size);
    StunRequest request;

    g_assert_cmpint(stun_request_parse(&request, bytes, c->size, c->ability), ==, c->verdict);
}

static void
test_the_sample_request_of_rfc5769(void)
{
    StunRequest request;

    g_assert_cmpint(
        stun_request_parse(&request, rfc5769_request, sizeof rfc5769_request - 1, STUN_ONE_ADDRESS),
        ==, STUN_UNKNOWN);
    g_assert_true(request.has_fingerprint);
    g_assert_cmpuint(request.n_unknown, ==, 1);
    g_assert_cmphex(request.unknown[0], ==, 0x0024);
}

/* CRC-32 from its polynomial, most significant bit first: another way than the code's. */
static guint32
reference_fingerprint(const guint8 *bytes, gsize size)
{
    guint32 crc = 0xffffffff, reflected = 0;

    for (gsize i = 0; i < size * 8; i++) {
        guint32 bit = (guint32) bytes[i / 8] >> (i % 8) & 1;
        crc = crc << 1 ^ ((crc >> 31 ^ bit) ? 0x04c11db7u : 0u);
    }
    for (int i = 0; i < 32; i++)
        reflected |= (crc >> i & 1u) << (31 - i);
    return ~reflected ^ 0x5354554eu;
}

static void
append_fingerprint(GByteArray *bytes)
{
    guint32 be = GUINT32_TO_BE(reference_fingerprint(bytes->data, bytes->len));

    g_byte_array_append(bytes, BYTES("\x80\x28\0\4"));
    g_byte_array_append(bytes, (const guint8 *) &be, sizeof be);
}

static void
test_nothing_follows_a_fingerprint(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    StunRequest request;

    g_byte_array_append(bytes, BYTES("\0\1\0\10" COOKIE ID));
    append_fingerprint(bytes);
    g_assert_cmpint(stun_request_parse(&request, bytes->data, bytes->len, STUN_ONE_ADDRESS), ==,
                    STUN_BINDING);

    g_byte_array_set_size(bytes, 0);
    g_byte_array_append(bytes, BYTES("\0\1\0\14" COOKIE ID));
    append_fingerprint(bytes);
    g_byte_array_append(bytes, BYTES("\xff\xff\0\0"));
    g_assert_cmpint(stun_request_parse(&request, bytes->data, bytes->len, STUN_ONE_ADDRESS), ==,
                    STUN_IGNORE);
}

static void
test_an_answer_has_a_fingerprint_if_the_request_had_one(void)
{
    StunRequest request = { .has_fingerprint = TRUE };
    StunAddress address = { .size = 4 };
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GByteArray) expected = g_byte_array_new();

    stun_write_binding(&request, &address, NULL, NULL, out);
    g_byte_array_append(expected, out->data, out->len - 8);
    append_fingerprint(expected);
    assert_bytes(out->data, out->len, expected->data, expected->len);

    request.has_fingerprint = FALSE;
    g_byte_array_set_size(out, 0);
    stun_write_binding(&request, &address, NULL, NULL, out);
    g_assert_cmpuint(out->len, ==, expected->len - 8);
}

static void
test_changes(void)
{
    StunRequest request;

    stun_request_parse(&request, BYTES("\0\1\0\10" COOKIE ID "\0\3\0\4\0\0\0\4"),
                       STUN_TWO_ADDRESSES);
    g_assert_true(request.change_ip);
    g_assert_false(request.change_port);
    stun_request_parse(&request, BYTES("\0\1\0\10" COOKIE ID "\0\3\0\4\0\0\0\2"),
                       STUN_TWO_ADDRESSES);
    g_assert_false(request.change_ip);
    g_assert_true(request.change_port);
    stun_request_parse(&request, BYTES("\0\1\0\10" COOKIE ID "\0\x27\0\4\x10\x01\0\0"),
                       STUN_TWO_ADDRESSES);
    g_assert_cmphex(request.response_port, ==, 0x1001);
}

static StunRequest
sample(void)
{
    StunRequest request = { 0 };

    memcpy(request.transaction, ID, sizeof request.transaction);
    return request;
}

typedef struct {
    StunAddress address;
    const guint8 *expected;
    gsize size;
} MappedCase;

/* The mapped addresses of RFC 5769 sections 2.2 and 2.3. */
static const MappedCase mapped_cases[] = {
    { { .bytes = { 192, 0, 2, 1 }, .size = 4, .port = 32853 },
      BYTES("\0\x20\0\x08\0\1\xa1\x47\xe1\x12\xa6\x43") },
    { { .bytes = "\x20\x01\x0d\xb8\x12\x34\x56\x78\x00\x11\x22\x33\x44\x55\x66\x77",
        .size = 16,
        .port = 32853 },
      BYTES("\0\x20\0\x14\0\2\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2"
            "\xb9\xd9") },
};

static void
test_mapped_addresses_of_rfc5769(void)
{
    StunRequest request = sample();

    for (gsize i = 0; i < G_N_ELEMENTS(mapped_cases); i++) {
        const MappedCase *c = &mapped_cases[i];
        g_autoptr(GByteArray) out = g_byte_array_new();
        stun_write_binding(&request, &c->address, NULL, NULL, out);
        assert_bytes(out->data, 2, "\1\1", 2);
        g_assert_cmpuint((guint) out->data[2] << 8 | out->data[3], ==, out->len - 20);
        assert_bytes(out->data + 20, c->size, c->expected, c->size);
    }
}

static void
test_other_address_and_origin(void)
{
    StunRequest request = sample();
    StunAddress mapped = { { 192, 0, 2, 9 }, 4, 1 }, origin = { { 192, 0, 2, 1 }, 4, 3478 },
                other = { { 192, 0, 2, 2 }, 4, 3479 };
    g_autoptr(GByteArray) out = g_byte_array_new();

    stun_write_binding(&request, &mapped, &origin, &other, out);
    g_assert_nonnull(memmem(out->data, out->len, "\x80\x2b\0\x08\0\1\x0d\x96\xc0\0\2\1", 12));
    g_assert_nonnull(memmem(out->data, out->len, "\x80\x2c\0\x08\0\1\x0d\x97\xc0\0\2\2", 12));
}

static void
test_answers_stay_small(void)
{
    StunRequest request = sample();
    StunAddress address = { .size = 16 };
    g_autoptr(GByteArray) out = g_byte_array_new();

    request.has_fingerprint = TRUE;
    request.padding = 101;
    stun_write_binding(&request, &address, &address, &address, out);
    g_assert_cmpuint(out->len, <=, STUN_MAX_RESPONSE_BYTES + 104);
    g_assert_cmpuint(out->len % 4, ==, 0);

    g_byte_array_set_size(out, 0);
    request.n_unknown = STUN_MAX_UNKNOWN;
    stun_write_unknown(&request, out);
    g_assert_cmpuint(out->len, <=, STUN_MAX_RESPONSE_BYTES);
}

static void
test_unknown_attributes_are_listed(void)
{
    StunRequest request;
    g_autoptr(GByteArray) out = g_byte_array_new();

    stun_request_parse(&request, BYTES("\0\1\0\4" COOKIE ID "\x7f\xfe\0\0"), STUN_ONE_ADDRESS);
    stun_write_unknown(&request, out);
    assert_bytes(out->data, 2, "\1\x11", 2);
    g_assert_nonnull(memmem(out->data, out->len, "\0\x0a\0\2\x7f\xfe\0\0", 8));
    g_assert_nonnull(memmem(out->data, out->len, "\0\0\4\x14", 4));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/stun-message/parse/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], test_parse);
    }
    g_test_add_func("/stun-message/rfc5769-request", test_the_sample_request_of_rfc5769);
    g_test_add_func("/stun-message/after-fingerprint", test_nothing_follows_a_fingerprint);
    g_test_add_func("/stun-message/answer-fingerprint",
                    test_an_answer_has_a_fingerprint_if_the_request_had_one);
    g_test_add_func("/stun-message/changes", test_changes);
    g_test_add_func("/stun-message/rfc5769-mapped", test_mapped_addresses_of_rfc5769);
    g_test_add_func("/stun-message/other-address", test_other_address_and_origin);
    g_test_add_func("/stun-message/small", test_answers_stay_small);
    g_test_add_func("/stun-message/unknown", test_unknown_attributes_are_listed);
    return g_test_run();
}
