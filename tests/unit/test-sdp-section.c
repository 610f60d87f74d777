#include "datachannel/sdp-section.h"

#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\n"
#define DATA "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n"
#define NONE G_MAXUINT

static const struct {
    const char *name, *sdp;
    guint carrier;
    const char *codec;
} carriers[] = {
    { "data-alone", "v=0\na=group:BUNDLE 0\n" DATA "a=mid:0\n", NONE, NULL },
    { "audio-in-front",
      "v=0\na=group:BUNDLE a d\n" AUDIO
      "a=mid:a\na=rtpmap:0 PCMU/8000\na=rtpmap:111 opus/48000/2\n" DATA "a=mid:d\n",
      0, "opus/48000/2" },
    { "audio-behind", "v=0\na=group:BUNDLE d a\n" DATA "a=mid:d\n" AUDIO "a=mid:a\n", NONE, NULL },
    { "audio-behind-but-first-in-the-group",
      "v=0\na=group:BUNDLE a d\n" DATA "a=mid:d\n" AUDIO "a=mid:a\n", 1, NULL },
    { "not-bundled", "v=0\n" AUDIO "a=mid:a\n" DATA "a=mid:d\n", NONE, NULL },
    { "in-another-bundle",
      "v=0\na=group:BUNDLE a\na=group:BUNDLE d\n" AUDIO "a=mid:a\n" DATA "a=mid:d\n", NONE, NULL },
    { "rejected",
      "v=0\na=group:BUNDLE a d\nm=audio 0 UDP/TLS/RTP/SAVPF 111\na=mid:a\n" DATA "a=mid:d\n", NONE,
      NULL },
    { "without-dtls", "v=0\na=group:BUNDLE a d\nm=audio 9 RTP/AVP 0\na=mid:a\n" DATA "a=mid:d\n",
      NONE, NULL },
    { "nobody-has-that-mid", "v=0\na=group:BUNDLE x d\n" AUDIO "a=mid:a\n" DATA "a=mid:d\n", NONE,
      NULL },
    { "codec-with-a-blank",
      "v=0\na=group:BUNDLE a d\n" AUDIO "a=mid:a\na=rtpmap:111 opus/48000 x\n" DATA "a=mid:d\n", 0,
      NULL },
    { "codec-without-a-rate",
      "v=0\na=group:BUNDLE a d\n" AUDIO "a=mid:a\na=rtpmap:111 opus\n" DATA "a=mid:d\n", 0, NULL },
    { "codec-of-another-format",
      "v=0\na=group:BUNDLE a d\n" AUDIO "a=mid:a\na=rtpmap:1111 opus/48000\n" DATA "a=mid:d\n", 0,
      NULL },
};

static void
test_carrier(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_auto(SdpDescription) description = { 0 };
    const SdpMedia *application = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(sdp_description_parse(&description, carriers[i].sdp, &error));
    g_autoptr(GArray) sections = sdp_sections_read(&description, &error);
    g_assert_no_error(error);
    for (guint n = 0; n < sections->len; n++) {
        if (g_str_equal(sdp_description_media(&description, n)->media, "application"))
            application = sdp_description_media(&description, n);
    }
    sdp_sections_mark_carrier(sections, &description, application);
    for (guint n = 0; n < sections->len; n++) {
        const SdpSection *section = &g_array_index(sections, SdpSection, n);
        g_assert_true(section->is_carrier == (n == carriers[i].carrier));
        g_assert_cmpstr(section->codec, ==, n == carriers[i].carrier ? carriers[i].codec : NULL);
    }
}

static void
test_a_mid_is_a_word(void)
{
    const char *const mids[] = { "", "a b", "\xc3\xa4" };

    for (gsize i = 0; i < G_N_ELEMENTS(mids); i++) {
        g_autofree char *sdp = g_strdup_printf("v=0\n" DATA "a=mid:%s\n", mids[i]);
        g_auto(SdpDescription) description = { 0 };
        g_autoptr(GError) error = NULL;
        g_assert_true(sdp_description_parse(&description, sdp, &error));
        g_autoptr(GArray) sections = sdp_sections_read(&description, &error);
        g_assert_null(sections);
        g_assert_error(error, SDP_ERROR, SDP_ERROR_SYNTAX);
    }
}

static void
test_words(void)
{
    g_assert_true(sdp_has_word("a bc d", "bc"));
    g_assert_true(sdp_has_word("  bc", "bc"));
    g_assert_false(sdp_has_word("abc bcd", "bc"));
    g_assert_false(sdp_has_word("a b", ""));
    g_assert_false(sdp_has_word(NULL, "a"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(carriers); i++) {
        g_autofree char *path = g_strconcat("/sdp-section/carrier/", carriers[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_carrier);
    }
    g_test_add_func("/sdp-section/a-mid-is-a-word", test_a_mid_is_a_word);
    g_test_add_func("/sdp-section/words", test_words);
    return g_test_run();
}
