#include "datachannel/dcep.h"

#include <string.h>

typedef struct {
    const char *name;
    gsize size;
    guint8 bytes[32];
    const char *error; /* part of the message, or NULL where it must parse */
} ParseCase;

static const ParseCase parse_cases[] = {
    { "reliable-ordered",
      17,
      { 3, 0x00, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 'c', 'h', 'a', 't', 'p' },
      NULL },
    { "unordered-3-retransmits", 12, { 3, 0x81, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0 }, NULL },
    { "cut-short", 11, { 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "lengths" },
    { "trailing-byte", 13, { 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9 }, "lengths" },
    { "label-past-the-end", 12, { 3, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0 }, "lengths" },
    { "unknown-message", 12, { 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "message type (7)" },
    { "unknown-channel-type", 12, { 3, 0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "channel type (131)" },
    { "label-not-utf8", 13, { 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0xff }, "UTF-8" },
};

static void
test_parse(gconstpointer data)
{
    const ParseCase *c = data;
    g_auto(DcepOpen) open = { 0 };
    g_autoptr(GError) error = NULL;

    gboolean parsed = dcep_open_parse(&open, c->bytes, c->size, &error);

    g_assert_true(parsed == (c->error == NULL));
    if (c->error)
        g_assert_nonnull(strstr(error->message, c->error));
}

static void
test_what_is_written_is_read_back(void)
{
    DcepOpen sent = { .reliability = DCEP_MAX_PACKET_LIFE_TIME,
                      .reliability_parameter = 250,
                      .ordered = FALSE,
                      .priority = 512,
                      .label = (char *) "破壁者",
                      .protocol = (char *) "" };
    g_auto(DcepOpen) got = { 0 };
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    dcep_open_write(&sent, bytes);

    g_assert_true(dcep_open_parse(&got, bytes->data, bytes->len, &error));
    g_assert_no_error(error);
    g_assert_cmpint(got.reliability, ==, sent.reliability);
    g_assert_cmpuint(got.reliability_parameter, ==, 250);
    g_assert_false(got.ordered);
    g_assert_cmpuint(got.priority, ==, 512);
    g_assert_cmpstr(got.label, ==, sent.label);
    g_assert_cmpstr(got.protocol, ==, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(parse_cases); i++) {
        g_autofree char *path = g_strconcat("/dcep/parse/", parse_cases[i].name, NULL);
        g_test_add_data_func(path, &parse_cases[i], test_parse);
    }
    g_test_add_func("/dcep/what-is-written-is-read-back", test_what_is_written_is_read_back);
    return g_test_run();
}
