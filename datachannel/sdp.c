/* Owns the line structure of SDP: v=, m= and a= lines, in what order, how many.  Never looks into
 * an attribute's value and never writes SDP.  RFC 8866; where browsers are laxer than the RFC (bare
 * LF, missing o=, s= and t=, blanks at a line's end), so is this.
 *
 *     v=0                                     session
 *     a=group:BUNDLE 0                            its attributes
 *     m=application 9 UDP/DTLS/SCTP webrtc-datachannel     section 0
 *     a=mid:0                                     its attributes
 *     m=...                                   section 1
 */
#include "datachannel/sdp.h"

#include <string.h>

/* How much of a peer's text an error message repeats. */
#define QUOTED_BYTES 60

GQuark
sdp_error_quark(void)
{
    return g_quark_from_static_string("pierce-sdp-error");
}

typedef struct {
    SdpDescription *description;
    GArray *attributes; /* where a= lines go now; borrowed */
    guint line;         /* counted from 1 */
} Parser;

static gboolean
fail(const Parser *parser, GError **error, const char *what, const char *content)
{
    g_autofree char *quoted = sdp_quote(content);
    g_set_error(error, SDP_ERROR, SDP_ERROR_SYNTAX, "SDP line %u: %s: %s", parser->line, what,
                quoted);
    return FALSE;
}

static gboolean
fail_limit(const Parser *parser, GError **error, const char *what, guint limit)
{
    g_set_error(error, SDP_ERROR, SDP_ERROR_LIMIT, "SDP line %u: more than %u %s", parser->line,
                limit, what);
    return FALSE;
}

char *
sdp_quote(const char *text)
{
    GString *out = g_string_new("\"");
    gsize i = 0;

    for (; text[i] && i < QUOTED_BYTES; i++) {
        guchar c = (guchar) text[i];
        if (g_ascii_isprint((char) c) && c != '"' && c != '\\')
            g_string_append_c(out, (char) c);
        else
            g_string_append_printf(out, "\\x%02x", c);
    }
    g_string_append(out, text[i] ? "\"..." : "\"");
    return g_string_free(out, FALSE);
}

static gboolean
is_word(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!g_ascii_isgraph(*c))
            return FALSE;
    return *text != '\0';
}

static gboolean
is_word_list(char *text)
{
    for (const char *c = text; *c; c++)
        if (!g_ascii_isgraph(*c) && !(*c == ' ' && g_ascii_isgraph(c[1])))
            return FALSE;
    return g_ascii_isgraph(*text);
}

/* Cuts *@rest at its first @separator and returns the part before it; *@rest is NULL where there
 * was no separator. */
static char *
cut(char **rest, char separator)
{
    char *start = *rest;
    char *end = start ? strchr(start, separator) : NULL;

    if (end)
        *end = '\0';
    *rest = end ? end + 1 : NULL;
    return start;
}

static gboolean
parse_media(Parser *parser, char *value, GError **error)
{
    g_autofree char *whole = g_strdup(value);
    SdpMedia media = { .line = parser->line };
    guint64 port;

    if (parser->description->media->len == SDP_MAX_MEDIA)
        return fail_limit(parser, error, "m= sections", SDP_MAX_MEDIA);

    char *rest = value;
    media.media = cut(&rest, ' ');
    char *port_text = cut(&rest, ' ');
    media.protocol = cut(&rest, ' ');
    media.formats = rest;
    if (!rest || !is_word(media.media) || !is_word(media.protocol) || !is_word_list(rest))
        return fail(parser, error, "not \"m=media port protocol format\"", whole);

    char *count = port_text; /* "port/number of ports", which only RTP uses */
    cut(&count, '/');
    if (!g_ascii_string_to_unsigned(port_text, 10, 0, G_MAXUINT16, &port, NULL))
        return fail(parser, error, "not a port from 0 to 65535", port_text);

    media.port = (guint16) port;
    media.attributes = g_array_new(FALSE, FALSE, sizeof(SdpAttribute));
    parser->attributes = media.attributes;
    g_array_append_val(parser->description->media, media);
    return TRUE;
}

