#include "datachannel/sdp-remote.h"

#include <string.h>

/* What peers really write: the seeds of the fuzz target. */
static const struct {
    const char *file;
    SdpKind kind;
    SdpForm form;
    guint sections, m_line_index;
    const char *mid, *ufrag, *digest;
    SdpSetup setup;
    guint fingerprints, candidates;
    gboolean end_of_candidates, ice_lite, trickle;
    guint16 sctp_port;
    gsize max_message_size;
} peers[] = {
    { "chromium-offer", SDP_KIND_OFFER, SDP_FORM_UDP, 1, 0, "0", "Y0XV", "D7:10:A0",
      SDP_SETUP_ACTPASS, 1, 2, FALSE, FALSE, TRUE, 5000, 262144 },
    { "chromium-answer", SDP_KIND_ANSWER, SDP_FORM_UDP, 1, 0, "0", "uhG6", "06:AE:53",
      SDP_SETUP_ACTIVE, 1, 2, FALSE, FALSE, TRUE, 5000, 262144 },
    { "chromium-audio-offer", SDP_KIND_OFFER, SDP_FORM_UDP, 2, 1, "1", "Fxy+", "E1:12:3F",
      SDP_SETUP_ACTPASS, 1, 2, FALSE, FALSE, TRUE, 5000, 262144 },
    { "firefox-offer", SDP_KIND_OFFER, SDP_FORM_UDP, 1, 0, "0", "8b8650c6", "E0:7F:FB",
      SDP_SETUP_ACTPASS, 1, 4, TRUE, FALSE, TRUE, 5000, 1073741823 },
    { "firefox-answer", SDP_KIND_ANSWER, SDP_FORM_UDP, 1, 0, "0", "98e1463b", "E1:69:32",
      SDP_SETUP_ACTIVE, 1, 4, TRUE, FALSE, TRUE, 5000, 1073741823 },
    { "firefox-audio-bundled-offer", SDP_KIND_OFFER, SDP_FORM_UDP, 2, 1, "1", "aa9b6b53",
      "02:D8:96", SDP_SETUP_ACTPASS, 1, 8, TRUE, FALSE, TRUE, 5000, 1073741823 },
    { "aiortc-offer", SDP_KIND_OFFER, SDP_FORM_LEGACY, 1, 0, "0", "AvQX", "AE:FA:45",
      SDP_SETUP_ACTPASS, 1, 2, TRUE, FALSE, FALSE, 5000, 65536 },
    { "aiortc-answer", SDP_KIND_ANSWER, SDP_FORM_LEGACY, 1, 0, "0", "5qxx", "F6:55:F7",
      SDP_SETUP_ACTIVE, 1, 2, TRUE, FALSE, FALSE, 5000, 65536 },
    { "webrtcbin-offer", SDP_KIND_OFFER, SDP_FORM_UDP, 1, 0, "application0",
      "FbcnH6TAuNzmOoOMcAhjKmH+hNBDsSjr", "00:11:22", SDP_SETUP_ACTPASS, 1, 0, FALSE, FALSE, TRUE,
      5000, 65536 },
    { "webrtcbin-answer", SDP_KIND_ANSWER, SDP_FORM_UDP, 1, 0, "application0",
      "FbcnH6TAuNzmOoOMcAhjKmH+hNBDsSjr", "00:11:22", SDP_SETUP_ACTIVE, 1, 0, FALSE, FALSE, TRUE,
      5000, G_MAXSIZE },
    { "libdatachannel-tcp-lf-offer", SDP_KIND_OFFER, SDP_FORM_TCP, 1, 0, "data", "RXHt",
      "00:11:22:33:44:55:66:77:88:99:AA:BB", SDP_SETUP_ACTIVE, 2, 1, TRUE, TRUE, FALSE, 5001,
      G_MAXSIZE },
    { "bundle-only-offer", SDP_KIND_OFFER, SDP_FORM_UDP, 2, 1, "d", "STtz", "00:11:22",
      SDP_SETUP_ACTPASS, 1, 1, FALSE, FALSE, TRUE, 5000, 65536 },
};

