/* The fields behind PierceStats, for those who fill them in. */
#pragma once

#include "datachannel/stats.h"

#define SETUP_PHASE_COUNT (PIERCE_SETUP_PHASE_OPEN + 1)

struct _PierceStats {
    const char *local_candidate_type; /* static */
    const char *remote_candidate_type;
    const char *protocol;
    char *local_address;
    char *remote_address;
    char *path_note;
    double round_trip_time_ms;
    guint64 bytes_sent;
    guint64 bytes_received;
    guint64 messages_sent;
    guint64 messages_received;
    guint64 packets_sent;
    guint64 packets_received;
    guint64 packets_discarded;
    guint64 retransmissions;
    guint max_packet_size;
    double setup_time_ms[SETUP_PHASE_COUNT];
};
