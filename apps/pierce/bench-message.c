/* Owns the control protocol of `pierce bench`, whose every byte may come from a stranger.  Never
 * acts on it.
 *
 *     message = verb *( SP key "=" digits )        ASCII, at most BENCH_MESSAGE_MAX bytes
 *
 * Numbers are below 2^53, keys come once; keys that are not known are skipped. */
#include "bench-message.h"

#include <string.h>

#define MAX_NUMBER (G_GUINT64_CONSTANT(1) << 53)
#define MAX_RETRANSMITS 65535

static const char *const verbs[] = {
    [BENCH_RUN] = "run",         [BENCH_WAIT] = "wait",         [BENCH_READY] = "ready",
    [BENCH_REFUSED] = "refused", [BENCH_BEGIN] = "begin",       [BENCH_STOP] = "stop",
    [BENCH_END] = "end",         [BENCH_PROGRESS] = "progress",
};

static const char *const keys[BENCH_N_KEYS] = {
    [BENCH_KEY_VERSION] = "version",
    [BENCH_KEY_SIZE] = "size",
    [BENCH_KEY_SECONDS] = "seconds",
    [BENCH_KEY_CHANNELS] = "channels",
    [BENCH_KEY_REVERSE] = "reverse",
    [BENCH_KEY_UNORDERED] = "unordered",
    [BENCH_KEY_MAX_RETRANSMITS] = "max-retransmits",
    [BENCH_KEY_MESSAGES] = "messages",
    [BENCH_KEY_BYTES] = "bytes",
    [BENCH_KEY_ELAPSED_US] = "elapsed-us",
    [BENCH_KEY_CPU_US] = "cpu-us",
    [BENCH_KEY_RESENT] = "resent",
};

/* What a BENCH_RUN has to bring, and within which bounds. */
static const struct {
    BenchKey key;
    guint64 least, most;
} limits[] = {
    { BENCH_KEY_VERSION, BENCH_VERSION, BENCH_VERSION },
    { BENCH_KEY_SIZE, 1, BENCH_MAX_SIZE_BYTES },
    { BENCH_KEY_SECONDS, 1, BENCH_MAX_SECONDS },
    { BENCH_KEY_CHANNELS, 1, BENCH_MAX_CHANNELS },
};

static const BenchKey count_keys[] = {
    BENCH_KEY_MESSAGES, BENCH_KEY_BYTES, BENCH_KEY_ELAPSED_US, BENCH_KEY_CPU_US, BENCH_KEY_RESENT,
};

gboolean
bench_message_has(const BenchMessage *self, BenchKey key)
{
    return (self->present & (1u << key)) != 0;
}

void
bench_message_set(BenchMessage *self, BenchKey key, guint64 value)
{
    self->values[key] = MIN(value, MAX_NUMBER - 1);
    self->present |= 1u << key;
}

const char *
bench_key_name(BenchKey key)
{
    return keys[key];
}

static BenchVerb
find_verb(const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(word, verbs[i]) == 0)
            return (BenchVerb) i;
    }
    return BENCH_UNKNOWN;
}

static gboolean
is_word(const char *text)
{
    gsize length = strspn(text, "abcdefghijklmnopqrstuvwxyz-");

    return length > 0 && text[length] == '\0';
}

static gboolean
parse_number(const char *text, guint64 *value)
{
    guint64 number = 0;

    if (!*text)
        return FALSE;
    for (const char *at = text; *at; at++) {
        if (!g_ascii_isdigit(*at))
            return FALSE;
        number = number * 10 + (guint64) (*at - '0');
        if (number >= MAX_NUMBER)
            return FALSE;
    }
    *value = number;
    return TRUE;
}

static gboolean
parse_pair(BenchMessage *self, char *pair)
{
    char *equals = strchr(pair, '=');
    guint64 value;

    if (!equals)
        return FALSE;
    *equals = '\0';
    if (!is_word(pair) || !parse_number(equals + 1, &value))
        return FALSE;
    for (guint i = 0; i < BENCH_N_KEYS; i++) {
        if (strcmp(pair, keys[i]) != 0)
            continue;
        if (bench_message_has(self, i))
            return FALSE;
        bench_message_set(self, i, value);
    }
    return TRUE;
}

gboolean
bench_message_parse(BenchMessage *self, const char *text, gsize size_bytes)
{
    *self = (BenchMessage){ .verb = BENCH_UNKNOWN };
    if (size_bytes > BENCH_MESSAGE_MAX || memchr(text, '\0', size_bytes))
        return FALSE;
    g_autofree char *copy = g_strndup(text, size_bytes);
    g_auto(GStrv) words = g_strsplit(copy, " ", -1);
    if (!words[0] || !is_word(words[0]))
        return FALSE;
    self->verb = find_verb(words[0]);
    for (guint i = 1; words[i]; i++) {
        if (!parse_pair(self, words[i]))
            return FALSE;
    }
    return TRUE;
}