static char *
read_seed(const char *name)
{
    g_autofree char *path = g_strconcat(SDP_CORPUS "/", name, ".sdp", NULL);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

static void
test_peer(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_auto(SdpRemote) remote = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *text = read_seed(peers[i].file);

    sdp_parse_remote(&remote, text, peers[i].kind, &error);

    g_assert_no_error(error);
    g_assert_cmpint(remote.form, ==, peers[i].form);
    g_assert_cmpuint(remote.sections->len, ==, peers[i].sections);
    g_assert_cmpuint(remote.m_line_index, ==, peers[i].m_line_index);
    g_assert_cmpstr(remote.mid, ==, peers[i].mid);
    g_assert_cmpstr(remote.ufrag, ==, peers[i].ufrag);
    g_assert_true(g_str_has_prefix(sdp_remote_fingerprint(&remote, 0)->digest, peers[i].digest));
    g_assert_cmpstr(sdp_remote_fingerprint(&remote, 0)->algorithm, ==, "sha-256");
    g_assert_cmpint(remote.setup, ==, peers[i].setup);
    g_assert_cmpuint(remote.fingerprints->len, ==, peers[i].fingerprints);
    g_assert_cmpuint(remote.candidates->len, ==, peers[i].candidates);
    g_assert_cmpint(remote.end_of_candidates, ==, peers[i].end_of_candidates);
    g_assert_cmpint(remote.ice_lite, ==, peers[i].ice_lite);
    g_assert_cmpint(remote.trickle, ==, peers[i].trickle);
    g_assert_cmpuint(remote.sctp_port, ==, peers[i].sctp_port);
    g_assert_cmpuint(remote.max_message_size, ==, peers[i].max_message_size);
}

static void
test_tool(void)
{
    static const struct {
        const char *line;
        gboolean is_pierce;
    } cases[] = { { "a=tool:pierce\n", TRUE },
                  { "", FALSE },
                  { "a=tool\n", FALSE },
                  { "a=tool:other\n", FALSE } };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(SdpRemote) remote = { 0 };
        g_autofree char *text = read_seed("chromium-offer");
        const char *media = strstr(text, "m=");
        g_autoptr(GString) with_tool = g_string_new_len(text, media - text);
        g_string_append_printf(with_tool, "%s%s", cases[i].line, media);

        g_assert_true(sdp_parse_remote(&remote, with_tool->str, SDP_KIND_OFFER, NULL));
        g_assert_cmpint(remote.is_pierce, ==, cases[i].is_pierce);
    }
}

/* Each case is a good offer with one piece of it replaced. */
#define DIGEST                                                                                     \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"   \
    "EE:FF"
#define FINGERPRINT "a=fingerprint:sha-256 " DIGEST "\n"
#define M_LINE "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n"
#define UFRAG "a=ice-ufrag:abcd\n"
#define PWD "a=ice-pwd:0123456789abcdefghijkl\n"
#define X16 "xxxxxxxxxxxxxxxx"
#define X256 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16

static const char template[] =
    "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\n" M_LINE UFRAG PWD
    "a=setup:active\na=mid:0\n" FINGERPRINT "a=sctp-port:5000\na=max-message-size:100\n";

typedef struct {
    const char *name, *piece, *instead;
    SdpKind kind;
    const char *error; /* part of the message, NULL where it must parse */
} Variant;

