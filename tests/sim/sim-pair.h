/* Two stacks of DTLS and SCTP, without ICE, joined by a simulated network. */
#pragma once

#include "datachannel/dtls-transport.h"
#include "datachannel/sctp-transport.h"
#include "tests/sim/sim-path.h"

typedef struct SimPair SimPair;

typedef struct {
    SimPair *pair;
    DtlsTransport *dtls;
    SctpTransport *sctp;
    SimPath *path; /* to the other side */
    gboolean is_up;
    GError *error;       /* why DTLS or SCTP ended */
    GPtrArray *channels; /* of PierceDataChannel: what the other side opened */
} SimPeer;

struct SimPair {
    SimPeer client;
    SimPeer server;
    gboolean has_snap; /* both know the other's INIT from the start */
    /* What SCTP has DTLS send; NULL if nobody minds. */
    void (*on_packets)(SimPeer *peer, const PacketBatch *packets, gpointer user_data);
    /* Before the first datagram; see SimPathFuncs.  @user_data of on_send is the sending peer. */
    void (*on_send)(SimPath *path, GByteArray *datagram, gpointer user_data);
    /* A channel of the other side; before its first message. */
    void (*on_channel)(SimPeer *peer, PierceDataChannel *channel, gpointer user_data);
    gpointer user_data;
};

/* @pair is zeroed but for its callbacks. */
void sim_pair_start(SimPair *pair, const SimConditions *conditions, guint32 seed);

/* Both associations are up. */
gboolean sim_pair_is_up(const SimPair *pair);

void sim_pair_clear(SimPair *pair);
