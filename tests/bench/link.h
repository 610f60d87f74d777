/* Two peer processes and the signalling between them: whatever one says of its description and its
 * candidates is handed to the other, everything else is kept until it is asked for. */
#pragma once

#include "tests/support/long-path.h"

typedef struct Link Link;

typedef enum {
    LINK_OFFERER,
    LINK_ANSWERER,
} LinkSide;

/* Starts @arguments twice, at the ends of @path, or where the caller is if that is NULL.  NULL with
 * @error set if that fails or a peer is not ready soon. */
Link *link_new(const char *const *arguments, const LongPath *path, GError **error);

/* Ends both processes. */
void link_free(Link *link);

void link_tell(Link *link, LinkSide side, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Passes signalling on until @side says a line that begins with @word.  Returns its words, or NULL
 * with @error set when @seconds are over, a peer ended or said `error`. */
char **link_wait(Link *link, LinkSide side, const char *word, double seconds, GError **error);

/* Passes signalling on for @seconds. */
gboolean link_run(Link *link, double seconds, GError **error);

/* From now on signalling takes this long from one side to the other; at first it takes no time. */
void link_delay_signaling(Link *link, gint64 delay_us);

/* When the last answer was handed to the offerer, by g_get_monotonic_time(). */
gint64 link_get_answer_us(Link *link);

typedef enum {
    LINK_RELIABLE,
    LINK_UNORDERED,
    LINK_BOTH, /* two reliable channels, the second named ID.ping */
} LinkKind;

/* Makes connection @id, and waits until what it consists of is open at both ends. */
gboolean link_connect(Link *link, const char *id, LinkKind kind, GError **error);

/* What a peer sent and received on connection "c" so far, by its own clock. */
typedef struct {
    double sent, received, received_bytes, time_us;
} LinkCounts;

gboolean link_get_counts(Link *link, LinkSide side, LinkCounts *counts, GError **error);

/* What the peers call themselves when they are ready: their version. */
const char *link_get_version(Link *link);

/* Of both processes together. */
double link_get_cpu_seconds(Link *link);
double link_get_resident_bytes(Link *link);
