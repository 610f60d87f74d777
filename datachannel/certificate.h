/* RTCCertificate: the key pair that a peer is known by. */
#pragma once

#include "datachannel/types.h"

G_BEGIN_DECLS

#define PIERCE_TYPE_CERTIFICATE (pierce_certificate_get_type())
PIERCE_EXPORT
G_DECLARE_FINAL_TYPE(PierceCertificate, pierce_certificate, PIERCE, CERTIFICATE, GObject)

/**
 * pierce_certificate_generate:
 * @error: return location for an error
 *
 * Makes a P-256 key and a self-signed certificate for it that is valid for 30 days
 * (RFC 8827 section 6.5).
 *
 * Returns: (transfer full) (nullable): a new certificate, %NULL with %PIERCE_ERROR_OPERATION
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceCertificate *pierce_certificate_generate(GError **error);

/**
 * pierce_certificate_new_from_pem:
 * @pem: a private key and its certificate, both in PEM, in either order
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the certificate, or %NULL with %PIERCE_ERROR_SYNTAX
 *
 * Since: 0.1
 */
PIERCE_EXPORT PierceCertificate *pierce_certificate_new_from_pem(const char *pem, GError **error);

/**
 * pierce_certificate_to_pem:
 * @self: a certificate
 *
 * Writes the private key and the certificate, to be kept secret and given to
 * pierce_certificate_new_from_pem() later.
 *
 * Returns: (transfer full): PEM text
 *
 * Since: 0.1
 */
PIERCE_EXPORT char *pierce_certificate_to_pem(PierceCertificate *self);

/**
 * pierce_certificate_get_fingerprint:
 * @self: a certificate
 *
 * The SHA-256 digest as descriptions carry it: upper-case hexadecimal pairs with colons between
 * them (RFC 8122 section 5).
 *
 * Returns: (transfer none): the fingerprint
 *
 * Since: 0.1
 */
PIERCE_EXPORT const char *pierce_certificate_get_fingerprint(PierceCertificate *self);

G_END_DECLS
