/* TLS on accepted TCP connections, without ever blocking. */
#pragma once

#include <gio/gio.h>

typedef struct TlsContext TlsContext;
typedef struct TlsSession TlsSession;

/* @certificate: a PEM file, the server's own first, then its chain. */
TlsContext *tls_context_new(const char *certificate, const char *key, GError **error);
void tls_context_free(TlsContext *context);

/* Sessions from now on use these; where they cannot be had, @context stays as it was. */
gboolean tls_context_load(TlsContext *context, const char *certificate, const char *key,
                          GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TlsContext, tls_context_free)

/* @fd stays the caller's. */
TlsSession *tls_session_new(TlsContext *context, int fd);
void tls_session_free(TlsSession *session);

/* As read(2) and write(2), the handshake going on inside: 0 is the end, -1 is "not now" and
 * @wants_write says whether that is because the socket takes no bytes. */
gssize tls_session_read(TlsSession *session, guint8 *bytes, gsize size, gboolean *wants_write);
gssize tls_session_write(TlsSession *session, const guint8 *bytes, gsize size,
                         gboolean *wants_write);

/* Tells the client that no more will come. */
void tls_session_end(TlsSession *session);
