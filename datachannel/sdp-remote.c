/* Owns what each attribute of a peer's description means, and whether it can be used.  Never writes
 * SDP, never resolves or checks a candidate (ice/candidate does), keeps no attribute that it does
 * not know.  RFC 8841 (SCTP), 8842 (DTLS), 8839 and 8840 (ICE), 8122 (fingerprints), 9143 (BUNDLE).
 *
 * An error never repeats an ICE password. */
#include "datachannel/sdp-remote.h"

#include <string.h>

/* RFC 8839 section 5.4. */
#define UFRAG_MIN 4
#define PWD_MIN 22
#define UFRAG_PWD_MAX 256

/* RFC 8841 section 5.1 has no default; 5000 is what everyone uses. */
#define DEFAULT_SCTP_PORT 5000

typedef struct {
    SdpRemote *out;
    const SdpDescription *description;
    const SdpMedia *application; /* the section that carries the data channels */
    const SdpMedia *tagged;      /* the first of its bundle, or NULL */
    const SdpMedia *transport;   /* the one with its ICE and DTLS attributes: mostly the same */
} Reader;

typedef struct {
    const char *name;
    guint bytes;
} Hash;

/* RFC 8122 section 5: md5, sha-1 and what we do not know are passed over. */
static const Hash usable_hashes[] = {
    { "sha-256", 32 },
    { "sha-384", 48 },
    { "sha-512", 64 },
};

static gboolean
fail(GError **error, SdpError code, const char *message)
{
    g_set_error_literal(error, SDP_ERROR, (gint) code, message);
    return FALSE;
}

static gboolean
fail_value(GError **error, const SdpAttribute *attribute, const char *allowed)
{
    g_autofree char *quoted = sdp_quote(attribute->value ? attribute->value : "");
    g_set_error(error, SDP_ERROR, SDP_ERROR_SYNTAX, "SDP line %u: a=%s must be %s, not %s",
                attribute->line, attribute->name, allowed, quoted);
    return FALSE;
}

static gboolean
parse_form(const SdpMedia *media, SdpForm *form)
{
    gboolean is_modern = sdp_has_word(media->formats, "webrtc-datachannel");
    gsize first = strcspn(media->formats, " ");

    if (strcmp(media->protocol, "UDP/DTLS/SCTP") == 0 && is_modern)
        *form = SDP_FORM_UDP;
    else if (strcmp(media->protocol, "TCP/DTLS/SCTP") == 0 && is_modern)
        *form = SDP_FORM_TCP;
    else if (strcmp(media->protocol, "DTLS/SCTP") == 0 &&
             strspn(media->formats, "0123456789") == first)
        *form = SDP_FORM_LEGACY;
    else
        return FALSE;
    return TRUE;
}

static gboolean
fail_no_application(gboolean seen, gboolean seen_rejected, SdpKind kind, GError **error)
{
    if (seen_rejected && kind == SDP_KIND_ANSWER)
        return fail(error, SDP_ERROR_UNUSABLE,
                    "the peer refused data channels: its application section has port 0");
    if (seen_rejected)
        return fail(error, SDP_ERROR_UNUSABLE,
                    "the offer has its data channels switched off: their section has port 0");
    if (seen)
        return fail(error, SDP_ERROR_UNUSABLE,
                    "no application section of the SDP is for data channels (UDP/DTLS/SCTP "
                    "webrtc-datachannel, TCP/DTLS/SCTP or DTLS/SCTP)");
    return fail(error, SDP_ERROR_UNUSABLE,
                "the SDP has no application section: the peer must create a data channel first");
}

static gboolean
find_application(Reader *reader, GError **error)
{
    gboolean seen = FALSE, seen_rejected = FALSE;

    for (guint i = 0; i < sdp_description_count(reader->description); i++) {
        const SdpMedia *media = sdp_description_media(reader->description, i);
        /* RFC 9143 section 6: in an offer, bundle-only makes port 0 mean something else. */
        gboolean is_rejected = media->port == 0 && !(reader->out->kind == SDP_KIND_OFFER &&
                                                     sdp_media_attribute(media, "bundle-only"));
        if (strcmp(media->media, "application") != 0)
            continue;
        seen = TRUE;
        if (!parse_form(media, &reader->out->form))
            continue;
        if (!is_rejected) {
            reader->application = media;
            reader->out->m_line_index = i;
            return TRUE;
        }
        seen_rejected = TRUE;
    }
    return fail_no_application(seen, seen_rejected, reader->out->kind, error);
}

