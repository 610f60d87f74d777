#include "datachannel/sdp-negotiate.h"

#include <string.h>

#define DIGEST                                                                                     \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"   \
    "EE:FF"

static const char *const candidates[] = { "candidate:1 1 udp 1 192.0.2.1 4 typ host", NULL };

static const SdpLocal local = {
    .ufrag = "ours",
    .pwd = "0123456789abcdefghijkl",
    .fingerprint = DIGEST,
    .setup = SDP_SETUP_ACTIVE,
    .sctp_port = 5000,
    .max_message_size = 262144,
    .session_id = G_GUINT64_CONSTANT(9223372036854775807),
    .version = 2,
};

#define OURS                                                                                       \
    "a=ice-ufrag:ours\r\na=ice-pwd:0123456789abcdefghijkl\r\na=ice-options:trickle\r\n"            \
    "a=fingerprint:sha-256 " DIGEST "\r\n"
#define SESSION                                                                                    \
    "v=0\r\no=- 9223372036854775807 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=tool:pierce\r\n"
#define MODERN "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
#define END "a=sctp-port:5000\r\na=max-message-size:262144\r\n"

#define THEIRS                                                                                     \
    "a=ice-ufrag:abcd\na=ice-pwd:0123456789abcdefghijkl\na=fingerprint:sha-256 " DIGEST "\n"

static const struct {
    const char *name, *offer, *answer;
} answers[] = {
    { "modern", "v=0\na=group:BUNDLE 0\n" MODERN "a=mid:0\na=sctp-init:AAAA\na=x\n" THEIRS,
      SESSION "a=group:BUNDLE 0\r\n" MODERN OURS "a=setup:active\r\na=mid:0\r\n" END },
    { "not-bundled-without-mid", "v=0\n" MODERN THEIRS,
      SESSION MODERN OURS "a=setup:active\r\n" END },
    { "in-no-bundle-of-the-offer",
      "v=0\na=group:BUNDLE a b\na=group:LS d\n" MODERN "a=mid:d\n" THEIRS,
      SESSION MODERN OURS "a=setup:active\r\na=mid:d\r\n" END },
    { "tcp", "v=0\nm=application 9 TCP/DTLS/SCTP webrtc-datachannel\na=mid:data\n" THEIRS,
      SESSION "m=application 9 TCP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n" OURS
              "a=setup:active\r\na=mid:data\r\n" END },
    { "legacy", "v=0\na=group:BUNDLE 0\nm=application 9 DTLS/SCTP 5001\na=mid:0\n" THEIRS,
      SESSION "a=group:BUNDLE 0\r\nm=application 9 DTLS/SCTP 5000\r\nc=IN IP4 0.0.0.0\r\n" OURS
              "a=setup:active\r\na=mid:0\r\na=sctpmap:5000 webrtc-datachannel 1024\r\n"
              "a=max-message-size:262144\r\n" },
    { "all-others-are-rejected-in-place",
      "v=0\na=group:BUNDLE 1 a 2 v\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\na=mid:a\na=rtcp-mux\n" MODERN
      "a=mid:1\n" THEIRS MODERN "a=mid:2\n" THEIRS "m=video 9 UDP/TLS/RTP/SAVPF 96\n",
      SESSION "a=group:BUNDLE 1\r\nm=audio 0 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"
              "a=mid:a\r\na=inactive\r\n" MODERN OURS "a=setup:active\r\na=mid:1\r\n" END
              "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
              "a=mid:2\r\na=inactive\r\n"
              "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n" },
    { "the-one-that-gives-the-transport-stays",
      "v=0\na=group:BUNDLE a v d\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\na=mid:a\na=rtcp-mux\n"
      "a=rtpmap:111 opus/48000/2\na=sendrecv\nm=video 0 UDP/TLS/RTP/SAVPF 96\na=bundle-only\n"
      "a=mid:v\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\na=bundle-only\na=mid:d\n" THEIRS,
      SESSION "a=group:BUNDLE a d\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n" OURS
              "a=setup:active\r\na=mid:a\r\na=inactive\r\na=rtcp-mux\r\n"
              "a=rtpmap:111 opus/48000/2\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\n"
              "c=IN IP4 0.0.0.0\r\na=mid:v\r\na=inactive\r\n" MODERN OURS
              "a=setup:active\r\na=mid:d\r\n" END },
};

static void
test_answer(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_auto(SdpRemote) offer = { 0 };
    g_autoptr(GError) error = NULL;

    sdp_parse_remote(&offer, answers[i].offer, SDP_KIND_OFFER, &error);
    g_assert_no_error(error);
    g_autofree char *answer = sdp_build_answer(&local, &offer);
    g_assert_cmpstr(answer, ==, answers[i].answer);
}

static void
test_a_first_offer_has_one_section(void)
{
    SdpLocal ours = local;
    ours.setup = SDP_SETUP_ACTPASS;
    ours.candidates = candidates;
    ours.end_of_candidates = TRUE;

    g_autofree char *offer = sdp_build_offer(&ours, "0", NULL);

    g_assert_cmpstr(offer, ==,
                    SESSION "a=group:BUNDLE 0\r\n" MODERN
                            "a=candidate:1 1 udp 1 192.0.2.1 4 typ host\r\n"
                            "a=end-of-candidates\r\n" OURS "a=setup:actpass\r\na=mid:0\r\n" END);
}

