#include "signaling/server/turn-credential.h"

/* The expected passwords were made by:
 * printf %s USERNAME | openssl dgst -sha1 -hmac SECRET -binary | base64 */
static void
test_credentials(void)
{
    g_autofree char *username = turn_credential_username("anna", 1700000000, 86400);
    g_autofree char *password = turn_credential_password("north", username);

    g_assert_cmpstr(username, ==, "1700086400:anna");
    g_assert_cmpstr(password, ==, "n/qja1Xb6Le5M6vS7asFEtevzJI=");
}

static void
test_another_secret_gives_another_password(void)
{
    g_autofree char *one = turn_credential_password("north", "1:a");
    g_autofree char *other = turn_credential_password("south", "1:a");

    g_assert_cmpstr(one, !=, other);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/turn-credential/known", test_credentials);
    g_test_add_func("/turn-credential/secret", test_another_secret_gives_another_password);
    return g_test_run();
}
