#include "datachannel/text.h"

typedef struct {
    const char *name;
    gsize size;
    const char *bytes;
    gboolean is_utf8;
} TextCase;

static const TextCase text_cases[] = {
    { "empty", 0, "", TRUE },
    { "ascii", 5, "hello", TRUE },
    { "four-bytes", 4, "\xf0\x9f\x8c\x8d", TRUE },
    { "zero-in-the-middle", 3, "a\0b", TRUE },
    { "zeros-alone", 2, "\0\0", TRUE },
    { "zero-at-the-end", 3, "\xc3\xa4\0", TRUE },
    { "cut-short", 1, "\xc3", FALSE },
    { "cut-short-by-a-zero", 3, "\xc3\0\xa4", FALSE },
    { "bad-behind-a-zero", 3, "a\0\xff", FALSE },
    { "surrogate", 3, "\xed\xa0\x80", FALSE },
    { "overlong", 2, "\xc0\x80", FALSE },
};

static void
test_text(gconstpointer data)
{
    const TextCase *c = data;
    g_assert_true(text_is_utf8((const guint8 *) c->bytes, c->size) == c->is_utf8);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(text_cases); i++) {
        g_autofree char *path = g_strconcat("/text/", text_cases[i].name, NULL);
        g_test_add_data_func(path, &text_cases[i], test_text);
    }
    return g_test_run();
}
