/* What dtls-transport needs of a certificate. */
#pragma once

#include "datachannel/certificate.h"

#include <openssl/x509.h>

/* Both stay the certificate's. */
X509 *certificate_get_x509(PierceCertificate *self);
EVP_PKEY *certificate_get_key(PierceCertificate *self);

/* The digest of @x509 as descriptions write it, for "sha-256", "sha-384" or "sha-512"; NULL for
 * another algorithm. */
char *certificate_digest(X509 *x509, const char *algorithm);
