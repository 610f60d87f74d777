/* Two connected peer connections with a channel between them, which remember what happened. */
#pragma once

#include "tests/support/peer-pair.h"

typedef struct {
    PierceMessageType type;
    GBytes *bytes;
} Received;

typedef struct {
    PeerPair pair;
    PierceDataChannel *sender;   /* made by the offerer */
    PierceDataChannel *receiver; /* what the answerer was told of */
    GPtrArray *channels;         /* all that the answerer was told of */
    guint opened;
    guint closed;
    guint errors;
    GArray *received; /* of Received, on any channel of the answerer */
} ChannelPair;

/* A NULL configuration is the default one. */
void channel_pair_init(ChannelPair *f, PierceConfiguration *configuration);

/* Creates the sender with @init, NULL for the defaults, and waits until both ends are open. */
void channel_pair_connect(ChannelPair *f, PierceDataChannelInit *init);

/* Both at once, and the end: for g_test_add. */
void channel_pair_setup(ChannelPair *f, gconstpointer data);
void channel_pair_teardown(ChannelPair *f, gconstpointer data);

/* Counts what happens to one more channel. */
void channel_pair_watch(ChannelPair *f, PierceDataChannel *channel);

const Received *channel_pair_message(ChannelPair *f, guint index);

/* Handlers to be connected elsewhere too; the last one sends "hello". */
void channel_pair_on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data,
                             gsize size, gpointer user_data);
void channel_pair_on_channel(PiercePeerConnection *connection, PierceDataChannel *channel,
                             ChannelPair *f);
void channel_pair_send_hello(PierceDataChannel *channel, gpointer user_data);

/* A case that starts with a connected pair. */
#define add_channel_case(path, func)                                                               \
    g_test_add(path, ChannelPair, NULL, channel_pair_setup, func, channel_pair_teardown)
