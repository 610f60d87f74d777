/* What dtls-transport and its -path share. */
#pragma once

#include "datachannel/dtls-transport.h"

#include <openssl/ssl.h>

#define DTLS_MAX_PLAINTEXT 16384 /* RFC 6347 section 4.1 */
#define DTLS_HANDSHAKE_MTU 1200

struct DtlsTransport {
    grefcount references;
    GMainContext *context;
    PierceCertificate *certificate;
    const DtlsTransportFuncs *funcs;
    gpointer user_data;
    GArray *fingerprints; /* dtls-fingerprints' */
    Path *path;
    PierceDtlsTransportState state;
    DtlsFilterRole role;
    BIO_METHOD *bio_method;
    SSL *ssl; /* NULL before start and after the end */
    guint rebuilds;
    GSource *retransmit_timer;
    GSource *deadline;
    const guint8 *record; /* what OpenSSL reads next */
    gsize record_size;
    guint32 next_sequence; /* of records before encryption, see dtls_filter_renumber */
    PacketBatch outgoing;  /* what OpenSSL wrote since the last flush */
    GPtrArray *early;      /* of GBytes, kept until start */
    DtlsTransportStats stats;
};

/* Sends what OpenSSL wrote. */
void dtls_transport_flush(DtlsTransport *self);

/* Around every call that reads or writes a record: an idle connection holds none of OpenSSL's
 * buffers. */
void dtls_transport_borrow_buffers(DtlsTransport *self);
void dtls_transport_give_buffers_back(DtlsTransport *self);