static const Variant variants[] = {
    { "nothing-replaced", "v=0", "v=0", SDP_KIND_ANSWER, NULL },
    { "no-section", M_LINE, "", SDP_KIND_OFFER, "has no application section" },
    { "audio-only", M_LINE, "m=audio 9 UDP/TLS/RTP/SAVPF 0\n", SDP_KIND_OFFER,
      "has no application section" },
    { "other-application", M_LINE, "m=application 9 UDP/BFCP *\n", SDP_KIND_OFFER,
      "no application section of the SDP is for data channels" },
    { "refused", M_LINE, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\n", SDP_KIND_ANSWER,
      "the peer refused data channels" },
    { "bundle-only-is-for-offers", M_LINE,
      "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\na=bundle-only\n", SDP_KIND_ANSWER,
      "the peer refused data channels" },
    { "switched-off", M_LINE, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\n", SDP_KIND_OFFER,
      "the offer has its data channels switched off" },
    { "second-section-is-used", M_LINE,
      "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\na=mid:9\n" M_LINE, SDP_KIND_OFFER, NULL },
    { "mid-missing", "a=mid:0\n", "", SDP_KIND_OFFER, NULL },
    { "mid-empty", "a=mid:0", "a=mid:", SDP_KIND_OFFER, "line 9: a=mid must be a word, not \"\"" },
    { "mid-without-value", "a=mid:0", "a=mid", SDP_KIND_OFFER, "a=mid must be a word" },
    { "mid-with-blank", "a=mid:0", "a=mid:0 a=x", SDP_KIND_OFFER, "a=mid must be a word" },
    { "mid-not-ascii", "a=mid:0", "a=mid:\xc3\xa4", SDP_KIND_OFFER, "not \"\\xc3\\xa4\"" },
    { "ufrag-missing", UFRAG, "", SDP_KIND_OFFER, "has no a=ice-ufrag" },
    { "ufrag-of-3", UFRAG, "a=ice-ufrag:abc\n", SDP_KIND_OFFER,
      "line 6: a=ice-ufrag has 3 characters, not 4 to 256" },
    { "ufrag-of-256", UFRAG, "a=ice-ufrag:" X256 "\n", SDP_KIND_OFFER, NULL },
    { "ufrag-of-257", UFRAG, "a=ice-ufrag:y" X256 "\n", SDP_KIND_OFFER, "has 257 characters" },
    { "ufrag-with-colon", UFRAG, "a=ice-ufrag:ab:d\n", SDP_KIND_OFFER, "letters, digits" },
    { "pwd-missing", PWD, "", SDP_KIND_OFFER, "has no a=ice-pwd" },
    { "pwd-of-21", PWD, "a=ice-pwd:secretsecretsecretsec\n", SDP_KIND_OFFER,
      "line 7: a=ice-pwd has 21 characters, not 22 to 256" },
    { "pwd-of-257", PWD, "a=ice-pwd:y" X256 "\n", SDP_KIND_OFFER, "has 257 characters" },
    { "pwd-with-blank", PWD, "a=ice-pwd:secretsecret secretsecret\n", SDP_KIND_OFFER,
      "line 7: a=ice-pwd may hold" },
    { "fingerprint-missing", FINGERPRINT, "", SDP_KIND_OFFER, "no a=fingerprint" },
    { "fingerprint-weak", "sha-256", "sha-1", SDP_KIND_OFFER, "no a=fingerprint" },
    { "fingerprint-short", "EE:FF\n", "EE\n", SDP_KIND_OFFER,
      "line 10: a sha-256 fingerprint is 32 pairs" },
    { "fingerprint-long", "EE:FF\n", "EE:FF:00\n", SDP_KIND_OFFER, "32 pairs" },
    { "fingerprint-trailing-colon", "EE:FF\n", "EE:FF:\n", SDP_KIND_OFFER, "32 pairs" },
    { "fingerprint-without-colons", "00:11:22", "00.11:22", SDP_KIND_OFFER, "32 pairs" },
    { "fingerprint-not-hexadecimal", "00:11:22", "0g:11:22", SDP_KIND_OFFER, "32 pairs" },
    { "fingerprint-of-another-length", "sha-256", "sha-512", SDP_KIND_OFFER, "64 pairs" },
    { "fingerprint-without-digest", FINGERPRINT, "a=fingerprint:sha-256\n", SDP_KIND_OFFER,
      "32 pairs" },
    { "setup-missing-in-offer", "a=setup:active\n", "", SDP_KIND_OFFER, NULL },
    { "setup-missing-in-answer", "a=setup:active\n", "", SDP_KIND_ANSWER, "has no a=setup" },
    { "setup-actpass-in-answer", "setup:active", "setup:actpass", SDP_KIND_ANSWER,
      "a=setup must be active or passive in an answer, not \"actpass\"" },
    { "setup-holdconn", "setup:active", "setup:holdconn", SDP_KIND_OFFER, "not \"holdconn\"" },
    { "setup-without-value", "setup:active", "setup", SDP_KIND_OFFER, "a=setup must be actpass" },
    { "sctp-port-missing", "a=sctp-port:5000\n", "", SDP_KIND_OFFER, NULL },
    { "sctp-port-0", ":5000\n", ":0\n", SDP_KIND_OFFER, "a=sctp-port must be a port from 1" },
    { "sctp-port-too-large", ":5000\n", ":65536\n", SDP_KIND_OFFER, "not \"65536\"" },
    { "sctp-port-without-value", ":5000\n", "\n", SDP_KIND_OFFER, "a=sctp-port must be a port" },
    { "sctp-port-with-trailer", ":5000\n", ":5000x\n", SDP_KIND_OFFER, "not \"5000x\"" },
    { "size-negative", "size:100", "size:-1", SDP_KIND_OFFER,
      "a=max-message-size must be a number of bytes, not \"-1\"" },
    { "size-without-value", "size:100", "size", SDP_KIND_OFFER, "a number of bytes" },
    { "size-with-unit", "size:100", "size:64K", SDP_KIND_OFFER, "not \"64K\"" },
    { "legacy-port", M_LINE, "m=application 9 DTLS/SCTP 5000\n", SDP_KIND_OFFER, NULL },
    { "legacy-port-0", M_LINE, "m=application 9 DTLS/SCTP 0\n", SDP_KIND_OFFER,
      "line 5: a=sctpmap must be a port from 1 to 65535, not \"0\"" },
    { "legacy-with-a-name", M_LINE, "m=application 9 DTLS/SCTP webrtc-datachannel\n",
      SDP_KIND_OFFER, "is for data channels" },
    { "unknown-attributes", "a=mid:0\n", "a=mid:0\na=sctp-init:AAAA\na=x\n", SDP_KIND_OFFER, NULL },
};

