/* Feeds a peer's description as an offer and as an answer.  What can be used is answered, and our
 * own texts must then be read back as what we wrote. */
#include "datachannel/sdp-negotiate.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define FINGERPRINT                                                                                \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"   \
    "EE:FF"

static const char *const candidates[] = { "candidate:1 1 udp 1 192.0.2.1 4 typ host", NULL };

static const SdpLocal template = {
    .ufrag = "ours",
    .pwd = "0123456789abcdefghijkl",
    .fingerprint = FINGERPRINT,
    .sctp_port = 5000,
    .max_message_size = 262144,
    .candidates = candidates,
    .end_of_candidates = TRUE,
    .session_id = 1,
    .version = 2,
};

static void
check_ours(const char *text, SdpKind kind, const SdpRemote *theirs, SdpSetup setup)
{
    g_auto(SdpRemote) ours = { 0 };
    g_autoptr(GError) error = NULL;

    if (!sdp_parse_remote(&ours, text, kind, &error))
        g_error("our own text is refused: %s\n%s", error->message, text);
    g_assert_cmpuint(ours.sections->len, ==, theirs->sections->len);
    g_assert_cmpuint(ours.m_line_index, ==, theirs->m_line_index);
    g_assert_cmpint(ours.form, ==, theirs->form);
    g_assert_cmpint(ours.setup, ==, setup);
    g_assert_cmpstr(ours.mid, ==, theirs->mid);
    g_assert_cmpstr(ours.ufrag, ==, "ours");
    g_assert_cmpstr(sdp_remote_fingerprint(&ours, 0)->digest, ==, FINGERPRINT);
    g_assert_cmpuint(ours.fingerprints->len, ==, 1);
    g_assert_cmpuint(ours.candidates->len, ==, 1);
    g_assert_true(ours.end_of_candidates);
    g_assert_cmpuint(ours.max_message_size, ==, 262144);
    g_assert_cmpuint(ours.sctp_port, ==, 5000);
}

static void
check_theirs(const SdpRemote *theirs)
{
    gsize ufrag_size = strlen(theirs->ufrag), pwd_size = strlen(theirs->pwd);

    g_assert_true(ufrag_size >= 4 && ufrag_size <= 256 && pwd_size >= 22 && pwd_size <= 256);
    g_assert_cmpuint(theirs->candidates->len, <=, SDP_MAX_CANDIDATES);
    g_assert_true(theirs->fingerprints->len >= 1);
    g_assert_true(theirs->sctp_port != 0 && theirs->max_message_size != 0);
    g_assert_cmpuint(theirs->m_line_index, <, theirs->sections->len);
    g_assert_false(sdp_remote_is_ice_restart(theirs, theirs));
}

static void
feed(const char *text, SdpKind kind)
{
    g_auto(SdpRemote) theirs = { 0 };
    g_autoptr(GError) error = NULL;
    SdpLocal local = template;

    if (!sdp_parse_remote(&theirs, text, kind, &error)) {
        g_assert_nonnull(error);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        return;
    }
    check_theirs(&theirs);
    if (kind == SDP_KIND_OFFER) {
        local.setup = sdp_choose_setup(theirs.setup);
        g_autofree char *answer = sdp_build_answer(&local, &theirs);
        check_ours(answer, SDP_KIND_ANSWER, &theirs, local.setup);
    } else if (theirs.mid) {
        local.setup = SDP_SETUP_ACTPASS;
        g_autofree char *offer = sdp_build_offer(&local, theirs.mid, &theirs);
        check_ours(offer, SDP_KIND_OFFER, &theirs, SDP_SETUP_ACTPASS);
        g_assert_true(sdp_check_answer(&theirs, theirs.mid, &theirs, NULL));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autofree char *text = g_strndup((const char *) bytes, size);

    feed(text, SDP_KIND_OFFER);
    feed(text, SDP_KIND_ANSWER);
    return 0;
}
