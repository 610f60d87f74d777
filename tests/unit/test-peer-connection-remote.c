/* What a peer's description may say of SNAP, and what ours say then; in a namespace of its own. */
#include "tests/support/channel-pair.h"
#include "tests/support/netns.h"

#include <string.h>

#define ATTRIBUTE "a=sctp-init:"
#define CHANNELS 40
/* The draft's example: valid, but nobody's here. */
#define ANOTHER "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA"

/* ---- descriptions ---- */

/* The value of a=sctp-init, NULL where there is none. */
static char *
get_init(PierceSessionDescription *description)
{
    const char *start = strstr(pierce_session_description_get_sdp(description), ATTRIBUTE);
    start = start ? start + strlen(ATTRIBUTE) : NULL;
    return start ? g_strndup(start, strcspn(start, "\r\n")) : NULL;
}

/* @value instead of what a=sctp-init says; no line at all for NULL. */
static PierceSessionDescription *
with_init(PierceSessionDescription *description, const char *value)
{
    g_autofree char *old = get_init(description);
    g_autofree char *line = old ? g_strconcat(ATTRIBUTE, old, "\r\n", NULL) : g_strdup("a=mid:");
    g_autofree char *new_line =
        value ? g_strconcat(ATTRIBUTE, value, "\r\n", old ? "" : line, NULL) : g_strdup("");
    g_auto(GStrv) parts = g_strsplit(pierce_session_description_get_sdp(description), line, 2);
    g_autofree char *sdp = g_strjoinv(new_line, parts);
    return pierce_session_description_new(pierce_session_description_get_sdp_type(description),
                                          sdp);
}

static PierceSessionDescription *
describe(PiercePeerConnection *connection)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(pierce_peer_connection_set_local_description(connection, NULL, &error));
    g_assert_no_error(error);
    return pierce_peer_connection_get_local_description(connection);
}

static void
take(PiercePeerConnection *connection, PierceSessionDescription *description)
{
    g_autoptr(GError) error = NULL;
    pierce_peer_connection_set_remote_description(connection, description, &error);
    g_assert_no_error(error);
}

static void
refuse(PiercePeerConnection *connection, PierceSessionDescription *description, gint code,
       const char *message)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(pierce_peer_connection_set_remote_description(connection, description, &error));
    g_assert_error(error, PIERCE_ERROR, code);
    g_assert_nonnull(strstr(error->message, message));
}

static void
assert_init(PierceSessionDescription *description, const char *expected)
{
    g_autofree char *init = get_init(description);
    g_assert_cmpstr(init, ==, expected);
}

static PierceConfiguration *
without_snap(void)
{
    PierceConfiguration *configuration = pierce_configuration_new();
    pierce_configuration_set_sctp_snap(configuration, FALSE);
    return configuration;
}

/* ---- a pair that is negotiated by hand ---- */

typedef struct {
    ChannelPair base;
    PiercePeerConnection *offerer; /* borrowed from base */
    PiercePeerConnection *answerer;
} Fixture;

static void
begin(Fixture *f, PierceConfiguration *offerer, PierceConfiguration *answerer)
{
    channel_pair_init(&f->base, NULL);
    peer_pair_clear(&f->base.pair);
    peer_pair_init(&f->base.pair, offerer, answerer);
    f->offerer = f->base.pair.offerer;
    f->answerer = f->base.pair.answerer;
    g_signal_connect(f->answerer, "data-channel", G_CALLBACK(channel_pair_on_channel), &f->base);
    f->base.sender = pierce_peer_connection_create_data_channel(f->offerer, "chat", NULL, NULL);
    channel_pair_watch(&f->base, f->base.sender);
}

static void
end(Fixture *f)
{
    channel_pair_teardown(&f->base, NULL);
}

static void
assert_works(Fixture *f)
{
    wait_until(f->base.opened >= 1 && f->base.receiver);
    guint before = f->base.received->len;
    g_assert_true(pierce_data_channel_send_text(f->base.sender, "hello", NULL));
    wait_until(f->base.received->len == before + 1);
}

static void
connect(Fixture *f)
{
    peer_pair_negotiate(&f->base.pair, f->offerer);
    assert_works(f);
}

/* ---- who says it when ---- */