static gboolean
read_ice_text(const Reader *reader, const char *name, gsize least, char **out, GError **error)
{
    const SdpAttribute *attribute = sdp_attribute(reader->description, reader->transport, name);
    const char *value = attribute && attribute->value ? attribute->value : "";
    gsize size = strlen(value);

    if (!attribute) {
        g_set_error(error, SDP_ERROR, SDP_ERROR_UNUSABLE,
                    "the SDP has no a=%s: without it no ICE check can be made", name);
        return FALSE;
    }
    for (gsize i = 0; i < size; i++) {
        if (!g_ascii_isalnum(value[i]) && value[i] != '+' && value[i] != '/') {
            g_set_error(error, SDP_ERROR, SDP_ERROR_SYNTAX,
                        "SDP line %u: a=%s may hold letters, digits, \"+\" and \"/\" only",
                        attribute->line, name);
            return FALSE;
        }
    }
    if (size < least || size > UFRAG_PWD_MAX) {
        g_set_error(error, SDP_ERROR, SDP_ERROR_SYNTAX,
                    "SDP line %u: a=%s has %" G_GSIZE_FORMAT " characters, not %" G_GSIZE_FORMAT
                    " to %d",
                    attribute->line, name, size, least, UFRAG_PWD_MAX);
        return FALSE;
    }
    *out = g_strdup(value);
    return TRUE;
}

static void
read_candidates(const Reader *reader, const SdpMedia *media)
{
    SdpRemote *out = reader->out;

    for (guint i = 0; i < media->attributes->len; i++) {
        const SdpAttribute *a = &g_array_index(media->attributes, SdpAttribute, i);
        if (strcmp(a->name, "candidate") != 0 || !a->value)
            continue;
        if (out->candidates->len < SDP_MAX_CANDIDATES)
            g_ptr_array_add(out->candidates, g_strconcat("candidate:", a->value, NULL));
        else
            out->candidates_dropped++;
    }
    if (sdp_attribute(reader->description, media, "end-of-candidates"))
        out->end_of_candidates = TRUE;
}

static gboolean
read_ice(const Reader *reader, GError **error)
{
    SdpRemote *out = reader->out;
    const SdpAttribute *options =
        sdp_attribute(reader->description, reader->transport, "ice-options");

    out->trickle = options && sdp_has_word(options->value, "trickle");
    out->ice_lite = sdp_attribute(reader->description, reader->transport, "ice-lite") != NULL;
    if (!read_ice_text(reader, "ice-ufrag", UFRAG_MIN, &out->ufrag, error) ||
        !read_ice_text(reader, "ice-pwd", PWD_MIN, &out->pwd, error))
        return FALSE;
    read_candidates(reader, reader->transport);
    /* Firefox with bundlePolicy max-bundle has them all in the first section, under the same ufrag.
     */
    if (out->candidates->len == 0 && reader->tagged &&
        g_strcmp0(sdp_media_value(reader->tagged, "ice-ufrag"), out->ufrag) == 0)
        read_candidates(reader, reader->tagged);
    return TRUE;
}

static gboolean
is_digest(const char *text, guint bytes)
{
    for (guint i = 0; i < bytes; i++, text += 3) {
        /* && stops at the end of a text that is too short. */
        if (!g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1]) ||
            text[2] != (i + 1 < bytes ? ':' : '\0'))
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_fingerprint(GArray *out, const SdpAttribute *attribute, GError **error)
{
    const char *value = attribute->value ? attribute->value : "";
    gsize name_size = strcspn(value, " ");
    const char *digest = value + name_size + strspn(value + name_size, " ");

    for (gsize i = 0; i < G_N_ELEMENTS(usable_hashes); i++) {
        const Hash *hash = &usable_hashes[i];
        if (strlen(hash->name) != name_size ||
            g_ascii_strncasecmp(value, hash->name, name_size) != 0)
            continue;
        if (!is_digest(digest, hash->bytes)) {
            g_set_error(error, SDP_ERROR, SDP_ERROR_SYNTAX,
                        "SDP line %u: a %s fingerprint is %u pairs of hexadecimal digits joined "
                        "by colons",
                        attribute->line, hash->name, hash->bytes);
            return FALSE;
        }
        SdpFingerprint fingerprint = { hash->name, g_ascii_strup(digest, -1) };
        g_array_append_val(out, fingerprint);
        return TRUE;
    }
    return TRUE;
}

