/* Work that libpierce does with both ends of each pair within this process. */
#pragma once

#include <pierce.h>

typedef enum {
    WORK_CHANNELS,    /* one pair has many channels, and sends on them in turn */
    WORK_CONNECTIONS, /* there are many pairs, one of them sends */
    WORK_QUEUED,      /* one channel has many messages under way or waiting */
} WorkKind;

/* Processor time of one message, in microseconds, where there are @count of something. */
gboolean work_measure_cost(WorkKind kind, guint count, guint time_ms, double *cost_us,
                           GError **error);

/* What @pairs move in @time_ms, in MB/s, when @threads threads with a context each share them. */
gboolean work_measure_threads(guint threads, guint pairs, guint time_ms, double *rate,
                              GError **error);