char *
bench_message_print(const BenchMessage *self)
{
    g_assert(self->verb != BENCH_UNKNOWN);
    GString *text = g_string_new(verbs[self->verb]);

    for (guint i = 0; i < BENCH_N_KEYS; i++) {
        if (bench_message_has(self, i))
            g_string_append_printf(text, " %s=%" G_GUINT64_FORMAT, keys[i], self->values[i]);
    }
    return g_string_free(text, FALSE);
}

BenchMessage
bench_message_run(const BenchParameters *parameters)
{
    BenchMessage self = { .verb = BENCH_RUN };

    bench_message_set(&self, BENCH_KEY_VERSION, BENCH_VERSION);
    bench_message_set(&self, BENCH_KEY_SIZE, parameters->size_bytes);
    bench_message_set(&self, BENCH_KEY_SECONDS, parameters->seconds);
    bench_message_set(&self, BENCH_KEY_CHANNELS, parameters->channels);
    bench_message_set(&self, BENCH_KEY_REVERSE, parameters->is_reverse ? 1 : 0);
    bench_message_set(&self, BENCH_KEY_UNORDERED, parameters->is_unordered ? 1 : 0);
    if (parameters->max_retransmits >= 0)
        bench_message_set(&self, BENCH_KEY_MAX_RETRANSMITS, (guint64) parameters->max_retransmits);
    return self;
}

static gboolean
is_refused(const BenchMessage *self, BenchMessage *answer)
{
    *answer = (BenchMessage){ .verb = BENCH_REFUSED };
    for (guint i = 0; i < G_N_ELEMENTS(limits); i++) {
        guint64 value = self->values[limits[i].key];
        if (bench_message_has(self, limits[i].key) && value >= limits[i].least &&
            value <= limits[i].most)
            continue;
        bench_message_set(answer, limits[i].key, limits[i].most);
        return TRUE;
    }
    if (self->values[BENCH_KEY_MAX_RETRANSMITS] <= MAX_RETRANSMITS)
        return FALSE;
    bench_message_set(answer, BENCH_KEY_MAX_RETRANSMITS, MAX_RETRANSMITS);
    return TRUE;
}

gboolean
bench_message_get_parameters(const BenchMessage *self, BenchParameters *parameters,
                             BenchMessage *answer)
{
    if (is_refused(self, answer))
        return FALSE;
    *parameters = (BenchParameters){
        .size_bytes = (guint) self->values[BENCH_KEY_SIZE],
        .seconds = (guint) self->values[BENCH_KEY_SECONDS],
        .channels = (guint) self->values[BENCH_KEY_CHANNELS],
        .is_reverse = self->values[BENCH_KEY_REVERSE] != 0,
        .is_unordered = self->values[BENCH_KEY_UNORDERED] != 0,
        .max_retransmits = bench_message_has(self, BENCH_KEY_MAX_RETRANSMITS)
                               ? (int) self->values[BENCH_KEY_MAX_RETRANSMITS]
                               : -1,
    };
    return TRUE;
}

BenchMessage
bench_message_counts(BenchVerb verb, const BenchCounts *counts)
{
    BenchMessage self = { .verb = verb };

    bench_message_set(&self, BENCH_KEY_MESSAGES, counts->messages);
    bench_message_set(&self, BENCH_KEY_BYTES, counts->bytes);
    bench_message_set(&self, BENCH_KEY_ELAPSED_US, counts->elapsed_us);
    bench_message_set(&self, BENCH_KEY_CPU_US, counts->cpu_us);
    bench_message_set(&self, BENCH_KEY_RESENT, counts->resent);
    return self;
}

gboolean
bench_message_get_counts(const BenchMessage *self, BenchCounts *counts)
{
    for (guint i = 0; i < G_N_ELEMENTS(count_keys); i++) {
        if (!bench_message_has(self, count_keys[i]))
            return FALSE;
    }
    *counts = (BenchCounts){
        .messages = self->values[BENCH_KEY_MESSAGES],
        .bytes = self->values[BENCH_KEY_BYTES],
        .elapsed_us = self->values[BENCH_KEY_ELAPSED_US],
        .cpu_us = self->values[BENCH_KEY_CPU_US],
        .resent = self->values[BENCH_KEY_RESENT],
    };
    return TRUE;
}
