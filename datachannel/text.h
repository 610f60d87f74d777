/* What a text message may be. */
#pragma once

#include <glib.h>

/* Whether @bytes are UTF-8 (RFC 3629).  U+0000 is a character like any other, as in JavaScript's
 * strings, which GLib's own check does not allow. */
gboolean text_is_utf8(const guint8 *bytes, gsize size);
