/* CRC32c, the checksum of SCTP (RFC 9260 appendix A), by the processor's own instruction where it
 * has one. */
#pragma once

#include <glib.h>

#define CRC32C_START 0xffffffffu

/* Whether this processor has the instruction; without it, usrsctp's tables are faster than ours. */
gboolean crc32c_is_fast(void);

/* Begin with CRC32C_START, go on with what the last call returned, and invert the end. */
guint32 crc32c_update(guint32 crc, const guint8 *bytes, gsize size);

/* The same without the instruction. */
guint32 crc32c_update_portable(guint32 crc, const guint8 *bytes, gsize size);
