/* Owns how TURN credentials are made; never keeps or logs a secret, never reads a clock. */
#include "signaling/server/turn-credential.h"

#include <string.h>

#define SHA1_BYTES 20

char *
turn_credential_username(const char *client_id, gint64 now_unix_s, guint ttl_s)
{
    return g_strdup_printf("%" G_GINT64_FORMAT ":%s", now_unix_s + (gint64) ttl_s, client_id);
}

char *
turn_credential_password(const char *secret, const char *username)
{
    guint8 digest[SHA1_BYTES];
    gsize size = sizeof digest;
    g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *) secret, strlen(secret));

    g_hmac_update(hmac, (const guchar *) username, -1);
    g_hmac_get_digest(hmac, digest, &size);
    return g_base64_encode(digest, size);
}