static void
test_an_offer_says_it_and_the_answer_too(void)
{
    Fixture f;
    begin(&f, NULL, NULL);
    connect(&f);
    g_autoptr(PierceSessionDescription) offer =
        pierce_peer_connection_get_local_description(f.offerer);
    g_autoptr(PierceSessionDescription) answer =
        pierce_peer_connection_get_local_description(f.answerer);
    g_autofree char *offered = get_init(offer);
    g_autofree char *answered = get_init(answer);
    g_assert_true(offered && answered);
    g_assert_cmpstr(offered, !=, answered);
    end(&f);
}

/* Counts the loop's turns, to see what comes in one of them. */
typedef struct {
    guint turn;
    guint secure;
    guint open;
} Turns;

static void
on_dtls_state(PiercePeerConnection *connection, GParamSpec *property, Turns *turns)
{
    if (pierce_peer_connection_get_dtls_state(connection) == PIERCE_DTLS_TRANSPORT_STATE_CONNECTED)
        turns->secure = turns->turn;
}

static void
on_open(PierceDataChannel *channel, Turns *turns)
{
    turns->open = turns->turn;
}

static void
count_turns(Turns *turns, PierceConfiguration *answerer)
{
    Fixture f;
    begin(&f, NULL, answerer);
    g_signal_connect(f.offerer, "notify::dtls-state", G_CALLBACK(on_dtls_state), turns);
    g_signal_connect(f.base.sender, "open", G_CALLBACK(on_open), turns);
    peer_pair_negotiate(&f.base.pair, f.offerer);
    wait_until(++turns->turn && turns->open > 0);
    assert_works(&f);
    end(&f);
}

static void
test_a_channel_opens_with_dtls(void)
{
    g_autoptr(PierceConfiguration) off = without_snap();
    Turns with = { 0 };
    Turns without = { 0 };
    count_turns(&with, NULL);
    count_turns(&without, off);
    g_assert_cmpuint(with.open, ==, with.secure);
    g_assert_cmpuint(without.open, >, without.secure);
}

/* An association begins with 16 streams. */
static void
test_more_channels_than_streams_open_all(void)
{
    Fixture f;
    begin(&f, NULL, NULL);
    g_autoptr(GPtrArray) channels = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < CHANNELS; i++) {
        PierceDataChannel *channel =
            pierce_peer_connection_create_data_channel(f.offerer, "more", NULL, NULL);
        channel_pair_watch(&f.base, channel);
        g_ptr_array_add(channels, channel);
    }
    connect(&f);
    wait_until(f.base.channels->len == CHANNELS + 1);
    g_assert_true(pierce_data_channel_send_text(channels->pdata[CHANNELS - 1], "hello", NULL));
    wait_until(f.base.received->len == 2);
    end(&f);
}

static void
test_what_is_off_is_neither_said_nor_looked_at(void)
{
    g_autoptr(PierceConfiguration) off = without_snap();
    Fixture f;

    begin(&f, off, NULL);
    connect(&f);
    g_autoptr(PierceSessionDescription) offer =
        pierce_peer_connection_get_local_description(f.offerer);
    g_autoptr(PierceSessionDescription) answer =
        pierce_peer_connection_get_local_description(f.answerer);
    assert_init(offer, NULL);
    assert_init(answer, NULL);
    end(&f);

    begin(&f, NULL, off);
    g_autoptr(PierceSessionDescription) good = describe(f.offerer);
    g_autoptr(PierceSessionDescription) bad = with_init(good, "not base64");
    take(f.answerer, bad);
    g_autoptr(PierceSessionDescription) plain = describe(f.answerer);
    assert_init(plain, NULL);
    take(f.offerer, plain);
    assert_works(&f);
    end(&f);
}

static void
test_an_offer_without_it_is_answered_without(void)
{
    Fixture f;
    begin(&f, NULL, NULL);
    g_autoptr(PierceSessionDescription) offer = describe(f.offerer);
    g_autoptr(PierceSessionDescription) plain = with_init(offer, NULL);
    assert_init(plain, NULL);
    take(f.answerer, plain);
    g_autoptr(PierceSessionDescription) answer = describe(f.answerer);
    assert_init(answer, NULL);
    take(f.offerer, answer);
    assert_works(&f);
    end(&f);
}

