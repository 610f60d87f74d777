/* Owns the list, and what it means that a certificate matches.  Never parses a description.  RFC
 * 8122 section 5: one that matches is enough. */
#include "datachannel/dtls-fingerprints.h"

typedef struct {
    char *algorithm;
    char *digest;
} Fingerprint;

static void
fingerprint_clear(gpointer data)
{
    Fingerprint *fingerprint = data;
    g_free(fingerprint->algorithm);
    g_free(fingerprint->digest);
}

GArray *
dtls_fingerprints_new(void)
{
    GArray *fingerprints = g_array_new(FALSE, FALSE, sizeof(Fingerprint));
    g_array_set_clear_func(fingerprints, fingerprint_clear);
    return fingerprints;
}

void
dtls_fingerprints_add(GArray *fingerprints, const char *algorithm, const char *digest)
{
    Fingerprint fingerprint = { g_strdup(algorithm), g_strdup(digest) };
    g_array_append_val(fingerprints, fingerprint);
}

gboolean
dtls_fingerprints_has(const GArray *fingerprints, X509 *x509)
{
    for (guint i = 0; x509 && i < fingerprints->len; i++) {
        const Fingerprint *expected = &g_array_index(fingerprints, Fingerprint, i);
        g_autofree char *digest = certificate_digest(x509, expected->algorithm);
        if (digest && g_ascii_strcasecmp(digest, expected->digest) == 0)
            return TRUE;
    }
    return FALSE;
}
