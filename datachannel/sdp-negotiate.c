/* Owns the text of our offers and answers, and what a pair of them decides.  Never writes anything
 * out of a peer's description but the m= lines and mids that an answer must repeat, and the name of
 * a codec where it has to keep audio or video.  RFC 9429 section 5 (the order of sections), RFC
 * 8841, RFC 8842, RFC 9143.
 *
 * The text has the shape of Chromium's own:
 *
 *     v=0
 *     o=- SESSION-ID VERSION IN IP4 127.0.0.1
 *     s=-
 *     t=0 0
 *     a=tool:pierce
 *     a=group:BUNDLE MID
 *     m=application 9 UDP/DTLS/SCTP webrtc-datachannel
 *     c=IN IP4 0.0.0.0
 *     a=candidate:... a=ice-ufrag: a=ice-pwd: a=ice-options:trickle
 *     a=fingerprint: a=setup: a=mid: a=sctp-port: a=sctp-init: a=max-message-size:
 */
#include "datachannel/sdp-negotiate.h"

#include <string.h>

/* RFC 9429 section 5.2.1: the discard port, as no candidate is known when the text is made. */
#define DISCARD_PORT 9

/* What an a=sctpmap names as its number of streams; nobody holds us to it. */
#define LEGACY_STREAMS 1024

static const char *const setup_names[] = {
    [SDP_SETUP_ACTPASS] = "actpass",
    [SDP_SETUP_ACTIVE] = "active",
    [SDP_SETUP_PASSIVE] = "passive",
};

/* The section of audio or video by whose transport the data channels travel, or NULL. */
static const SdpSection *
find_carrier(const SdpRemote *remote)
{
    for (guint i = 0; remote && i < remote->sections->len; i++) {
        if (sdp_remote_section(remote, i)->is_carrier)
            return sdp_remote_section(remote, i);
    }
    return NULL;
}

static GString *
begin(const SdpLocal *local, const SdpRemote *remote, const char *bundled_mid)
{
    const SdpSection *carrier = find_carrier(remote);
    GString *out = g_string_sized_new(1024);

    g_string_append_printf(out,
                           "v=0\r\no=- %" G_GUINT64_FORMAT " %u IN IP4 127.0.0.1\r\n"
                           "s=-\r\nt=0 0\r\na=tool:" SDP_TOOL "\r\n",
                           local->session_id, local->version);
    if (bundled_mid)
        g_string_append_printf(out, "a=group:BUNDLE %s%s%s\r\n", carrier ? carrier->mid : "",
                               carrier ? " " : "", bundled_mid);
    return out;
}

static void
write_transport(GString *out, const SdpLocal *local)
{
    for (gsize i = 0; local->candidates && local->candidates[i]; i++)
        g_string_append_printf(out, "a=%s\r\n", local->candidates[i]);
    if (local->end_of_candidates)
        g_string_append(out, "a=end-of-candidates\r\n");
    g_string_append_printf(out, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=ice-options:trickle\r\n",
                           local->ufrag, local->pwd);
    g_string_append_printf(out, "a=fingerprint:sha-256 %s\r\na=setup:%s\r\n", local->fingerprint,
                           setup_names[local->setup]);
}

static void
write_m_line(GString *out, SdpForm form, guint16 sctp_port)
{
    switch (form) {
    case SDP_FORM_UDP:
    case SDP_FORM_TCP:
        g_string_append_printf(out, "m=application %d %s/DTLS/SCTP webrtc-datachannel\r\n",
                               DISCARD_PORT, form == SDP_FORM_UDP ? "UDP" : "TCP");
        break;
    case SDP_FORM_LEGACY:
        g_string_append_printf(out, "m=application %d DTLS/SCTP %u\r\n", DISCARD_PORT, sctp_port);
        break;
    }
}

static void
write_application(GString *out, const SdpLocal *local, SdpForm form, const char *mid)
{
    write_m_line(out, form, local->sctp_port);
    g_string_append(out, "c=IN IP4 0.0.0.0\r\n");
    write_transport(out, local);
    if (mid)
        g_string_append_printf(out, "a=mid:%s\r\n", mid);
    if (form == SDP_FORM_LEGACY)
        g_string_append_printf(out, "a=sctpmap:%u webrtc-datachannel %d\r\n", local->sctp_port,
                               LEGACY_STREAMS);
    else
        g_string_append_printf(out, "a=sctp-port:%u\r\n", local->sctp_port);
    if (form != SDP_FORM_LEGACY && local->sctp_init)
        g_string_append_printf(out, "a=sctp-init:%s\r\n", local->sctp_init);
    g_string_append_printf(out, "a=max-message-size:%" G_GSIZE_FORMAT "\r\n",
                           local->max_message_size);
}