static gboolean
read_fingerprints(const Reader *reader, GError **error)
{
    GArray *fingerprints = reader->out->fingerprints;
    const GArray *attributes = sdp_media_attribute(reader->transport, "fingerprint")
                                   ? reader->transport->attributes
                                   : reader->description->attributes;

    for (guint i = 0; i < attributes->len && fingerprints->len < SDP_MAX_FINGERPRINTS; i++) {
        const SdpAttribute *attribute = &g_array_index(attributes, SdpAttribute, i);
        if (strcmp(attribute->name, "fingerprint") == 0 &&
            !read_fingerprint(fingerprints, attribute, error))
            return FALSE;
    }
    return fingerprints->len > 0 ||
           fail(error, SDP_ERROR_UNUSABLE,
                "the SDP has no a=fingerprint with sha-256, sha-384 or sha-512: the peer could not "
                "be authenticated");
}

static gboolean
read_setup(const Reader *reader, GError **error)
{
    static const char *const names[] = {
        [SDP_SETUP_ACTPASS] = "actpass",
        [SDP_SETUP_ACTIVE] = "active",
        [SDP_SETUP_PASSIVE] = "passive",
    };
    gboolean is_answer = reader->out->kind == SDP_KIND_ANSWER;
    const SdpAttribute *setup = sdp_attribute(reader->description, reader->transport, "setup");

    /* RFC 4145 section 4.1 would make an offer without one "active".  Peers that leave it out mean
     * that they do not care, and browsers take it so: we then begin the handshake. */
    if (!setup && !is_answer) {
        reader->out->setup = SDP_SETUP_ACTPASS;
        return TRUE;
    }
    if (!setup)
        return fail(error, SDP_ERROR_UNUSABLE,
                    "the answer has no a=setup: it must say who begins the DTLS handshake");
    for (gsize i = is_answer ? SDP_SETUP_ACTIVE : SDP_SETUP_ACTPASS; i < G_N_ELEMENTS(names); i++) {
        if (g_strcmp0(setup->value, names[i]) == 0) {
            reader->out->setup = (SdpSetup) i;
            return TRUE;
        }
    }
    return fail_value(error, setup,
                      is_answer ? "active or passive in an answer" : "actpass, active or passive");
}

static gboolean
read_sctp_port(const Reader *reader, GError **error)
{
    const SdpMedia *media = reader->application;
    gboolean is_legacy = reader->out->form == SDP_FORM_LEGACY;
    /* The drafts before RFC 8841 have the port as the m= line's format. */
    SdpAttribute format = { "sctpmap", reader->application->formats, media->line };
    const SdpAttribute *port = is_legacy ? &format : sdp_media_attribute(media, "sctp-port");
    g_autofree char *digits =
        port && port->value ? g_strndup(port->value, strcspn(port->value, " ")) : NULL;
    guint64 value = DEFAULT_SCTP_PORT;

    if (port && (!digits || !g_ascii_string_to_unsigned(digits, 10, 1, G_MAXUINT16, &value, NULL)))
        return fail_value(error, port, "a port from 1 to 65535");
    reader->out->sctp_port = (guint16) value;
    return TRUE;
}

