/* Owns nothing: bytes in, a checksum out.  RFC 9260 appendix A.
 *
 * usrsctp counts through tables, which took a fifth of all processor time of a bulk transfer; the
 * instruction takes a fiftieth.  Only x86-64's is used: elsewhere usrsctp goes on counting. */
#include "datachannel/crc32c.h"

#include <string.h>

/* What four bits do to the reflected polynomial 0x82f63b78. */
static const guint32 nibbles[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

guint32
crc32c_update_portable(guint32 crc, const guint8 *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ nibbles[crc & 15];
        crc = crc >> 4 ^ nibbles[crc & 15];
    }
    return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static guint32
update_by_instruction(guint32 crc, const guint8 *bytes, gsize size)
{
    guint64 wide = crc;
    for (; size >= sizeof wide; bytes += sizeof wide, size -= sizeof wide) {
        guint64 word;
        memcpy(&word, bytes, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (guint32) wide;
    for (; size > 0; bytes++, size--)
        crc = __builtin_ia32_crc32qi(crc, *bytes);
    return crc;
}

gboolean
crc32c_is_fast(void)
{
    return __builtin_cpu_supports("sse4.2") != 0;
}
#else
static guint32
update_by_instruction(guint32 crc, const guint8 *bytes, gsize size)
{
    return crc32c_update_portable(crc, bytes, size);
}

gboolean
crc32c_is_fast(void)
{
    return FALSE;
}
#endif

guint32
crc32c_update(guint32 crc, const guint8 *bytes, gsize size)
{
    return crc32c_is_fast() ? update_by_instruction(crc, bytes, size)
                            : crc32c_update_portable(crc, bytes, size);
}
