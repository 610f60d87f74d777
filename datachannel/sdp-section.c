/* Owns which sections a peer's description has and what its bundle is made of; never what is inside
 * the data channels' own (sdp-remote).  RFC 9143 (BUNDLE), RFC 5888 (mids), RFC 8866 (rtpmap).
 *
 * The first section of a bundle gives it its transport.  With bundlePolicy max-bundle that is audio
 * or video where there is any, and the data channels' section has none of its own: refusing the
 * first refuses them as well (RFC 9143 section 7.3.1), and browsers see it so. */
#include "datachannel/sdp-section.h"

#include <string.h>

/* Longer than any codec's name with its clock rate and channels. */
#define MAX_CODEC_BYTES 64

static const char *
find_bundle(const SdpDescription *description, const char *mid)
{
    for (guint i = 0; mid && i < description->attributes->len; i++) {
        const SdpAttribute *a = &g_array_index(description->attributes, SdpAttribute, i);
        if (strcmp(a->name, "group") == 0 && a->value && g_str_has_prefix(a->value, "BUNDLE ") &&
            sdp_has_word(a->value + strlen("BUNDLE "), mid))
            return a->value + strlen("BUNDLE ");
    }
    return NULL;
}

const SdpMedia *
sdp_sections_find_tagged(const SdpDescription *description, const char *mid)
{
    const char *group = find_bundle(description, mid);

    if (!group)
        return NULL;
    group += strspn(group, " ");
    g_autofree char *tag = g_strndup(group, strcspn(group, " "));
    for (guint i = 0; i < sdp_description_count(description); i++) {
        const SdpMedia *media = sdp_description_media(description, i);
        if (g_strcmp0(sdp_media_value(media, "mid"), tag) == 0)
            return media;
    }
    return NULL;
}

static void
clear_section(gpointer data)
{
    SdpSection *section = data;

    g_free(section->media);
    g_free(section->protocol);
    g_free(section->format);
    g_free(section->mid);
    g_free(section->codec);
}

/* RFC 5888 section 4: a token; it is written into answers. */
static gboolean
check_mid(const SdpAttribute *mid, GError **error)
{
    const char *at = mid->value ? mid->value : "";

    while (g_ascii_isgraph(*at))
        at++;
    if (*at == '\0' && at != mid->value && mid->value)
        return TRUE;
    g_autofree char *quoted = sdp_quote(mid->value ? mid->value : "");
    g_set_error(error, SDP_ERROR, SDP_ERROR_SYNTAX, "SDP line %u: a=mid must be a word, not %s",
                mid->line, quoted);
    return FALSE;
}

GArray *
sdp_sections_read(const SdpDescription *description, GError **error)
{
    g_autoptr(GArray) sections = g_array_new(FALSE, FALSE, sizeof(SdpSection));

    g_array_set_clear_func(sections, clear_section);
    for (guint i = 0; i < sdp_description_count(description); i++) {
        const SdpMedia *media = sdp_description_media(description, i);
        const SdpAttribute *mid = sdp_media_attribute(media, "mid");
        if (mid && !check_mid(mid, error))
            return NULL;
        SdpSection section = {
            .media = g_strdup(media->media),
            .protocol = g_strdup(media->protocol),
            .format = g_strndup(media->formats, strcspn(media->formats, " ")),
            .mid = g_strdup(mid ? mid->value : NULL),
            .is_bundled = find_bundle(description, mid ? mid->value : NULL) != NULL,
        };
        g_array_append_val(sections, section);
    }
    return g_steal_pointer(&sections);
}

/* RFC 8866 section 6.6: "opus/48000/2".  It is written into answers. */
static gboolean
is_codec(const char *text)
{
    gsize name = 0, size = strlen(text);

    while (g_ascii_isalnum(text[name]) || (text[name] && strchr("-_.", text[name])))
        name++;
    return name > 0 && text[name] == '/' && size <= MAX_CODEC_BYTES &&
           strspn(text + name, "/0123456789") == size - name;
}

/* Of "a=rtpmap:111 opus/48000/2" what follows the format, or NULL. */
static const char *
find_codec(const SdpMedia *media, const char *format)
{
    gsize size = strlen(format);

    for (guint i = 0; i < media->attributes->len; i++) {
        const SdpAttribute *a = &g_array_index(media->attributes, SdpAttribute, i);
        if (strcmp(a->name, "rtpmap") == 0 && a->value && strncmp(a->value, format, size) == 0 &&
            a->value[size] == ' ')
            return is_codec(a->value + size + 1) ? a->value + size + 1 : NULL;
    }
    return NULL;
}

void
sdp_sections_mark_carrier(GArray *sections, const SdpDescription *description, const SdpMedia *data)
{
    const SdpMedia *tagged = sdp_sections_find_tagged(description, sdp_media_value(data, "mid"));

    if (!tagged || tagged == data || tagged->port == 0 ||
        strcmp(tagged->protocol, "UDP/TLS/RTP/SAVPF") != 0)
        return;
    for (guint i = 0; i < sections->len; i++) {
        SdpSection *section = &g_array_index(sections, SdpSection, i);
        if (sdp_description_media(description, i) == tagged) {
            section->is_carrier = TRUE;
            section->codec = g_strdup(find_codec(tagged, section->format));
        }
    }
}
