#include "apps/pierce/bench-message.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *text;
    gboolean is_accepted;
    BenchVerb verb;
} ParseCase;

static const ParseCase parse_cases[] = {
    { "run", "run version=1 size=64 seconds=1 channels=1", TRUE, BENCH_RUN },
    { "verb-alone", "ready", TRUE, BENCH_READY },
    { "later-verb", "dance", TRUE, BENCH_UNKNOWN },
    { "later-key", "ready colour=7", TRUE, BENCH_READY },
    { "zero", "end messages=0", TRUE, BENCH_END },
    { "largest-number", "end bytes=9007199254740991", TRUE, BENCH_END },
    { "number-too-large", "end bytes=9007199254740992", FALSE, 0 },
    { "number-that-overflows", "end bytes=18446744073709551617", FALSE, 0 },
    { "nothing", "", FALSE, 0 },
    { "space-alone", " ", FALSE, 0 },
    { "space-first", " ready", FALSE, 0 },
    { "space-last", "ready ", FALSE, 0 },
    { "two-spaces", "end  bytes=1", FALSE, 0 },
    { "newline", "ready\n", FALSE, 0 },
    { "capitals", "READY", FALSE, 0 },
    { "no-value", "run size=", FALSE, 0 },
    { "no-equals", "run size", FALSE, 0 },
    { "no-key", "run =5", FALSE, 0 },
    { "two-equals", "run size=5=6", FALSE, 0 },
    { "negative", "run size=-5", FALSE, 0 },
    { "plus", "run size=+5", FALSE, 0 },
    { "fraction", "run size=5.5", FALSE, 0 },
    { "hexadecimal", "run size=0x10", FALSE, 0 },
    { "twice", "run size=5 size=5", FALSE, 0 },
    { "not-ascii", "run size=\xd9\xa3", FALSE, 0 },
    { "json", "{\"verb\":\"run\"}", FALSE, 0 },
};

static void
test_parse(gconstpointer data)
{
    const ParseCase *c = data;
    BenchMessage message;

    g_assert_true(bench_message_parse(&message, c->text, strlen(c->text)) == c->is_accepted);
    if (c->is_accepted)
        g_assert_cmpint(message.verb, ==, c->verb);
}

static void
test_zero_byte_and_length(void)
{
    BenchMessage message;
    g_autofree char *longest = g_strnfill(BENCH_MESSAGE_MAX + 1, 'a');

    g_assert_false(bench_message_parse(&message, "ready\0", 6));
    g_assert_true(bench_message_parse(&message, longest, BENCH_MESSAGE_MAX));
    g_assert_false(bench_message_parse(&message, longest, BENCH_MESSAGE_MAX + 1));
}

static void
check_round_trip(const BenchMessage *message)
{
    g_autofree char *text = bench_message_print(message);
    BenchMessage again;

    g_assert_cmpuint(strlen(text), <=, BENCH_MESSAGE_MAX);
    g_assert_true(bench_message_parse(&again, text, strlen(text)));
    g_assert_true(memcmp(&again, message, sizeof again) == 0);
}

static void
test_parameters_survive(void)
{
    const BenchParameters cases[] = {
        { .size_bytes = 1, .seconds = 1, .channels = 1, .max_retransmits = -1 },
        { BENCH_MAX_SIZE_BYTES, BENCH_MAX_SECONDS, BENCH_MAX_CHANNELS, TRUE, TRUE, 65535 },
        { 1024, 10, 4, FALSE, TRUE, 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        BenchMessage message = bench_message_run(&cases[i]), answer;
        BenchParameters again;
        check_round_trip(&message);
        g_assert_true(bench_message_get_parameters(&message, &again, &answer));
        g_assert_true(memcmp(&again, &cases[i], sizeof again) == 0);
    }
}

static void
test_counts_survive(void)
{
    BenchCounts counts = { 1, 2, 3, 4, 5 }, again;
    BenchMessage message = bench_message_counts(BENCH_END, &counts);

    check_round_trip(&message);
    g_assert_true(bench_message_get_counts(&message, &again));
    g_assert_true(memcmp(&again, &counts, sizeof again) == 0);
    message.present &= ~(1u << BENCH_KEY_CPU_US);
    g_assert_false(bench_message_get_counts(&message, &again));
    counts.bytes = G_MAXUINT64;
    message = bench_message_counts(BENCH_PROGRESS, &counts);
    check_round_trip(&message);
}

typedef struct {
    const char *name;
    const char *text;
    const char *answer;
} RefusalCase;

static const RefusalCase refusal_cases[] = {
    { "later-version", "run version=2 size=64 seconds=1 channels=1", "refused version=1" },
    { "no-version", "run size=64 seconds=1 channels=1", "refused version=1" },
    { "no-size", "run version=1 seconds=1 channels=1", "refused size=262144" },
    { "size-0", "run version=1 size=0 seconds=1 channels=1", "refused size=262144" },
    { "size", "run version=1 size=262145 seconds=1 channels=1", "refused size=262144" },
    { "seconds-0", "run version=1 size=64 seconds=0 channels=1", "refused seconds=3600" },
    { "seconds", "run version=1 size=64 seconds=3601 channels=1", "refused seconds=3600" },
    { "channels-0", "run version=1 size=64 seconds=1 channels=0", "refused channels=64" },
    { "channels", "run version=1 size=64 seconds=1 channels=65", "refused channels=64" },
    { "retransmits", "run version=1 size=64 seconds=1 channels=1 max-retransmits=65536",
      "refused max-retransmits=65535" },
};

static void
test_refusal(gconstpointer data)
{
    const RefusalCase *c = data;
    BenchMessage message, answer;
    BenchParameters parameters;

    g_assert_true(bench_message_parse(&message, c->text, strlen(c->text)));
    g_assert_false(bench_message_get_parameters(&message, &parameters, &answer));
    g_autofree char *text = bench_message_print(&answer);
    g_assert_cmpstr(text, ==, c->answer);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(parse_cases); i++) {
        g_autofree char *path = g_strconcat("/bench-message/parse/", parse_cases[i].name, NULL);
        g_test_add_data_func(path, &parse_cases[i], test_parse);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(refusal_cases); i++) {
        g_autofree char *path = g_strconcat("/bench-message/refuses/", refusal_cases[i].name, NULL);
        g_test_add_data_func(path, &refusal_cases[i], test_refusal);
    }
    g_test_add_func("/bench-message/zero-byte-and-length", test_zero_byte_and_length);
    g_test_add_func("/bench-message/parameters-survive", test_parameters_survive);
    g_test_add_func("/bench-message/counts-survive", test_counts_survive);
    return g_test_run();
}
