/* What the two ends of `pierce bench` say to each other on the control channel:
 * docs/bench-protocol.md.  Pure. */
#pragma once

#include <glib.h>

#define BENCH_VERSION 1

/* What a caller may ask for: the listener's protection, and the caller's own. */
#define BENCH_MAX_SIZE_BYTES 262144
#define BENCH_MAX_SECONDS 3600
#define BENCH_MAX_CHANNELS 64

/** BENCH_MESSAGE_MAX: no message is longer, in bytes. */
#define BENCH_MESSAGE_MAX 512

typedef enum {
    BENCH_RUN,      /* caller: what it would like to do */
    BENCH_WAIT,     /* listener: another caller is being served */
    BENCH_READY,    /* listener: go on */
    BENCH_REFUSED,  /* listener: no, with the limit that was passed */
    BENCH_BEGIN,    /* the sender sends from now on; in reverse, the caller asks for that first */
    BENCH_PROGRESS, /* listener: its figures so far */
    BENCH_STOP,     /* caller: the listener shall send no more */
    BENCH_END,      /* sender, then receiver: final figures */
    BENCH_UNKNOWN,  /* of a later version, to be ignored */
} BenchVerb;

typedef enum {
    BENCH_KEY_VERSION,
    BENCH_KEY_SIZE,
    BENCH_KEY_SECONDS,
    BENCH_KEY_CHANNELS,
    BENCH_KEY_REVERSE,
    BENCH_KEY_UNORDERED,
    BENCH_KEY_MAX_RETRANSMITS,
    BENCH_KEY_MESSAGES,
    BENCH_KEY_BYTES,
    BENCH_KEY_ELAPSED_US,
    BENCH_KEY_CPU_US,
    BENCH_KEY_RESENT,
    BENCH_N_KEYS,
} BenchKey;

typedef struct {
    BenchVerb verb;
    guint32 present; /* a bit for each key */
    guint64 values[BENCH_N_KEYS];
} BenchMessage;

/* What a run is to be. */
typedef struct {
    guint size_bytes;
    guint seconds;
    guint channels;
    gboolean is_reverse; /* the listener sends */
    gboolean is_unordered;
    int max_retransmits; /* -1 for as often as it takes */
} BenchParameters;

/* What one end counted. */
typedef struct {
    guint64 messages, bytes; /* sent or received, as its part is */
    guint64 elapsed_us;      /* since the beginning; for a final receiver, until the last arrival */
    guint64 cpu_us;          /* of the whole process, since the beginning */
    guint64 resent;          /* SCTP chunks sent again */
} BenchCounts;

/* FALSE for what no end of any version sends. */
gboolean bench_message_parse(BenchMessage *self, const char *text, gsize size_bytes);
char *bench_message_print(const BenchMessage *self);

gboolean bench_message_has(const BenchMessage *self, BenchKey key);
void bench_message_set(BenchMessage *self, BenchKey key, guint64 value);
const char *bench_key_name(BenchKey key);

BenchMessage bench_message_run(const BenchParameters *parameters);
/* Takes the parameters from a BENCH_RUN.  When one is missing or past its limit, FALSE, and @answer
 * is the BENCH_REFUSED to send. */
gboolean bench_message_get_parameters(const BenchMessage *self, BenchParameters *parameters,
                                      BenchMessage *answer);

BenchMessage bench_message_counts(BenchVerb verb, const BenchCounts *counts);
/* FALSE unless the message holds all of them. */
gboolean bench_message_get_counts(const BenchMessage *self, BenchCounts *counts);
