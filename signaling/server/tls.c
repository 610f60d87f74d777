/* Owns OpenSSL on the server's TCP connections; never the sockets.  TLS 1.2 and later (RFC 8446,
 * RFC 9325), HTTP/1.1 by ALPN (RFC 7301) and nothing else. */
#include "signaling/server/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

struct TlsContext {
    SSL_CTX *ssl;
};

struct TlsSession {
    SSL *ssl;
};

static const guint8 http11[] = { 8, 'h', 't', 't', 'p', '/', '1', '.', '1' };

static int
on_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_size,
        const unsigned char *offered, unsigned int offered_size, void *user_data)
{
    unsigned char *out = NULL;

    if (SSL_select_next_proto(&out, chosen_size, http11, sizeof http11, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = out;
    return SSL_TLSEXT_ERR_OK;
}

static gboolean
fail(GError **error, const char *what, const char *file)
{
    unsigned long code = ERR_get_error();
    const char *text =
        ERR_SYSTEM_ERROR(code) ? g_strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);

    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot use %s %s: %s", what, file,
                text ? text : "unknown error");
    ERR_clear_error();
    return FALSE;
}

static gboolean
load(SSL_CTX *ssl, const char *certificate, const char *key, GError **error)
{
    if (SSL_CTX_use_certificate_chain_file(ssl, certificate) != 1)
        return fail(error, "the certificate", certificate);
    if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1)
        return fail(error, "the private key", key);
    if (SSL_CTX_check_private_key(ssl) != 1)
        return fail(error, "with that certificate the private key", key);
    return TRUE;
}

gboolean
tls_context_load(TlsContext *context, const char *certificate, const char *key, GError **error)
{
    ERR_clear_error();
    SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
    if (!ssl)
        return fail(error, "TLS with", certificate);
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(ssl, on_alpn, NULL);
    if (!load(ssl, certificate, key, error)) {
        SSL_CTX_free(ssl);
        return FALSE;
    }
    SSL_CTX_free(context->ssl); /* each session holds on to the one that it began with */
    context->ssl = ssl;
    return TRUE;
}

TlsContext *
tls_context_new(const char *certificate, const char *key, GError **error)
{
    g_autoptr(TlsContext) context = g_new0(TlsContext, 1);

    return tls_context_load(context, certificate, key, error) ? g_steal_pointer(&context) : NULL;
}

void
tls_context_free(TlsContext *context)
{
    SSL_CTX_free(context->ssl);
    g_free(context);
}

TlsSession *
tls_session_new(TlsContext *context, int fd)
{
    TlsSession *session = g_new0(TlsSession, 1);

    session->ssl = SSL_new(context->ssl);
    if (!session->ssl || SSL_set_fd(session->ssl, fd) != 1) {
        tls_session_free(session);
        return NULL;
    }
    SSL_set_accept_state(session->ssl);
    return session;
}

void
tls_session_free(TlsSession *session)
{
    SSL_free(session->ssl);
    g_free(session);
}

static gssize
result(TlsSession *session, int done, gboolean *wants_write)
{
    if (done > 0)
        return done;
    int why = SSL_get_error(session->ssl, done);
    ERR_clear_error();
    *wants_write = why == SSL_ERROR_WANT_WRITE;
    return why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ ? -1 : 0;
}

gssize
tls_session_read(TlsSession *session, guint8 *bytes, gsize size, gboolean *wants_write)
{
    ERR_clear_error();
    return result(session, SSL_read(session->ssl, bytes, (int) MIN(size, G_MAXINT)), wants_write);
}

gssize
tls_session_write(TlsSession *session, const guint8 *bytes, gsize size, gboolean *wants_write)
{
    ERR_clear_error();
    return result(session, SSL_write(session->ssl, bytes, (int) MIN(size, G_MAXINT)), wants_write);
}

void
tls_session_end(TlsSession *session)
{
    ERR_clear_error();
    if (SSL_is_init_finished(session->ssl))
        SSL_shutdown(session->ssl);
    ERR_clear_error();
}
