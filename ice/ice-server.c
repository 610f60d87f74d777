/* Owns the text of STUN and TURN URIs.  Never resolves the host and never judges whether the server
 * can be used.
 *
 *   stun:HOST[:PORT]    stuns:HOST[:PORT]                                RFC 7064 section 3.1
 *   turn:HOST[:PORT][?transport=udp|tcp]    turns:...                    RFC 7065 section 3.1
 *
 * HOST is a name, an IPv4 address or an IPv6 address in brackets. */
#include "ice/ice-server.h"

#include "ice/address.h"

#include <string.h>

#define MAX_URI_SIZE 512
#define MAX_HOST_SIZE 253 /* RFC 1035 section 2.3.4, as text */
#define MAX_LABEL_SIZE 63
#define SHOWN_SIZE 64

static const struct {
    const char *name;
    guint16 port; /* RFC 7064 section 3.2, RFC 7065 section 3.2 */
    IceServerTransport transport;
    gboolean has_transport; /* whether the URI may have ?transport= */
} schemes[] = {
    [ICE_SERVER_STUN] = { "stun", 3478, ICE_SERVER_UDP, FALSE },
    [ICE_SERVER_STUNS] = { "stuns", 5349, ICE_SERVER_TCP, FALSE },
    [ICE_SERVER_TURN] = { "turn", 3478, ICE_SERVER_UDP, TRUE },
    [ICE_SERVER_TURNS] = { "turns", 5349, ICE_SERVER_TCP, TRUE },
};

GQuark
ice_server_error_quark(void)
{
    return g_quark_from_static_string("pierce-ice-server-error-quark");
}

/* A part of the URI. */
typedef struct {
    const char *at;
    gsize size;
} Span;

static gboolean
fail(GError **error, const char *part, Span value, const char *rule)
{
    g_autofree char *clipped = g_strndup(value.at, MIN(value.size, SHOWN_SIZE));
    g_autofree char *shown = g_strescape(clipped, NULL);

    g_set_error(error, ICE_SERVER_ERROR, ICE_SERVER_ERROR_INVALID, "ICE server: %s \"%s\"%s %s",
                part, shown, value.size > SHOWN_SIZE ? "..." : "", rule);
    return FALSE;
}

static gboolean
span_is(Span span, const char *word)
{
    return span.size == strlen(word) && g_ascii_strncasecmp(span.at, word, span.size) == 0;
}

/* Cuts off and returns what stands before @separator; all of it where there is none. */
static Span
cut_before(Span *rest, char separator)
{
    const char *found = rest->size ? memchr(rest->at, separator, rest->size) : NULL;
    Span before = { rest->at, found ? (gsize) (found - rest->at) : rest->size };
    gsize skip = before.size + (found ? 1 : 0);

    *rest = (Span){ rest->at + skip, rest->size - skip };
    return before;
}

static gboolean
parse_scheme(IceServer *server, Span *rest, GError **error)
{
    Span uri = *rest;

    if (!memchr(uri.at, ':', uri.size))
        return fail(error, "URI", uri, "has no scheme; write stun:HOST or turn:HOST");
    Span scheme = cut_before(rest, ':');
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (span_is(scheme, schemes[i].name)) {
            server->scheme = (IceServerScheme) i;
            server->port = schemes[i].port;
            server->transport = schemes[i].transport;
            if (rest->size >= 2 && memcmp(rest->at, "//", 2) == 0)
                return fail(error, "scheme", scheme, "has // behind it; leave that out, turn:HOST");
            return TRUE;
        }
    return fail(error, "scheme", scheme, "is not stun, stuns, turn or turns");
}

static gboolean
parse_transport(IceServer *server, Span *rest, GError **error)
{
    if (!memchr(rest->at, '?', rest->size))
        return TRUE;
    Span query = *rest;
    Span before = cut_before(&query, '?');

    if (!schemes[server->scheme].has_transport)
        return fail(error, "query", query, "is not allowed for stun and stuns; leave it out");
    if (span_is(query, "transport=udp"))
        server->transport = ICE_SERVER_UDP;
    else if (span_is(query, "transport=tcp"))
        server->transport = ICE_SERVER_TCP;
    else
        return fail(error, "query", query, "is not transport=udp or transport=tcp");
    *rest = before;
    return TRUE;
}

static gboolean
parse_port(IceServer *server, Span text, GError **error)
{
    guint value = 0;

    for (gsize i = 0; i < text.size && value <= G_MAXUINT16; i++) {
        if (!g_ascii_isdigit(text.at[i]))
            return fail(error, "port", text, "is not a number from 1 to 65535");
        value = value * 10 + (guint) g_ascii_digit_value(text.at[i]);
    }
    if (value == 0 || value > G_MAXUINT16)
        return fail(error, "port", text, "is not a number from 1 to 65535");
    server->port = (guint16) value;
    return TRUE;
}

