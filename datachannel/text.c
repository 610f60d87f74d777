/* Owns nothing: has GLib check what is between zero bytes. */
#include "datachannel/text.h"

gboolean
text_is_utf8(const guint8 *bytes, gsize size)
{
    const char *at = (const char *) bytes, *end = at + size;
    while (at < end && !g_utf8_validate_len(at, (gsize) (end - at), &at)) {
        if (*at != '\0')
            return FALSE;
        at++;
    }
    return TRUE;
}