static void
test_an_echo_of_our_own_is_no_answer(void)
{
    g_autoptr(PierceConfiguration) off = without_snap();
    Fixture f;
    begin(&f, NULL, off);
    g_autoptr(PierceSessionDescription) offer = describe(f.offerer);
    g_autofree char *offered = get_init(offer);
    take(f.answerer, offer);
    g_autoptr(PierceSessionDescription) answer = describe(f.answerer);
    g_autoptr(PierceSessionDescription) echo = with_init(answer, offered);
    assert_init(echo, offered);
    take(f.offerer, echo);
    assert_works(&f);
    end(&f);
}

static void
test_a_provisional_answer_begins_with_it(void)
{
    Fixture f;
    begin(&f, NULL, NULL);
    g_autoptr(PierceSessionDescription) offer = describe(f.offerer);
    take(f.answerer, offer);
    g_autoptr(PierceSessionDescription) answer = describe(f.answerer);
    g_autoptr(PierceSessionDescription) provisional = pierce_session_description_new(
        PIERCE_SDP_TYPE_PRANSWER, pierce_session_description_get_sdp(answer));
    take(f.offerer, provisional);
    assert_works(&f);
    take(f.offerer, answer);
    assert_works(&f);
    end(&f);
}

/* ---- what is refused ---- */

static void
test_an_invalid_one_is_refused_and_changes_nothing(void)
{
    static const char *const invalid[] = {
        "",
        "*",
        "AQAAHols3R0AUAAA",                                         /* cut */
        "AgAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA",                 /* an INIT ACK */
        "AQAAHgAAAAAAUAAA/////+B5ZR3AAAAEgAgABoLA",                 /* the tag 0 */
        "AQAAHols3R0AAAAA/////+B5ZR3AAAAEgAgABoLA",                 /* no window */
        "AQAAHols3R0AUAAAAAD//+B5ZR3AAAAEgAgABoLA",                 /* no streams */
        "AQAAHIls3R0AUAAA/////+B5ZR0ABQAICgAAAQ==",                 /* an address */
        "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLAAQAAHols3R0AUAAA", /* more than one chunk */
    };
    Fixture f;
    begin(&f, NULL, NULL);
    g_autoptr(PierceSessionDescription) offer = describe(f.offerer);
    for (gsize i = 0; i < G_N_ELEMENTS(invalid); i++) {
        g_autoptr(PierceSessionDescription) bad = with_init(offer, invalid[i]);
        refuse(f.answerer, bad, PIERCE_ERROR_SYNTAX, "sctp-init");
        g_assert_cmpint(pierce_peer_connection_get_signaling_state(f.answerer), ==,
                        PIERCE_SIGNALING_STATE_STABLE);
    }
    take(f.answerer, offer);
    g_autoptr(PierceSessionDescription) answer = describe(f.answerer);
    g_autoptr(PierceSessionDescription) bad_answer = with_init(answer, invalid[1]);
    refuse(f.offerer, bad_answer, PIERCE_ERROR_SYNTAX, "\"*\"");
    take(f.offerer, answer);
    assert_works(&f);
    end(&f);
}

static void
test_another_one_later_is_refused(void)
{
    Fixture f;
    begin(&f, NULL, NULL);
    connect(&f);
    g_autoptr(PierceSessionDescription) offer = describe(f.offerer);
    g_autoptr(PierceSessionDescription) other = with_init(offer, ANOTHER);
    refuse(f.answerer, other, PIERCE_ERROR_OPERATION, "new connection");
    take(f.answerer, offer);
    g_autoptr(PierceSessionDescription) answer = describe(f.answerer);
    take(f.offerer, answer);
    assert_works(&f);
    end(&f);
}

static void
test_one_that_comes_too_late_is_not_answered(void)
{
    Fixture f;
    begin(&f, NULL, NULL);
    g_autoptr(PierceSessionDescription) first = describe(f.offerer);
    g_autoptr(PierceSessionDescription) plain = with_init(first, NULL);
    take(f.answerer, plain);
    g_autoptr(PierceSessionDescription) answer = describe(f.answerer);
    take(f.offerer, answer);
    assert_works(&f);

    g_autoptr(PierceSessionDescription) second = describe(f.offerer);
    assert_init(second, NULL);
    g_autoptr(PierceSessionDescription) late = with_init(second, ANOTHER);
    assert_init(late, ANOTHER);
    take(f.answerer, late);
    g_autoptr(PierceSessionDescription) second_answer = describe(f.answerer);
    assert_init(second_answer, NULL);
    take(f.offerer, second_answer);
    assert_works(&f);
    end(&f);
}