/* RFC 3264 section 6: port 0, and one of the offered formats as the grammar wants one. */
static void
write_rejected(GString *out, const SdpSection *section)
{
    g_string_append_printf(out, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\n", section->media,
                           section->protocol, section->format);
    if (section->mid)
        g_string_append_printf(out, "a=mid:%s\r\n", section->mid);
    g_string_append(out, "a=inactive\r\n");
}

/* Open for the sake of its transport, with nothing going either way (RFC 3264 section 6.1). */
static void
write_carrier(GString *out, const SdpLocal *local, const SdpSection *section)
{
    g_string_append_printf(out, "m=%s %d %s %s\r\nc=IN IP4 0.0.0.0\r\n", section->media,
                           DISCARD_PORT, section->protocol, section->format);
    write_transport(out, local);
    g_string_append_printf(out, "a=mid:%s\r\na=inactive\r\na=rtcp-mux\r\n", section->mid);
    if (section->codec)
        g_string_append_printf(out, "a=rtpmap:%s %s\r\n", section->format, section->codec);
}

static void
write_sections(GString *out, const SdpLocal *local, const SdpRemote *remote, const char *mid)
{
    for (guint i = 0; i < remote->sections->len; i++) {
        if (i == remote->m_line_index)
            write_application(out, local, remote->form, mid);
        else if (sdp_remote_section(remote, i)->is_carrier)
            write_carrier(out, local, sdp_remote_section(remote, i));
        else
            write_rejected(out, sdp_remote_section(remote, i));
    }
}

char *
sdp_build_offer(const SdpLocal *local, const char *mid, const SdpRemote *previous)
{
    GString *out = begin(local, previous, mid);

    if (previous)
        write_sections(out, local, previous, mid);
    else
        write_application(out, local, SDP_FORM_UDP, mid);
    return g_string_free(out, FALSE);
}

char *
sdp_build_answer(const SdpLocal *local, const SdpRemote *offer)
{
    const SdpSection *section = sdp_remote_section(offer, offer->m_line_index);
    GString *out = begin(local, offer, section->is_bundled ? offer->mid : NULL);

    write_sections(out, local, offer, offer->mid);
    return g_string_free(out, FALSE);
}

SdpSetup
sdp_choose_setup(SdpSetup offered)
{
    switch (offered) {
    case SDP_SETUP_ACTIVE:
        return SDP_SETUP_PASSIVE;
    case SDP_SETUP_ACTPASS:
    case SDP_SETUP_PASSIVE:
        break;
    }
    return SDP_SETUP_ACTIVE;
}

SdpDtlsRole
sdp_dtls_role(SdpSetup answered, gboolean we_answered)
{
    gboolean answerer_is_client = answered == SDP_SETUP_ACTIVE;

    return answerer_is_client == (we_answered != FALSE) ? SDP_DTLS_CLIENT : SDP_DTLS_SERVER;
}

SdpSetup
sdp_role_setup(SdpDtlsRole role)
{
    return role == SDP_DTLS_CLIENT ? SDP_SETUP_ACTIVE : SDP_SETUP_PASSIVE;
}

gboolean
sdp_check_answer(const SdpRemote *answer, const char *mid, const SdpRemote *previous,
                 GError **error)
{
    guint count = previous ? previous->sections->len : 1;
    guint index = previous ? previous->m_line_index : 0;

    if (answer->sections->len != count) {
        g_set_error(error, SDP_ERROR, SDP_ERROR_UNUSABLE,
                    "the answer has %u m= sections where the offer has %u: it answers another "
                    "offer",
                    answer->sections->len, count);
        return FALSE;
    }
    /* An answer may leave the mid out (RFC 9429 section 5.10), but not change it. */
    if (answer->m_line_index != index || (answer->mid && strcmp(answer->mid, mid) != 0)) {
        g_autofree char *quoted = sdp_quote(answer->mid ? answer->mid : "");
        g_set_error(error, SDP_ERROR, SDP_ERROR_UNUSABLE,
                    "the answer has its data channels in section %u with mid %s, the offer in "
                    "section %u with mid \"%s\"",
                    answer->m_line_index, quoted, index, mid);
        return FALSE;
    }
    return TRUE;
}

/* They go behind the last line of our data section, which is its max-message-size. */
char *
sdp_add_candidates(const char *sdp, const char *const *candidates, gboolean end_of_candidates)
{
    const char *anchor = strstr(sdp, "\r\na=max-message-size:");
    const char *end = anchor ? strstr(anchor + 2, "\r\n") : NULL;
    if (!end)
        return g_strdup(sdp);
    GString *text = g_string_new_len(sdp, end + 2 - sdp);
    for (; *candidates; candidates++)
        g_string_append_printf(text, "a=%s\r\n", *candidates);
    if (end_of_candidates)
        g_string_append(text, "a=end-of-candidates\r\n");
    g_string_append(text, end + 2);
    return g_string_free(text, FALSE);
}
