/* The fields of the SCTP transport, and what its two files have to say to each other:
 * sctp-transport.c (its life, opening and sending) and -receive.c (what the peer says). */
#pragma once

#include "datachannel/sctp-transport.h"
#include "datachannel/sent-queue.h"

struct SctpTransport {
    grefcount references;
    GMainContext *context;
    const SctpTransportFuncs *funcs; /* NULL once closed */
    gpointer user_data;
    SctpAssociation *association; /* NULL before start or prepare, and after the end */
    SctpSnapInit init;            /* of our own association, if has_init */
    gboolean has_init;
    gboolean is_started;
    ChannelTable *table;
    GPtrArray *unassigned; /* channels that wait for the DTLS role to get an id */
    GQueue waiting;        /* channels with a queue, in turn */
    SentQueue sent;
    gsize max_message_size;
    gsize peer_max_message_size;
    gboolean is_up;
    gboolean has_channels;
    gboolean has_opened;
    SctpTransportStats stats;
};

/* A reference for the length of a callback, in which the application may drop everything. */
SctpTransport *sctp_transport_hold(SctpTransport *self);

/* The channel may be used: says so to it, and to the owner if it is the first. */
void sctp_transport_announce_open(SctpTransport *self, PierceDataChannel *channel);

/* ---- -receive: for SctpAssociationFuncs ---- */
void sctp_transport_on_message(const SctpMessage *message, gpointer user_data);
void sctp_transport_on_incoming_reset(guint16 stream, gpointer user_data);
void sctp_transport_on_outgoing_reset(guint16 stream, gpointer user_data);
