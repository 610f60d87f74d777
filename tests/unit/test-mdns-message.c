#include "ice/mdns-message.h"

#include <string.h>

#define NAME "Ab-1.local"
#define HEADER(flags, qd, an, ns, ar) "\0\0" flags "\0" qd "\0" an "\0" ns "\0" ar
#define ANSWER "\x84\0"
#define LABELS "\4Ab-1\5local\0"
#define TTL "\0\0\0\x78"
#define A_DATA "\0\4\xc0\0\2\7"
#define AAAA_DATA "\0\x10\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define A "\0\1\x80\1" TTL A_DATA
#define AAAA "\0\x1c\0\1" TTL AAAA_DATA

/* sizeof counts the literal's own NUL */
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *name;
    const char *bytes;
    gsize size;
    const char *found; /* the addresses, parted by spaces */
} cases[] = {
    { "a-record", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") LABELS A), "192.0.2.7" },
    { "aaaa-record", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") LABELS AAAA), "2001:db8::1" },
    { "both", BYTES(HEADER(ANSWER, "\0", "\2", "\0", "\0") LABELS A "\xc0\xc" AAAA),
      "192.0.2.7 2001:db8::1" },
    { "other-case", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\4aB-1\5LOCAL\0" A),
      "192.0.2.7" },
    { "additional-record", BYTES(HEADER(ANSWER, "\0", "\0", "\0", "\1") LABELS A), "192.0.2.7" },
    { "after-question",
      BYTES(HEADER(ANSWER, "\1", "\1", "\0", "\0") LABELS "\0\1\0\1"
                                                          "\xc0\xc" A),
      "192.0.2.7" },
    { "suffix-compressed",
      BYTES(HEADER(ANSWER, "\1", "\1", "\0", "\0") "\1x\5local\0\0\1\0\1"
                                                   "\4Ab-1\xc0\xe" A),
      "192.0.2.7" },
    { "after-other-records",
      BYTES(HEADER(ANSWER, "\0", "\2", "\0", "\0") "\1x\0\0\x10\0\1" TTL "\0\3abc" LABELS A),
      "192.0.2.7" },
    { "no-records", BYTES(HEADER(ANSWER, "\0", "\0", "\0", "\0")), "" },
    { "other-name", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\4Ab-2\5local\0" A), "" },
    { "longer-name", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\4Ab-1\5local\1x\0" A), "" },
    { "dot-inside-a-label",
      BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\xa"
                                                   "Ab-1.local\0" A),
      "" },
    { "goodbye", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") LABELS "\0\1\x80\1\0\0\0\0" A_DATA),
      "" },
    { "other-class", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") LABELS "\0\1\x80\3" TTL A_DATA),
      "" },
    { "a-of-16-bytes",
      BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") LABELS "\0\1\x80\1" TTL AAAA_DATA), "" },
    { "multicast-address",
      BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") LABELS "\0\1\x80\1" TTL "\0\4\xe0\0\0\1"), "" },
    { "unspecified-address",
      BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") LABELS "\0\1\x80\1" TTL "\0\4\0\0\0\0"), "" },
    { "query", BYTES(HEADER("\0\0", "\0", "\1", "\0", "\0") LABELS A), "" },
    { "opcode", BYTES(HEADER("\x8c\0", "\0", "\1", "\0", "\0") LABELS A), "" },
    { "rcode", BYTES(HEADER("\x84\3", "\0", "\1", "\0", "\0") LABELS A), "" },
    { "one-record-missing", BYTES(HEADER(ANSWER, "\0", "\2", "\0", "\0") LABELS A), "" },
    { "question-cut", BYTES(HEADER(ANSWER, "\1", "\0", "\0", "\0") LABELS "\0\1\0"), "" },
    { "data-past-the-end",
      BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") LABELS "\0\1\x80\1" TTL "\0\5\xc0\0\2\7"), "" },
    { "label-past-the-end",
      BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\x3f"
                                                   "Ab-1"),
      "" },
    { "pointer-to-itself", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\xc0\xc" A), "" },
    { "pointer-forward", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\xc0\xe" LABELS A), "" },
    { "pointer-back-into-its-own-name",
      BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\1x\1y\xc0\xe" A), "" },
    { "pointers-in-a-ring",
      BYTES(HEADER(ANSWER, "\1", "\1", "\0", "\0") "\1x\xc0\x12\0\1\0\1\xc0\xc" A), "" },
    { "pointer-cut", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\xc0"), "" },
    { "extended-label", BYTES(HEADER(ANSWER, "\0", "\1", "\0", "\0") "\x41x\0" A), "" },
    { "empty", BYTES(""), "" },
    { "header-cut", BYTES("\0\0" ANSWER "\0\0\0\1\0\0\0"), "" },
};

static char *
find(const char *bytes, gsize size)
{
    Address addresses[4];
    GString *found = g_string_new(NULL);
    /* A copy of the exact size, so that a sanitizer sees every step too far. */
    g_autofree guint8 *copy = g_memdup2(bytes, size);
    guint n = mdns_response_parse(copy, size, NAME, addresses, G_N_ELEMENTS(addresses));

    for (guint i = 0; i < n; i++) {
        g_autofree char *text = address_to_string(&addresses[i]);
        g_assert_cmpuint(addresses[i].port, ==, 0);
        g_string_append_printf(found, "%s%s", i ? " " : "", text);
    }
    return g_string_free(found, FALSE);
}

static void
test_answers_are_read_and_others_ignored(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_autofree char *found = find(cases[i].bytes, cases[i].size);
        g_assert_cmpstr(found, ==, cases[i].found);
    }
}

static void
test_cut_anywhere_gives_nothing(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        for (gsize size = 0; size < cases[i].size; size++) {
            g_autofree char *found = find(cases[i].bytes, size);
            g_assert_cmpstr(found, ==, "");
        }
}

static void
test_no_more_addresses_than_there_is_room_for(void)
{
    static const char bytes[] = HEADER(ANSWER, "\0", "\2", "\0", "\0") LABELS A "\xc0\xc" AAAA;
    Address address;

    g_assert_cmpuint(
        mdns_response_parse((const guint8 *) bytes, sizeof bytes - 1, NAME, &address, 1), ==, 1);
    g_assert_cmpuint(address.family, ==, 4);
}

static void
test_query_asks_for_both_families_by_multicast(void)
{
    static const char expected[] = "\0\0\0\0\0\2\0\0\0\0\0\0" LABELS "\0\1\0\1" LABELS "\0\x1c\0\1";
    g_autoptr(GByteArray) query = g_byte_array_new();

    mdns_query_write(NAME, query);
    g_assert_cmpuint(query->len, ==, sizeof expected - 1);
    g_assert_cmpint(memcmp(query->data, expected, query->len), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mdns-message/answers-are-read-and-others-ignored",
                    test_answers_are_read_and_others_ignored);
    g_test_add_func("/mdns-message/cut-anywhere-gives-nothing", test_cut_anywhere_gives_nothing);
    g_test_add_func("/mdns-message/no-more-addresses-than-there-is-room-for",
                    test_no_more_addresses_than_there_is_room_for);
    g_test_add_func("/mdns-message/query-asks-for-both-families-by-multicast",
                    test_query_asks_for_both_families_by_multicast);
    return g_test_run();
}