static gboolean
is_label(Span label)
{
    for (gsize i = 0; i < label.size; i++)
        if (!g_ascii_isalnum(label.at[i]) && label.at[i] != '-' && label.at[i] != '_')
            return FALSE;
    return label.size >= 1 && label.size <= MAX_LABEL_SIZE && label.at[0] != '-' &&
           label.at[label.size - 1] != '-';
}

static gboolean
is_all_digits(Span label)
{
    for (gsize i = 0; i < label.size; i++)
        if (!g_ascii_isdigit(label.at[i]))
            return FALSE;
    return TRUE;
}

/* RFC 1123 section 2.1: a name's last label is not a number, so that "127.1" is a mistyped
 * address and never a name; nor is "0x7f000001" left for a resolver to make one of. */
static gboolean
is_name(Span host)
{
    Span last = { NULL, 0 };

    if (host.size > MAX_HOST_SIZE)
        return FALSE;
    if (host.size && host.at[host.size - 1] == '.') /* the root's empty label may be written */
        host.size--;
    if (host.size == 0 || host.at[host.size - 1] == '.')
        return FALSE;
    while (host.size) {
        last = cut_before(&host, '.');
        if (!is_label(last))
            return FALSE;
    }
    gboolean is_hex = last.size >= 2 && last.at[0] == '0' && (last.at[1] | 0x20) == 'x';
    return !is_hex && !is_all_digits(last);
}

static gboolean
parse_bracketed(IceServer *server, Span host_port, GError **error)
{
    Address address;
    Span rest = { host_port.at + 1, host_port.size - 1 };

    if (!memchr(rest.at, ']', rest.size))
        return fail(error, "host", host_port, "has no ] after the IPv6 address");
    Span host = cut_before(&rest, ']');
    if (!address_parse(&address, host.at, host.size) || address.family != 6)
        return fail(error, "host", host, "is not an IPv6 address, which brackets are for");
    server->host = g_strndup(host.at, host.size);
    if (rest.size == 0)
        return TRUE;
    if (rest.at[0] != ':')
        return fail(error, "text", rest, "stands behind the ]; only :PORT may");
    return parse_port(server, (Span){ rest.at + 1, rest.size - 1 }, error);
}

static gboolean
parse_host_port(IceServer *server, Span rest, GError **error)
{
    Address address;

    if (rest.size && rest.at[0] == '[')
        return parse_bracketed(server, rest, error);
    if (memchr(rest.at, '@', rest.size))
        return fail(error, "host", (Span){ "...", 3 },
                    "has an @; give user name and password apart from the URI");
    gboolean has_port = memchr(rest.at, ':', rest.size) != NULL;
    Span whole = rest, host = cut_before(&rest, ':');
    if (rest.size && memchr(rest.at, ':', rest.size))
        return fail(error, "host", whole, "has several colons; write an IPv6 address as [ADDRESS]");
    if (!address_parse(&address, host.at, host.size) && !is_name(host))
        return fail(error, "host", host, "is neither a name nor an IPv4 nor an [IPv6] address");
    server->host = g_strndup(host.at, host.size);
    return !has_port || parse_port(server, rest, error);
}

gboolean
ice_server_parse(IceServer *server, const char *uri, GError **error)
{
    g_auto(IceServer) parsed = { 0 };
    Span rest = { uri, strnlen(uri, MAX_URI_SIZE + 1) };

    *server = (IceServer){ 0 };
    if (rest.size > MAX_URI_SIZE)
        return fail(error, "URI", rest, "is longer than 512 bytes");
    if (!parse_scheme(&parsed, &rest, error) || !parse_transport(&parsed, &rest, error) ||
        !parse_host_port(&parsed, rest, error))
        return FALSE;
    *server = parsed;
    parsed = (IceServer){ 0 }; /* handed over */
    return TRUE;
}

char *
ice_server_print(const IceServer *server)
{
    gboolean is_v6 = strchr(server->host, ':') != NULL;
    const char *query = "";

    if (server->transport != schemes[server->scheme].transport)
        query = server->transport == ICE_SERVER_UDP ? "?transport=udp" : "?transport=tcp";
    return g_strdup_printf(is_v6 ? "%s:[%s]:%u%s" : "%s:%s:%u%s", schemes[server->scheme].name,
                           server->host, server->port, query);
}

void
ice_server_clear(IceServer *server)
{
    g_free(server->host);
    *server = (IceServer){ 0 };
}
