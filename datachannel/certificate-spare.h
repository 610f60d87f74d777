/* Certificates that are made before somebody waits for them. */
#pragma once

#include "datachannel/certificate.h"

#define CERTIFICATE_SPARES 2 /* both ends of a pair in one process, or the next two calls */

/* A new certificate that nobody else gets, as pierce_certificate_generate() makes it.  From any
 * thread. */
PierceCertificate *certificate_spare_take(GError **error);

/* How many are ready. */
guint certificate_spare_count(void);
