#include "signaling/server/auth.h"

static void
test_without_tokens_everybody_comes_in(void)
{
    const char *const none[] = { NULL, "", "\n", "# only a comment\n", " , " };

    for (gsize i = 0; i < G_N_ELEMENTS(none); i++) {
        g_autoptr(Auth) auth = auth_new(none[i]);
        g_assert_false(auth_is_on(auth));
        g_assert_true(auth_check(auth, NULL));
        g_assert_true(auth_check(auth, "anything"));
    }
}

static void
test_with_tokens_one_of_them_is_needed(void)
{
    g_autoptr(Auth) auth = auth_new("# for friends\none,two\r\nthree four\n#five\n");
    const char *const good[] = { "one", "two", "three", "four" };
    const char *const bad[] = { NULL, "", "on", "onee", "One", "one,two", "five", "#five", "for" };

    g_assert_true(auth_is_on(auth));
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(auth_check(auth, good[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(auth_check(auth, bad[i]));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/auth/off", test_without_tokens_everybody_comes_in);
    g_test_add_func("/auth/on", test_with_tokens_one_of_them_is_needed);
    return g_test_run();
}
