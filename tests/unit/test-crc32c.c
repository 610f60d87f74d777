/* Checked against the published vectors, and against cutting the bytes anywhere. */
#include "datachannel/crc32c.h"

#define LONGEST 64

typedef guint32 (*Update)(guint32 crc, const guint8 *bytes, gsize size);

static const struct {
    const char *name;
    Update update;
} implementations[] = {
    { "fastest", crc32c_update },
    { "portable", crc32c_update_portable },
};

typedef struct {
    guint first, step, count;
    guint32 expected;
} Case;

/* Byte sequences first, first + step, ...; the checksums are those of RFC 3720 appendix B.4. */
static const Case cases[] = {
    { 0, 0, 32, 0x8a9136aa },     { 0xff, 0, 32, 0x62a8ab43 }, { 0, 1, 32, 0x46dd794e },
    { 31, 0xff, 32, 0x113fdb5c }, { '1', 1, 9, 0xe3069283 },   { 0, 0, 0, 0 },
};

static void
fill(guint8 *bytes, const Case *c)
{
    for (guint i = 0; i < c->count; i++)
        bytes[i] = (guint8) (c->first + i * c->step);
}

static void
test_known_checksums(gconstpointer data)
{
    Update update = implementations[GPOINTER_TO_SIZE(data)].update;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint8 bytes[LONGEST];
        fill(bytes, &cases[i]);
        g_assert_cmphex(~update(CRC32C_START, bytes, cases[i].count), ==, cases[i].expected);
    }
}

static void
test_parts_make_the_whole(gconstpointer data)
{
    Update update = implementations[GPOINTER_TO_SIZE(data)].update;
    guint8 bytes[LONGEST];
    fill(bytes, &cases[2]);
    for (gsize cut = 0; cut <= cases[2].count; cut++) {
        guint32 crc = update(CRC32C_START, bytes, cut);
        g_assert_cmphex(~update(crc, bytes + cut, cases[2].count - cut), ==, cases[2].expected);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(implementations); i++) {
        g_autofree char *known =
            g_strdup_printf("/crc32c/%s/known-checksums", implementations[i].name);
        g_autofree char *parts =
            g_strdup_printf("/crc32c/%s/parts-make-the-whole", implementations[i].name);
        g_test_add_data_func(known, GSIZE_TO_POINTER(i), test_known_checksums);
        g_test_add_data_func(parts, GSIZE_TO_POINTER(i), test_parts_make_the_whole);
    }
    return g_test_run();
}
