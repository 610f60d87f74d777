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
