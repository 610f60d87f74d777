/* The digests that a peer's certificate may have, as its description names them: RFC 8122 section
 * 5. */
#pragma once

#include "datachannel/certificate-key.h"

/* Free it with g_array_unref. */
GArray *dtls_fingerprints_new(void);
void dtls_fingerprints_add(GArray *fingerprints, const char *algorithm, const char *digest);

/* Whether one of them is that of @x509, which may be NULL. */
gboolean dtls_fingerprints_has(const GArray *fingerprints, X509 *x509);
