/* The fields of the SCTP transport, and what its three files have to say to each other:
 * sctp-transport.c (its life and opening), -send.c (whose turn it is) and -receive.c (what the peer
 * says). */
#pragma once

#include "datachannel/sctp-transport.h"
#include "datachannel/send-share.h"
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
    GQueue sparse;         /* those of them that have little in the association: they come first */
    GQueue streamless;     /* those whose stream does not exist yet */
    gboolean is_serving;   /* the queues: whoever else comes has to wait behind them */
    SendShare share;
    gint64 lone_since_us; /* when a message went in before which there was none, 0 for never */
    gint64 least_rtt_us;  /* from there to its acknowledgement */
    SentQueue sent;
    gsize max_message_size;
    gsize peer_max_message_size;
    gboolean is_up;
    gboolean has_channels;
    gboolean has_limited; /* a channel that gives messages up */
    gboolean has_decided; /* and once it is said to the peer, it stays so */
    gboolean interleaves;
    gboolean has_opened;
    gsize most_packet_bytes; /* that the path may take */
    SctpTransportStats stats;
};

/* A reference for the length of a callback, in which the application may drop everything. */
SctpTransport *sctp_transport_hold(SctpTransport *self);

/* The channel may be used: says so to it, and to the owner if it is the first. */
void sctp_transport_announce_open(SctpTransport *self, PierceDataChannel *channel);

void sctp_transport_fail_channel(PierceDataChannel *channel, gint code, const char *message);

/* ---- -send ---- */

/* Sends from the queues in turn, as far as there is room. */
void sctp_transport_send_waiting(SctpTransport *self);
void sctp_transport_on_writable(gpointer user_data); /* for SctpAssociationFuncs */

/* ---- -path: for SctpAssociationFuncs ---- */
gboolean sctp_transport_on_probe(const guint8 *packet, gsize size, gpointer user_data);
void sctp_transport_on_packet_bytes(gsize bytes, gpointer user_data);

/* ---- -receive: for SctpAssociationFuncs ---- */
void sctp_transport_on_message(const SctpMessage *message, gpointer user_data);
void sctp_transport_on_incoming_reset(guint16 stream, gpointer user_data);
void sctp_transport_on_outgoing_reset(guint16 stream, gpointer user_data);
