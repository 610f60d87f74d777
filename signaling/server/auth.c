/* Owns the tokens, as SHA-256 digests: what is not kept cannot be logged.  Never talks to anyone.
 */
#include "signaling/server/auth.h"

#include <string.h>

#define DIGEST_BYTES 32

typedef struct {
    guint8 bytes[DIGEST_BYTES];
} Digest;

struct Auth {
    GArray *digests; /* of Digest */
};

static Digest
digest(const char *token)
{
    Digest result;
    gsize size = sizeof result.bytes;
    g_autoptr(GChecksum) sha256 = g_checksum_new(G_CHECKSUM_SHA256);

    g_checksum_update(sha256, (const guchar *) token, -1);
    g_checksum_get_digest(sha256, result.bytes, &size);
    return result;
}

static void
add_line(Auth *auth, const char *line)
{
    g_auto(GStrv) tokens = g_strsplit_set(line, ", \t\r", -1);

    for (char **token = tokens; *token; token++) {
        if (**token == '\0')
            continue;
        Digest added = digest(*token);
        g_array_append_val(auth->digests, added);
    }
}

Auth *
auth_new(const char *tokens)
{
    Auth *auth = g_new0(Auth, 1);
    g_auto(GStrv) lines = g_strsplit(tokens ? tokens : "", "\n", -1);

    auth->digests = g_array_new(FALSE, FALSE, sizeof(Digest));
    for (char **line = lines; *line; line++) {
        if (**line != '#')
            add_line(auth, *line);
    }
    return auth;
}

void
auth_free(Auth *auth)
{
    g_array_unref(auth->digests);
    g_free(auth);
}

gboolean
auth_is_on(const Auth *auth)
{
    return auth->digests->len > 0;
}

gboolean
auth_check(const Auth *auth, const char *token)
{
    Digest given = digest(token ? token : "");
    guint n_equal = 0;

    if (!auth_is_on(auth))
        return TRUE;
    for (guint i = 0; i < auth->digests->len; i++) {
        const Digest *known = &g_array_index(auth->digests, Digest, i);
        guint8 difference = 0;
        for (gsize b = 0; b < DIGEST_BYTES; b++)
            difference |= (guint8) (known->bytes[b] ^ given.bytes[b]);
        n_equal += difference == 0;
    }
    return token && n_equal > 0;
}
