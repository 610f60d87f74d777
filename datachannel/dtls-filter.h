/* Decides which of the DTLS records that arrived may reach OpenSSL, RFC 6347.
 *
 * Before the keys are agreed nothing is authenticated, and OpenSSL 3.0 gives a handshake up at the
 * first alert or malformed hello, whoever sent it.  So what cannot come from an honest peer in that
 * role is dropped here, as RFC 6347 section 4.1.2.7 asks for invalid records. */
#pragma once

#include <glib.h>

/* Which role is ours; the records judged are those of the other one. */
typedef enum {
    DTLS_FILTER_CLIENT,
    DTLS_FILTER_SERVER,
} DtlsFilterRole;

/* The size, header included, of the record that @bytes starts with, or 0 where no whole record of
 * DTLS 1.0 or 1.2 is there: then the rest of the buffer is to be dropped.  A datagram, and more so
 * a buffer glued by UDP_GRO, holds several records in a row. */
gsize dtls_filter_next_record(const guint8 *bytes, gsize size);

/* Whether exactly this record, as dtls_filter_next_record() measured it, may reach OpenSSL.
 * @is_established is whether our handshake has finished. */
gboolean dtls_filter_record(DtlsFilterRole role, gboolean is_established, const guint8 *record,
                            gsize size);

/* Gives a record of epoch 0 that passed the sequence number *@next_sequence, and counts that up;
 * one of another epoch stays as it is.  OpenSSL moves its replay window to the highest number it
 * saw, in epoch 0 too, where a single forged 14-byte record with the number 2^48 - 1 would make it
 * drop all that the peer says from then on.  Nothing else depends on these numbers: messages have
 * their own, RFC 6347 section 4.2.2. */
void dtls_filter_renumber(guint8 *record, gsize size, guint32 *next_sequence);
