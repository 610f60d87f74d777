/* Translates between words and calls. */
#include "tests/bench/pierce-words.h"

#include "tests/bench/pierce-pairs.h"
#include "tests/bench/pierce-work.h"

static guint
number(const char *word)
{
    return (guint) g_ascii_strtoull(word, NULL, 10);
}

static char *
complain(const char *doing, GError *error)
{
    char *text = g_strdup_printf("error %s: %s", doing, error ? error->message : "unknown");
    g_clear_error(&error);
    return text;
}

static char *
hold(GPtrArray *held, char **words)
{
    GError *error = NULL;
    GPtrArray *pairs = pairs_new(number(words[1]), &error);
    if (!pairs)
        return complain("hold", error);
    g_ptr_array_extend_and_steal(held, pairs);
    return g_strdup_printf("held %u", held->len);
}

static char *
cost(GPtrArray *held, char **words)
{
    static const char *const kinds[] = { "channels", "connections", "queued", NULL };
    GError *error = NULL;
    double cost_us;
    for (guint i = 0; kinds[i]; i++) {
        if (!g_str_equal(words[1], kinds[i]))
            continue;
        if (!work_measure_cost((WorkKind) i, number(words[2]), number(words[3]), &cost_us, &error))
            return complain("cost", error);
        return g_strdup_printf("cost %.3f", cost_us);
    }
    return NULL;
}

static char *
threads(GPtrArray *held, char **words)
{
    GError *error = NULL;
    double rate;
    if (!work_measure_threads(number(words[1]), number(words[2]), number(words[3]), &rate, &error))
        return complain("threads", error);
    return g_strdup_printf("threads %.3f", rate);
}

char *
pierce_words_obey(GPtrArray *held, char **words)
{
    static const struct {
        const char *word;
        guint count;
        char *(*obey)(GPtrArray *held, char **words);
    } known[] = { { "hold", 2, hold }, { "cost", 4, cost }, { "threads", 4, threads } };
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (g_str_equal(words[0], known[i].word) && g_strv_length(words) == known[i].count)
            return known[i].obey(held, words);
    }
    return NULL;
}
