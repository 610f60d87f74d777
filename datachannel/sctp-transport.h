/* RTCSctpTransport: the association and the data channels on it.  RFC 8831, RFC 8832. */
#pragma once

#include "datachannel/channel-table.h"
#include "datachannel/data-channel-internal.h"

typedef struct {
    /* Packets to encrypt; see SctpAssociationFuncs. */
    void (*on_packets)(const PacketBatch *packets, gpointer user_data);
    gboolean (*on_probe)(const guint8 *packet, gsize size, gpointer user_data);
    void (*on_packet_bytes)(gsize bytes, gpointer user_data);
    void (*on_up)(gpointer user_data);
    /* The first channel is open. */
    void (*on_first_open)(gpointer user_data);
    /* The association has ended; all channels are closed by now. */
    void (*on_down)(const GError *error, gpointer user_data);
    /* The peer opened @channel. */
    void (*on_channel)(PierceDataChannel *channel, gpointer user_data);
} SctpTransportFuncs;

SctpTransport *sctp_transport_new(GMainContext *context, gsize max_message_size,
                                  const SctpTransportFuncs *funcs, gpointer user_data);

/* See pierce_peer_connection_create_data_channel. */
PierceDataChannel *sctp_transport_create_channel(SctpTransport *self, const char *label,
                                                 const PierceDataChannelInit *init, GError **error);

typedef struct {
    ChannelRole role;
    guint16 local_port;
    guint16 remote_port;
    /* It grants requests for more streams, and its socket has room for what the window allows. */
    gboolean is_peer_pierce;
    const SctpSnapInit *peer_init; /* NULL for a handshake with packets */
} SctpTransportParameters;

/* What the association's INIT says, the same at every call, for the descriptions of a peer that is
 * to be asked for SNAP; NULL if that cannot be had. */
const SctpSnapInit *sctp_transport_get_init(SctpTransport *self);

/* What the peer takes, as its description says, in bytes. */
void sctp_transport_set_peer_max_message_size(SctpTransport *self, gsize size);

/* A round trip before start: with SNAP, makes the association. */
gboolean sctp_transport_prepare(SctpTransport *self, const SctpTransportParameters *parameters,
                                GError **error);

/* Starts the association once DTLS is up.  With SNAP, on_up and what follows come from within. */
gboolean sctp_transport_start(SctpTransport *self, const SctpTransportParameters *parameters,
                              GError **error);

/* There is another path: packets of up to @most bytes are tried on it. */
void sctp_transport_set_path(SctpTransport *self, gsize most);

void sctp_transport_receive(SctpTransport *self, const guint8 *packet, gsize size);
void sctp_transport_receive_done(SctpTransport *self);

typedef struct {
    SctpAssociationStats association;
    guint64 messages_sent, messages_received;
    guint64 bytes_sent, bytes_received;
} SctpTransportStats;

void sctp_transport_get_stats(SctpTransport *self, SctpTransportStats *stats);

/* The largest message that can be sent, 0 before the peer's limit is known. */
gsize sctp_transport_get_max_message_size(SctpTransport *self);

/* Whether a channel was ever created: then a description needs a data section. */
gboolean sctp_transport_has_channels(SctpTransport *self);

/* Ends the association, telling the peer, and then all channels.  Calls nothing of funcs any more.
 */
void sctp_transport_close(SctpTransport *self);
void sctp_transport_unref(SctpTransport *self);

/* ---- for data-channel ---- */

/* Hands a message to the association and counts it. */
SctpSendResult sctp_transport_send(SctpTransport *self, const SctpMessage *message);
/* Has a channel's queue sent when there is room again. */
void sctp_transport_wait_for_room(SctpTransport *self, PierceDataChannel *channel);
void sctp_transport_reset_stream(SctpTransport *self, guint16 stream);
/* The channel is closed: its id is free again, and it is forgotten. */
void sctp_transport_release(SctpTransport *self, PierceDataChannel *channel);