static gboolean
read_max_message_size(const Reader *reader, GError **error)
{
    const SdpAttribute *size = sdp_media_attribute(reader->application, "max-message-size");
    guint64 value = SDP_DEFAULT_MAX_MESSAGE_SIZE;

    if (size) {
        const char *digits = size->value ? size->value : "";
        if (!*digits || digits[strspn(digits, "0123456789")] != '\0')
            return fail_value(error, size, "a number of bytes");
        /* All digits: the only way to fail is to be too large. */
        if (!g_ascii_string_to_unsigned(digits, 10, 0, G_MAXSIZE, &value, NULL) || value == 0)
            value = G_MAXSIZE;
    }
    reader->out->max_message_size = (gsize) value;
    return TRUE;
}

/* draft-hancke-tsvwg-snap-00 section 4.1: not for the legacy form.  Who wants it has sctp-snap
 * check it. */
static void
read_sctp_init(const Reader *reader)
{
    const SdpAttribute *init = sdp_media_attribute(reader->application, "sctp-init");
    if (init && reader->out->form != SDP_FORM_LEGACY)
        reader->out->sctp_init = g_strdup(init->value ? init->value : "");
}

static void
clear_fingerprint(gpointer data)
{
    g_free(((SdpFingerprint *) data)->digest);
}

static void
init(SdpRemote *out, SdpKind kind)
{
    *out = (SdpRemote){ .kind = kind };
    out->fingerprints = g_array_new(FALSE, FALSE, sizeof(SdpFingerprint));
    g_array_set_clear_func(out->fingerprints, clear_fingerprint);
    out->candidates = g_ptr_array_new_with_free_func(g_free);
}

void
sdp_remote_clear(SdpRemote *remote)
{
    g_clear_pointer(&remote->mid, g_free);
    g_clear_pointer(&remote->ufrag, g_free);
    g_clear_pointer(&remote->pwd, g_free);
    g_clear_pointer(&remote->sctp_init, g_free);
    g_clear_pointer(&remote->fingerprints, g_array_unref);
    g_clear_pointer(&remote->candidates, g_ptr_array_unref);
    g_clear_pointer(&remote->sections, g_array_unref);
}

static gboolean
is_made_by_us(const Reader *reader)
{
    const SdpAttribute *tool = sdp_attribute(reader->description, reader->application, "tool");
    return tool && g_strcmp0(tool->value, SDP_TOOL) == 0;
}

static gboolean
read_all(Reader *reader, GError **error)
{
    reader->out->sections = sdp_sections_read(reader->description, error);
    if (!reader->out->sections || !find_application(reader, error))
        return FALSE;
    reader->out->is_pierce = is_made_by_us(reader);
    reader->out->mid = g_strdup(sdp_media_value(reader->application, "mid"));
    reader->tagged = sdp_sections_find_tagged(reader->description, reader->out->mid);
    sdp_sections_mark_carrier(reader->out->sections, reader->description, reader->application);
    /* RFC 9429 section 5.2.1: bundled sections may leave their ICE and DTLS attributes to it. */
    reader->transport = reader->tagged && !sdp_media_attribute(reader->application, "ice-ufrag")
                            ? reader->tagged
                            : reader->application;
    read_sctp_init(reader);
    return read_fingerprints(reader, error) && read_setup(reader, error) &&
           read_ice(reader, error) && read_sctp_port(reader, error) &&
           read_max_message_size(reader, error);
}

gboolean
sdp_parse_remote(SdpRemote *out, const char *text, SdpKind kind, GError **error)
{
    g_auto(SdpDescription) description = { 0 };
    Reader reader = { .out = out, .description = &description };

    init(out, kind);
    if (!sdp_description_parse(&description, text, error) || !read_all(&reader, error)) {
        sdp_remote_clear(out);
        return FALSE;
    }
    return TRUE;
}

const SdpFingerprint *
sdp_remote_fingerprint(const SdpRemote *remote, guint index)
{
    return &g_array_index(remote->fingerprints, SdpFingerprint, index);
}

const SdpSection *
sdp_remote_section(const SdpRemote *remote, guint index)
{
    return &g_array_index(remote->sections, SdpSection, index);
}

gboolean
sdp_remote_is_ice_restart(const SdpRemote *before, const SdpRemote *now)
{
    return strcmp(before->ufrag, now->ufrag) != 0 || strcmp(before->pwd, now->pwd) != 0;
}