static char *
replace(const char *piece, const char *instead)
{
    g_auto(GStrv) parts = g_strsplit(template, piece, 2);

    g_assert_nonnull(parts[1]);
    return g_strconcat(parts[0], instead, parts[1], NULL);
}

static void
test_variant(gconstpointer data)
{
    const Variant *v = data;
    g_autofree char *text = replace(v->piece, v->instead);
    g_auto(SdpRemote) remote = { 0 };
    g_autoptr(GError) error = NULL;

    gboolean parsed = sdp_parse_remote(&remote, text, v->kind, &error);

    if (!v->error) {
        g_assert_no_error(error);
        g_assert_true(parsed);
        return;
    }
    g_assert_false(parsed);
    g_assert_null(remote.ufrag);
    g_assert_cmpint((int) error->domain, ==, (int) SDP_ERROR);
    g_assert_null(strstr(error->message, "secret"));
    if (!strstr(error->message, v->error))
        g_error("\"%s\" does not say \"%s\"", error->message, v->error);
}

static void
test_a_missing_setup_in_an_offer_leaves_the_choice_to_us(void)
{
    g_autofree char *text = replace("a=setup:active\n", "");
    g_auto(SdpRemote) remote = { 0 };

    g_assert_true(sdp_parse_remote(&remote, text, SDP_KIND_OFFER, NULL));
    g_assert_cmpint(remote.setup, ==, SDP_SETUP_ACTPASS);
}

static void
test_candidates_past_the_hundredth_are_dropped(void)
{
    GString *more = g_string_new("a=mid:0\n");
    for (guint i = 0; i < SDP_MAX_CANDIDATES + 7; i++)
        g_string_append_printf(more, "a=candidate:%u 1 udp 1 192.0.2.1 4 typ host\n", i);
    g_autofree char *text = replace("a=mid:0\n", more->str);
    g_auto(SdpRemote) remote = { 0 };

    g_string_free(more, TRUE);
    g_assert_true(sdp_parse_remote(&remote, text, SDP_KIND_OFFER, NULL));
    g_assert_cmpuint(remote.candidates->len, ==, SDP_MAX_CANDIDATES);
    g_assert_cmpuint(remote.candidates_dropped, ==, 7);
    g_assert_cmpstr(g_ptr_array_index(remote.candidates, 99), ==,
                    "candidate:99 1 udp 1 192.0.2.1 4 typ host");
}

static void
test_new_credentials_are_an_ice_restart(void)
{
    static const struct {
        const char *piece, *instead;
        gboolean is_restart;
    } cases[] = {
        { "a=mid:0", "a=mid:0\na=end-of-candidates", FALSE },
        { UFRAG, "a=ice-ufrag:efgh\n", TRUE },
        { PWD, "a=ice-pwd:0123456789abcdefghijkm\n", TRUE },
    };
    g_auto(SdpRemote) before = { 0 };

    g_assert_true(sdp_parse_remote(&before, template, SDP_KIND_OFFER, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = replace(cases[i].piece, cases[i].instead);
        g_auto(SdpRemote) now = { 0 };

        g_assert_true(sdp_parse_remote(&now, text, SDP_KIND_OFFER, NULL));
        g_assert_cmpint(sdp_remote_is_ice_restart(&before, &now), ==, cases[i].is_restart);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(peers); i++) {
        g_autofree char *path = g_strconcat("/sdp-remote/peer/", peers[i].file, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_peer);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(variants); i++) {
        g_autofree char *path = g_strconcat("/sdp-remote/variant/", variants[i].name, NULL);
        g_test_add_data_func(path, &variants[i], test_variant);
    }
    g_test_add_func("/sdp-remote/a-missing-setup-in-an-offer-leaves-the-choice-to-us",
                    test_a_missing_setup_in_an_offer_leaves_the_choice_to_us);
    g_test_add_func("/sdp-remote/candidates-past-the-hundredth-are-dropped",
                    test_candidates_past_the_hundredth_are_dropped);
    g_test_add_func("/sdp-remote/new-credentials-are-an-ice-restart",
                    test_new_credentials_are_an_ice_restart);
    g_test_add_func("/sdp-remote/tool", test_tool);
    return g_test_run();
}
