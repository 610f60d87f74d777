#include "datachannel/sdp.h"

#include <string.h>

static const struct {
    const char *name, *text, *error;
} bad_cases[] = {
    { "empty", "", "the SDP is empty" },
    { "only-line-ends", "\r\n\r\n", "the SDP is empty" },
    { "another-version", "v=1\r\n",
      "line 1: a description begins with \"v=0\", not with: \"v=1\"" },
    { "not-sdp", "{\"type\":\"offer\"}", "\"{\\x22type\\x22:\\x22offer\\x22}\"" },
    { "no-equals-sign", "v=0\ns\n", "line 2: does not begin with a lower-case letter" },
    { "upper-case-type", "v=0\nA=mid:0\n", "line 2: does not begin with a lower-case letter" },
    { "blank-before-type", "v=0\n a=mid:0\n", "line 2" },
    { "carriage-return-inside", "v=0\na=mid:0\ra=x\n", "line 2: a carriage return" },
    { "attribute-without-name", "v=0\na=:x\n", "line 2: not an attribute's name: \"\"" },
    { "attribute-name-with-blank", "v=0\na=m id:0\n", "line 2: not an attribute's name: \"m id\"" },
    { "media-without-format", "v=0\nm=audio 9 RTP/AVP\n", "\"audio 9 RTP/AVP\"" },
    { "media-with-two-blanks", "v=0\nm=audio 9  RTP/AVP 0\n", "m=media port protocol format" },
    { "formats-with-two-blanks", "v=0\nm=audio 9 RTP/AVP 0  8\n", "m=media port protocol format" },
    { "formats-not-ascii", "v=0\nm=audio 9 RTP/AVP \xff\n", "\"audio 9 RTP/AVP \\xff\"" },
    { "media-empty", "v=0\nm=\n", "format\": \"\"" },
    { "port-too-large", "v=0\nm=audio 65536 RTP/AVP 0\n", "a port from 0 to 65535: \"65536\"" },
    { "port-signed", "v=0\nm=audio +9 RTP/AVP 0\n", "a port from 0 to 65535: \"+9\"" },
    { "port-hexadecimal", "v=0\nm=audio 0x9 RTP/AVP 0\n", "a port from 0 to 65535" },
    { "long-line-is-clipped",
      "v=0\nXxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
      "xxx\"..." },
};

static void
test_refused(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_auto(SdpDescription) description = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_false(sdp_description_parse(&description, bad_cases[i].text, &error));
    g_assert_error(error, SDP_ERROR, SDP_ERROR_SYNTAX);
    if (!strstr(error->message, bad_cases[i].error))
        g_error("\"%s\" does not say \"%s\"", error->message, bad_cases[i].error);
    g_assert_null(description.text);
}

static void
test_lines_end_in_lf_or_crlf(void)
{
    static const char *const texts[] = {
        "v=0\na=x:1\nm=audio 9/2 RTP/AVP 0 8\na=y\na=x:2:3 \n",
        "v=0\r\na=x:1\r\nm=audio 9/2 RTP/AVP 0 8\r\na=y\r\na=x:2:3 ",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_auto(SdpDescription) description = { 0 };
        g_autoptr(GError) error = NULL;

        g_assert_true(sdp_description_parse(&description, texts[i], &error));
        g_assert_no_error(error);
        g_assert_cmpuint(sdp_description_count(&description), ==, 1);
        const SdpMedia *media = sdp_description_media(&description, 0);
        g_assert_cmpstr(media->media, ==, "audio");
        g_assert_cmpuint(media->port, ==, 9);
        g_assert_cmpstr(media->protocol, ==, "RTP/AVP");
        g_assert_cmpstr(media->formats, ==, "0 8");
        g_assert_cmpuint(media->line, ==, 3);
        g_assert_cmpstr(sdp_media_attribute(media, "x")->value, ==, "2:3");
        g_assert_cmpuint(sdp_media_attribute(media, "x")->line, ==, 5);
        g_assert_null(sdp_media_attribute(media, "y")->value);
        g_assert_null(sdp_media_attribute(media, "z"));
    }
}

static void
test_a_section_falls_back_to_the_session(void)
{
    g_auto(SdpDescription) d = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(sdp_description_parse(&d,
                                        "v=0\na=both:s\na=session:s\nm=a 9 B c\na=both:m\n"
                                        "m=d 0 E f\n",
                                        &error));
    const SdpMedia *first = sdp_description_media(&d, 0), *second = sdp_description_media(&d, 1);
    g_assert_cmpstr(sdp_attribute(&d, first, "both")->value, ==, "m");
    g_assert_cmpstr(sdp_attribute(&d, first, "session")->value, ==, "s");
    g_assert_cmpstr(sdp_attribute(&d, second, "both")->value, ==, "s");
    g_assert_null(sdp_media_attribute(second, "both"));
    g_assert_null(sdp_attribute(&d, second, "neither"));
}

static char *
repeat(const char *head, const char *line, guint count)
{
    GString *out = g_string_new(head);

    for (guint i = 0; i < count; i++)
        g_string_append(out, line);
    return g_string_free(out, FALSE);
}

static const struct {
    const char *name, *head, *line;
    guint most;
    const char *error;
} limit_cases[] = {
    { "sections", "v=0\n", "m=a 9 B c\n", SDP_MAX_MEDIA, "line 66: more than 64 m= sections" },
    { "session-attributes", "v=0\n", "a=x\n", SDP_MAX_ATTRIBUTES,
      "line 258: more than 256 attributes" },
    { "section-attributes", "v=0\na=x\nm=a 9 B c\n", "a=x\n", SDP_MAX_ATTRIBUTES,
      "line 260: more than 256 attributes" },
    { "bytes", "v=0\n", "s=345678901\n", (SDP_MAX_SIZE_BYTES - 4) / 12,
      "the SDP is larger than 65536 bytes" },
};

static void
test_limit(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_auto(SdpDescription) d = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *most = repeat(limit_cases[i].head, limit_cases[i].line, limit_cases[i].most);
    g_autofree char *more =
        repeat(limit_cases[i].head, limit_cases[i].line, limit_cases[i].most + 1);

    g_assert_true(sdp_description_parse(&d, most, &error));
    g_assert_no_error(error);
    sdp_description_clear(&d);
    g_assert_false(sdp_description_parse(&d, more, &error));
    g_assert_error(error, SDP_ERROR, SDP_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, limit_cases[i].error));
}

static void
test_quoting_is_plain_ascii(void)
{
    g_autofree char *quoted = sdp_quote("a\"b\\c\n\xf0\x9f\x98\x80");

    g_assert_cmpstr(quoted, ==, "\"a\\x22b\\x5cc\\x0a\\xf0\\x9f\\x98\\x80\"");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        g_autofree char *path = g_strconcat("/sdp/refused/", bad_cases[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_refused);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(limit_cases); i++) {
        g_autofree char *path = g_strconcat("/sdp/limit/", limit_cases[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_limit);
    }
    g_test_add_func("/sdp/lines-end-in-lf-or-crlf", test_lines_end_in_lf_or_crlf);
    g_test_add_func("/sdp/a-section-falls-back-to-the-session",
                    test_a_section_falls_back_to_the_session);
    g_test_add_func("/sdp/quoting-is-plain-ascii", test_quoting_is_plain_ascii);
    return g_test_run();
}
