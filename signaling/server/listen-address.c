/* Owns how addresses to listen at are written; never resolves names and never opens a socket. */
#include "signaling/server/listen-address.h"

#include <string.h>

static GSocketAddress *
fail(const char *text, GError **error)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                "\"%s\" is not ADDRESS:PORT; write for example 127.0.0.1:8765, 0.0.0.0:8765 or "
                "[::1]:8765",
                text);
    return NULL;
}

GSocketAddress *
listen_address_parse(const char *text, GError **error)
{
    const char *colon = strrchr(text, ':');
    guint64 port = 0;

    if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
        return fail(text, error);
    g_autofree char *host = g_strndup(text, (gsize) (colon - text));
    gsize size = strlen(host);
    gboolean has_brackets = size > 2 && host[0] == '[' && host[size - 1] == ']';
    if (has_brackets) {
        host[size - 1] = '\0';
        memmove(host, host + 1, size - 1);
    }
    if (has_brackets != (strchr(host, ':') != NULL))
        return fail(text, error);
    if (strcmp(host, "localhost") == 0)
        return g_inet_socket_address_new_from_string("127.0.0.1", (guint) port);
    GSocketAddress *address = g_inet_socket_address_new_from_string(host, (guint) port);
    return address ? address : fail(text, error);
}

static GInetAddress *
inet(GSocketAddress *address)
{
    return g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address));
}

char *
listen_address_print(GSocketAddress *address)
{
    g_autofree char *host = g_inet_address_to_string(inet(address));
    gboolean is_v6 = g_socket_address_get_family(address) == G_SOCKET_FAMILY_IPV6;

    return g_strdup_printf(is_v6 ? "[%s]:%u" : "%s:%u", host, listen_address_port(address));
}

gboolean
listen_address_is_loopback(GSocketAddress *address)
{
    return g_inet_address_get_is_loopback(inet(address));
}

gboolean
listen_address_is_any(GSocketAddress *address)
{
    return g_inet_address_get_is_any(inet(address));
}

guint16
listen_address_port(GSocketAddress *address)
{
    return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address));
}
