/* DTLS 1.2 over a path: authenticates the peer by its fingerprint, then encrypts packets in
 * batches. RFC 6347, RFC 8122, RFC 8261, RFC 8842. */
#pragma once

#include "datachannel/certificate.h"
#include "datachannel/dtls-filter.h"
#include "datachannel/packet-batch.h"
#include "datachannel/types.h"
#include "ice/path.h"

typedef struct DtlsTransport DtlsTransport;

typedef struct {
    /* The state has changed; @error is set for FAILED, and for CLOSED by the peer. */
    void (*on_state)(PierceDtlsTransportState state, const GError *error, gpointer user_data);
    /* While connecting: a flight has left that answers the peer's, so that CONNECTED is one round
     * trip away if nothing is lost.  May be called again. */
    void (*on_flight)(gpointer user_data);
    /* One decrypted packet; done follows the last one of a batch. */
    void (*on_packet)(const guint8 *packet, gsize size, gpointer user_data);
    void (*on_packets_done)(gpointer user_data);
} DtlsTransportFuncs;

/* Timers run on @context. */
DtlsTransport *dtls_transport_new(GMainContext *context, PierceCertificate *certificate,
                                  const DtlsTransportFuncs *funcs, gpointer user_data);

/* Adds a digest that the peer's certificate may have, as its description names it: "sha-256" and
 * upper-case pairs.  One that matches is enough (RFC 8122 section 5). */
void dtls_transport_add_fingerprint(DtlsTransport *self, const char *algorithm, const char *digest);
void dtls_transport_clear_fingerprints(DtlsTransport *self);

/* The path to send on, NULL while there is none. */
void dtls_transport_set_path(DtlsTransport *self, Path *path);

/* Begins the handshake in @role.  What arrived before is fed to it. */
void dtls_transport_start(DtlsTransport *self, DtlsFilterRole role);

/* Takes what arrived on the path: one datagram, or several glued together.  Before start up to 8
 * datagrams are kept. */
void dtls_transport_receive(DtlsTransport *self, const guint8 *bytes, gsize size);

/* Encrypts packets and sends them in one batch. */
void dtls_transport_send(DtlsTransport *self, const PacketBatch *packets);

/* The largest packet that may be worth trying on the path there is, 0 before CONNECTED. */
gsize dtls_transport_get_most_packet_bytes(DtlsTransport *self);

/* Sends one packet that is not to be broken up; FALSE where the system refuses its size. */
gboolean dtls_transport_send_probe(DtlsTransport *self, const guint8 *packet, gsize size);

/* Packets of up to @bytes arrive whole; larger ones may be broken up on the way. */
void dtls_transport_set_packet_bytes(DtlsTransport *self, gsize bytes);

typedef struct {
    guint64 packets_sent;
    guint64 packets_received;
    guint64 packets_discarded;
} DtlsTransportStats;

PierceDtlsTransportState dtls_transport_get_state(DtlsTransport *self);
void dtls_transport_get_stats(DtlsTransport *self, DtlsTransportStats *stats);

/* Tells the peer (close_notify), and calls nothing any more.  Idempotent. */
void dtls_transport_close(DtlsTransport *self);
void dtls_transport_unref(DtlsTransport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DtlsTransport, dtls_transport_unref)
