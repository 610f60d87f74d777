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
    { "empty", 0, { 0 }, "message type (0)" },
    { "ack", 1, { 2 }, "message type (2)" },
    { "type-alone", 1, { 3 }, "lengths" },
    { "reliable-unordered", 12, { 3, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, NULL },
    { "ordered-3-retransmits", 12, { 3, 0x01, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0 }, NULL },
    { "ordered-lifetime", 12, { 3, 0x02, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0 }, NULL },
    { "unordered-lifetime", 12, { 3, 0x82, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0 }, NULL },
    { "reserved-channel-type", 12, { 3, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "type (127)" },
    { "unknown-channel-type", 12, { 3, 0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "channel type (131)" },
    { "label-not-utf8",
      13,
      { 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0xff },
      "the label is not UTF-8" },
    { "protocol-not-utf8",
      14,
      { 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 'a', 0xc3 },
      "the protocol is" },
    { "label-with-a-zero-byte", 13, { 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 }, "zero bytes" },
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

static void
test_all_six_channel_types_are_read_back(void)
{
    for (guint i = 0; i < 6; i++) {
        DcepOpen sent = { .reliability = (DcepReliability) (i / 2),
                          .reliability_parameter = i,
                          .ordered = i % 2 == 0,
                          .label = (char *) "",
                          .protocol = (char *) "p" };
        g_auto(DcepOpen) got = { 0 };
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        dcep_open_write(&sent, bytes);
        g_assert_cmpuint(bytes->data[1], ==, i / 2 + (i % 2 ? 0x80 : 0));
        g_assert_true(dcep_open_parse(&got, bytes->data, bytes->len, NULL));
        g_assert_cmpint(got.reliability, ==, sent.reliability);
        g_assert_cmpint(got.ordered, ==, sent.ordered);
        g_assert_cmpuint(got.reliability_parameter, ==, i);
    }
}

static void
test_label_and_protocol_may_have_65535_bytes(void)
{
    g_autofree char *longest = g_strnfill(DCEP_TEXT_MAX_BYTES, 'x');
    g_autofree char *too_long = g_strnfill(DCEP_TEXT_MAX_BYTES + 1, 'x');
    DcepOpen sent = { .ordered = TRUE, .label = longest, .protocol = longest };
    g_auto(DcepOpen) got = { 0 };
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    g_assert_true(dcep_is_text(longest) && dcep_is_text(""));
    g_assert_false(dcep_is_text(too_long) || dcep_is_text("\xff"));
    dcep_open_write(&sent, bytes);
    g_assert_true(dcep_open_parse(&got, bytes->data, bytes->len, NULL));
    g_assert_cmpstr(got.label, ==, longest);
    g_assert_cmpstr(got.protocol, ==, longest);
}

static const struct {
    gsize size;
    guint8 bytes[2];
    int type; /* -1: none of them */
    const char *type_error, *ack_error;
} type_cases[] = {
    { 1, { 2 }, DCEP_ACK, NULL, NULL },
    { 2, { 2, 0 }, DCEP_ACK, NULL, "more than one byte (2)" },
    { 1, { 3 }, DCEP_OPEN, NULL, "another message type (3)" },
    { 1, { 0 }, -1, "unknown message type (0)", "unknown message type (0)" },
    { 1, { 4 }, -1, "unknown message type (4)", "unknown message type (4)" },
    { 1, { 0xff }, -1, "unknown message type (255)", "unknown message type (255)" },
    { 0, { 0 }, -1, "an empty message", "an empty message" },
};

static void
test_type_and_ack(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(type_cases); i++) {
        const guint8 *bytes = type_cases[i].bytes;
        DcepType type;
        g_autoptr(GError) type_error = NULL;
        g_autoptr(GError) ack_error = NULL;

        if (dcep_type(bytes, type_cases[i].size, &type, &type_error))
            g_assert_cmpint((int) type, ==, type_cases[i].type);
        else
            g_assert_nonnull(strstr(type_error->message, type_cases[i].type_error));
        g_assert_true(dcep_ack_parse(bytes, type_cases[i].size, &ack_error) ==
                      (type_cases[i].ack_error == NULL));
        if (ack_error)
            g_assert_nonnull(strstr(ack_error->message, type_cases[i].ack_error));
    }
}

static void
test_an_ack_is_its_type(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    dcep_ack_write(bytes);
    g_assert_true(dcep_ack_parse(bytes->data, bytes->len, NULL));
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
    g_test_add_func("/dcep/all-six-channel-types-are-read-back",
                    test_all_six_channel_types_are_read_back);
    g_test_add_func("/dcep/label-and-protocol-may-have-65535-bytes",
                    test_label_and_protocol_may_have_65535_bytes);
    g_test_add_func("/dcep/type-and-ack", test_type_and_ack);
    g_test_add_func("/dcep/an-ack-is-its-type", test_an_ack_is_its_type);
    return g_test_run();
}
