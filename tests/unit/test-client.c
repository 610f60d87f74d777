#include "signaling/client.h"

#include <string.h>

#define TOO_LONG                                                                                   \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"     \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    const char *label, *url, *name, *room;
    const char *says; /* as the message begins, NULL where a client is made */
} cases[] = {
    { "usual", "ws://127.0.0.1:8765/", "ann", "lobby", NULL },
    { "no-room", "https://peers.example/", "ann", NULL, NULL },
    { "no-address", "peers.example", "ann", NULL, "\"peers.example\" is not a server's address" },
    { "empty-name", "ws://a/", "", NULL, "\"\" cannot be the name" },
    { "empty-room", "ws://a/", "ann", "", "\"\" cannot be the name" },
    { "control-character", "ws://a/", "ann", "a\tb", "\"a\tb\" cannot be the name" },
    { "not-utf-8", "ws://a/", "a\xff", NULL, "\"a\xef\xbf\xbd\" cannot be the name" },
    { "too-long", "ws://a/", TOO_LONG, NULL, "\"xxxxxxxx" },
};

/* The names are on the heap, so that a sanitizer sees a byte that is read behind one. */
static void
test_new(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autofree char *name = g_strdup(cases[i].name);
    g_autofree char *room = g_strdup(cases[i].room);
    g_autoptr(GError) error = NULL;
    g_autoptr(PierceSignalingClient) client =
        pierce_signaling_client_new(cases[i].url, name, room, NULL, &error);

    g_assert_true((client == NULL) == (cases[i].says != NULL));
    if (client) {
        g_assert_no_error(error);
        return;
    }
    g_assert_error(error, PIERCE_SIGNALING_ERROR, PIERCE_SIGNALING_ERROR_ADDRESS);
    g_assert_true(g_str_has_prefix(error->message, cases[i].says));
    g_assert_null(strchr(error->message, '\n'));
    g_assert_cmpuint(strlen(error->message), <, 300);
}

static void
test_error_domain(void)
{
    g_assert_cmpstr(g_quark_to_string(PIERCE_SIGNALING_ERROR), ==, "pierce-signaling-error-quark");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/client/new/", cases[i].label, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_new);
    }
    g_test_add_func("/client/error-domain", test_error_domain);
    return g_test_run();
}
