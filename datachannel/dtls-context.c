/* Owns the one SSL_CTX of the process, which holds all that connections have in common and is never
 * freed: to make one takes longer than to make a key.  Certificates are each connection's own. */
#include "datachannel/dtls-context.h"

#include "datachannel/certificate-key.h"

/* Browsers take the first; webrtcbin has an RSA certificate. */
#define CIPHERS                                                                                    \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                                   \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"                                   \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#define GROUPS "X25519:P-256"
/* Nothing is sent as SRTP, but webrtcbin insists on the extension. */
#define SRTP_PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"

/* In place of OpenSSL's verification: certificates are self-signed, and the fingerprint decides,
 * RFC 8122 section 6. */
static int
accept_any(X509_STORE_CTX *store, void *unused)
{
    return 1;
}

static gpointer
make_context(gpointer unused)
{
    SSL_CTX *context = SSL_CTX_new(DTLS_method());
    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, accept_any, NULL);
    SSL_CTX_set_cipher_list(context, CIPHERS);
    SSL_CTX_set1_groups_list(context, GROUPS);
    SSL_CTX_set_tlsext_use_srtp(context, SRTP_PROFILES);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);
    return context;
}

SSL *
dtls_context_new_ssl(PierceCertificate *certificate)
{
    static GOnce context_once = G_ONCE_INIT;
    SSL *ssl = SSL_new(g_once(&context_once, make_context, NULL));
    SSL_use_certificate(ssl, certificate_get_x509(certificate));
    SSL_use_PrivateKey(ssl, certificate_get_key(certificate));
    return ssl;
}