static void
test_a_later_offer_keeps_the_sections_of_the_peer(void)
{
    g_auto(SdpRemote) previous = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(sdp_parse_remote(
        &previous, "v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:a\n" MODERN "a=mid:1\n" THEIRS,
        SDP_KIND_OFFER, &error));
    g_autofree char *offer = sdp_build_offer(&local, "1", &previous);
    g_assert_cmpstr(offer, ==,
                    SESSION "a=group:BUNDLE 1\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\n"
                            "c=IN IP4 0.0.0.0\r\na=mid:a\r\na=inactive\r\n" MODERN OURS
                            "a=setup:active\r\na=mid:1\r\n" END);
}

static void
test_a_later_offer_keeps_what_gives_the_transport(void)
{
    g_auto(SdpRemote) previous = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(
        sdp_parse_remote(&previous,
                         "v=0\na=group:BUNDLE a 1\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:a\n" MODERN
                         "a=setup:active\na=mid:1\n" THEIRS,
                         SDP_KIND_ANSWER, &error));
    g_autofree char *offer = sdp_build_offer(&local, "1", &previous);
    g_assert_cmpstr(offer, ==,
                    SESSION "a=group:BUNDLE a 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
                            "c=IN IP4 0.0.0.0\r\n" OURS "a=setup:active\r\na=mid:a\r\n"
                            "a=inactive\r\na=rtcp-mux\r\n" MODERN OURS
                            "a=setup:active\r\na=mid:1\r\n" END);
}

static const struct {
    const char *name, *answer;
    gboolean is_later; /* our offer came after one of the peer with an audio section first */
    const char *error;
} checks[] = {
    { "fits", "v=0\n" MODERN "a=setup:active\na=mid:0\n" THEIRS, FALSE, NULL },
    { "leaves-the-mid-out", "v=0\n" MODERN "a=setup:active\n" THEIRS, FALSE, NULL },
    { "another-mid", "v=0\n" MODERN "a=setup:active\na=mid:1\n" THEIRS, FALSE,
      "in section 0 with mid \"1\", the offer in section 0 with mid \"0\"" },
    { "one-section-too-many",
      "v=0\n" MODERN "a=setup:active\na=mid:0\n" THEIRS "m=audio 0 RTP/AVP 0\n", FALSE,
      "has 2 m= sections where the offer has 1" },
    { "later-fits", "v=0\nm=audio 0 RTP/AVP 0\n" MODERN "a=setup:active\na=mid:0\n" THEIRS, TRUE,
      NULL },
    { "later-in-another-place",
      "v=0\n" MODERN "a=setup:active\na=mid:0\n" THEIRS "m=audio 0 RTP/AVP 0\n", TRUE,
      "in section 0 with mid \"0\", the offer in section 1" },
    { "later-one-missing", "v=0\n" MODERN "a=setup:active\na=mid:0\n" THEIRS, TRUE,
      "has 1 m= sections where the offer has 2" },
};

static void
test_check(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_auto(SdpRemote) previous = { 0 }, answer = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(sdp_parse_remote(
        &previous, "v=0\nm=audio 9 RTP/AVP 0\n" MODERN "a=mid:0\n" THEIRS, SDP_KIND_OFFER, NULL));
    g_assert_true(sdp_parse_remote(&answer, checks[i].answer, SDP_KIND_ANSWER, NULL));
    gboolean fits = sdp_check_answer(&answer, "0", checks[i].is_later ? &previous : NULL, &error);
    g_assert_cmpint(fits, ==, checks[i].error == NULL);
    if (checks[i].error && !strstr(error->message, checks[i].error))
        g_error("\"%s\" does not say \"%s\"", error->message, checks[i].error);
}

static void
test_setup_and_role(void)
{
    g_assert_cmpint(sdp_choose_setup(SDP_SETUP_ACTPASS), ==, SDP_SETUP_ACTIVE);
    g_assert_cmpint(sdp_choose_setup(SDP_SETUP_PASSIVE), ==, SDP_SETUP_ACTIVE);
    g_assert_cmpint(sdp_choose_setup(SDP_SETUP_ACTIVE), ==, SDP_SETUP_PASSIVE);
    g_assert_cmpint(sdp_dtls_role(SDP_SETUP_ACTIVE, TRUE), ==, SDP_DTLS_CLIENT);
    g_assert_cmpint(sdp_dtls_role(SDP_SETUP_ACTIVE, FALSE), ==, SDP_DTLS_SERVER);
    g_assert_cmpint(sdp_dtls_role(SDP_SETUP_PASSIVE, TRUE), ==, SDP_DTLS_SERVER);
    g_assert_cmpint(sdp_dtls_role(SDP_SETUP_PASSIVE, FALSE), ==, SDP_DTLS_CLIENT);
    g_assert_cmpint(sdp_role_setup(SDP_DTLS_CLIENT), ==, SDP_SETUP_ACTIVE);
    g_assert_cmpint(sdp_role_setup(SDP_DTLS_SERVER), ==, SDP_SETUP_PASSIVE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autofree char *path = g_strconcat("/sdp-negotiate/answer/", answers[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_answer);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(checks); i++) {
        g_autofree char *path = g_strconcat("/sdp-negotiate/check/", checks[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_check);
    }
    g_test_add_func("/sdp-negotiate/a-first-offer-has-one-section",
                    test_a_first_offer_has_one_section);
    g_test_add_func("/sdp-negotiate/a-later-offer-keeps-the-sections-of-the-peer",
                    test_a_later_offer_keeps_the_sections_of_the_peer);
    g_test_add_func("/sdp-negotiate/a-later-offer-keeps-what-gives-the-transport",
                    test_a_later_offer_keeps_what_gives_the_transport);
    g_test_add_func("/sdp-negotiate/setup-and-role", test_setup_and_role);
    return g_test_run();
}