static gboolean
parse_attribute(Parser *parser, char *value, GError **error)
{
    char *rest = value;
    SdpAttribute attribute = { .line = parser->line };

    if (parser->attributes->len == SDP_MAX_ATTRIBUTES)
        return fail_limit(parser, error, "attributes in one section", SDP_MAX_ATTRIBUTES);
    attribute.name = cut(&rest, ':');
    attribute.value = rest;
    if (!is_word(attribute.name))
        return fail(parser, error, "not an attribute's name", attribute.name);
    g_array_append_val(parser->attributes, attribute);
    return TRUE;
}

static gboolean
parse_line(Parser *parser, char *line, GError **error)
{
    if (strchr(line, '\r'))
        return fail(parser, error, "a carriage return inside the line", line);
    if (!g_ascii_islower(line[0]) || line[1] != '=')
        return fail(parser, error, "does not begin with a lower-case letter and \"=\"", line);
    if (line[0] == 'm')
        return parse_media(parser, line + 2, error);
    if (line[0] == 'a')
        return parse_attribute(parser, line + 2, error);
    return TRUE; /* o=, s=, c= ... say nothing that WebRTC uses */
}

static gboolean
parse_lines(Parser *parser, char *rest, GError **error)
{
    gboolean seen_version = FALSE;

    for (char *line = cut(&rest, '\n'); line; line = cut(&rest, '\n')) {
        parser->line++;
        g_strchomp(line);
        if (*line == '\0')
            continue;
        if (!seen_version && strcmp(line, "v=0") != 0)
            return fail(parser, error, "a description begins with \"v=0\", not with", line);
        seen_version = TRUE;
        if (!parse_line(parser, line, error))
            return FALSE;
    }
    if (!seen_version)
        g_set_error(error, SDP_ERROR, SDP_ERROR_SYNTAX, "the SDP is empty");
    return seen_version;
}

static void
clear_media(gpointer media)
{
    g_clear_pointer(&((SdpMedia *) media)->attributes, g_array_unref);
}

void
sdp_description_clear(SdpDescription *description)
{
    g_clear_pointer(&description->attributes, g_array_unref);
    g_clear_pointer(&description->media, g_array_unref);
    g_clear_pointer(&description->text, g_free);
}

gboolean
sdp_description_parse(SdpDescription *description, const char *text, GError **error)
{
    gsize size = strnlen(text, SDP_MAX_SIZE_BYTES + 1);

    *description = (SdpDescription){ 0 };
    if (size > SDP_MAX_SIZE_BYTES) {
        g_set_error(error, SDP_ERROR, SDP_ERROR_LIMIT, "the SDP is larger than %d bytes",
                    SDP_MAX_SIZE_BYTES);
        return FALSE;
    }
    description->text = g_strndup(text, size);
    description->attributes = g_array_new(FALSE, FALSE, sizeof(SdpAttribute));
    description->media = g_array_new(FALSE, FALSE, sizeof(SdpMedia));
    g_array_set_clear_func(description->media, clear_media);

    Parser parser = { .description = description, .attributes = description->attributes };
    if (!parse_lines(&parser, description->text, error)) {
        sdp_description_clear(description);
        return FALSE;
    }
    return TRUE;
}

guint
sdp_description_count(const SdpDescription *description)
{
    return description->media->len;
}

const SdpMedia *
sdp_description_media(const SdpDescription *description, guint index)
{
    return &g_array_index(description->media, SdpMedia, index);
}

static const SdpAttribute *
find(const GArray *attributes, const char *name)
{
    for (guint i = 0; i < attributes->len; i++) {
        const SdpAttribute *attribute = &g_array_index(attributes, SdpAttribute, i);
        if (strcmp(attribute->name, name) == 0)
            return attribute;
    }
    return NULL;
}

const SdpAttribute *
sdp_media_attribute(const SdpMedia *media, const char *name)
{
    return find(media->attributes, name);
}

const SdpAttribute *
sdp_attribute(const SdpDescription *description, const SdpMedia *media, const char *name)
{
    const SdpAttribute *attribute = find(media->attributes, name);
    return attribute ? attribute : find(description->attributes, name);
}

const char *
sdp_media_value(const SdpMedia *media, const char *name)
{
    const SdpAttribute *attribute = sdp_media_attribute(media, name);
    return attribute ? attribute->value : NULL;
}

gboolean
sdp_has_word(const char *list, const char *word)
{
    gsize size = strlen(word);

    for (const char *at = list; at && *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == size && strncmp(at, word, size) == 0)
            return size > 0;
    }
    return FALSE;
}
