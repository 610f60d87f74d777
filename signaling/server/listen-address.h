/* Addresses to listen at, as options give them: `127.0.0.1:8765`, `[::1]:8765`, `localhost:8765`.
 */
#pragma once

#include <gio/gio.h>

/* NULL with G_IO_ERROR_INVALID_ARGUMENT where it is none.  Names other than localhost are not
 * resolved: which of a name's addresses is meant would be a guess. */
GSocketAddress *listen_address_parse(const char *text, GError **error);

/* As it stands in a URL: `127.0.0.1:8765`, `[::1]:8765`. */
char *listen_address_print(GSocketAddress *address);

gboolean listen_address_is_loopback(GSocketAddress *address);

/* Whether it is 0.0.0.0 or [::]. */
gboolean listen_address_is_any(GSocketAddress *address);

guint16 listen_address_port(GSocketAddress *address);
