/* OpenSSL's settings for a peer connection: RFC 8827 section 6.5, RFC 8261. */
#pragma once

#include "datachannel/certificate.h"

#include <openssl/ssl.h>

/* DTLS 1.2 only, either role, as @certificate.  Any certificate of the peer is taken: its
 * fingerprint decides later.  From any thread. */
SSL *dtls_context_new_ssl(PierceCertificate *certificate);