/* ---- later descriptions ---- */

static void
assert_renegotiates(Fixture *f, PiercePeerConnection *from, PiercePeerConnection *to)
{
    g_autoptr(PierceSessionDescription) offer_before =
        pierce_peer_connection_get_local_description(from);
    g_autoptr(PierceSessionDescription) answer_before =
        pierce_peer_connection_get_local_description(to);
    g_autofree char *offered = get_init(offer_before);
    g_autofree char *answered = get_init(answer_before);

    pierce_peer_connection_restart_ice(from);
    g_autoptr(PierceSessionDescription) offer = describe(from);
    assert_init(offer, offered);
    take(to, offer);
    g_autoptr(PierceSessionDescription) answer = describe(to);
    assert_init(answer, answered);
    take(from, answer);
    assert_works(f);
}

static void
test_restarts_say_the_same(void)
{
    Fixture f;
    begin(&f, NULL, NULL);
    connect(&f);
    assert_renegotiates(&f, f.offerer, f.answerer);
    assert_renegotiates(&f, f.answerer, f.offerer);
    end(&f);
}

static void
test_after_a_rollback_the_same_is_offered(void)
{
    g_autoptr(PierceSessionDescription) rollback =
        pierce_session_description_new(PIERCE_SDP_TYPE_ROLLBACK, "");
    Fixture f;
    begin(&f, NULL, NULL);
    g_autoptr(PierceSessionDescription) first = describe(f.offerer);
    g_autofree char *offered = get_init(first);
    take(f.answerer, first);
    take(f.answerer, rollback);
    g_assert_true(pierce_peer_connection_set_local_description(f.offerer, rollback, NULL));

    g_autoptr(PierceSessionDescription) second = describe(f.offerer);
    assert_init(second, offered);
    take(f.answerer, second);
    g_autoptr(PierceSessionDescription) answer = describe(f.answerer);
    take(f.offerer, answer);
    assert_works(&f);
    end(&f);
}

static void
test_who_gives_way_answers_with_the_same(void)
{
    Fixture f;
    begin(&f, NULL, NULL);
    g_autoptr(PierceDataChannel) channel =
        pierce_peer_connection_create_data_channel(f.answerer, "glare", NULL, NULL);
    g_assert_nonnull(channel);
    g_autoptr(PierceSessionDescription) dropped = describe(f.answerer);
    g_autofree char *dropped_init = get_init(dropped);
    g_autoptr(PierceSessionDescription) offer = describe(f.offerer);
    take(f.answerer, offer);
    g_autoptr(PierceSessionDescription) answer = describe(f.answerer);
    assert_init(answer, dropped_init);
    take(f.offerer, answer);
    assert_works(&f);
    end(&f);
}

#define add(name, func) g_test_add_func("/peer-connection-remote/" name, func)

int
main(int argc, char **argv)
{
    const char *why = NULL;
    g_test_init(&argc, &argv, NULL);
    if (!netns_enter(&why)) {
        g_print("1..0 # SKIP %s\n", why);
        return 77;
    }
    wait_until_enable();
    add("an-offer-says-it-and-the-answer-too", test_an_offer_says_it_and_the_answer_too);
    add("a-channel-opens-with-dtls", test_a_channel_opens_with_dtls);
    add("more-channels-than-streams-open-all", test_more_channels_than_streams_open_all);
    add("what-is-off-is-neither-said-nor-looked-at",
        test_what_is_off_is_neither_said_nor_looked_at);
    add("an-offer-without-it-is-answered-without", test_an_offer_without_it_is_answered_without);
    add("an-echo-of-our-own-is-no-answer", test_an_echo_of_our_own_is_no_answer);
    add("a-provisional-answer-begins-with-it", test_a_provisional_answer_begins_with_it);
    add("an-invalid-one-is-refused-and-changes-nothing",
        test_an_invalid_one_is_refused_and_changes_nothing);
    add("another-one-later-is-refused", test_another_one_later_is_refused);
    add("one-that-comes-too-late-is-not-answered", test_one_that_comes_too_late_is_not_answered);
    add("restarts-say-the-same", test_restarts_say_the_same);
    add("after-a-rollback-the-same-is-offered", test_after_a_rollback_the_same_is_offered);
    add("who-gives-way-answers-with-the-same", test_who_gives_way_answers_with_the_same);
    return g_test_run();
}
