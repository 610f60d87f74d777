/* One SCTP association over DTLS: packets on one side, messages on numbered streams on the other.
 * RFC 8261, RFC 8831 section 6, RFC 6525. */
#pragma once

#include "datachannel/packet-batch.h"
#include "datachannel/sctp-snap.h"

typedef struct SctpAssociation SctpAssociation;

/* Streams beyond these cannot be had; a peer that wants more is refused them. */
#define SCTP_MAX_STREAMS 2048

/* What an association begins with.  usrsctp allocates about 100 bytes per stream at both ends
 * together, which is most of an idle association; who grants more when asked starts with few.
 * Chromium does not, and has 1024 itself. */
#define SCTP_FEW_STREAMS 16
#define SCTP_MANY_STREAMS 1024

/* RFC 8831 section 8: what a message is, as SCTP carries it. */
typedef enum {
    SCTP_PPID_DCEP = 50,
    SCTP_PPID_STRING = 51,
    SCTP_PPID_BINARY_PARTIAL = 52, /* deprecated */
    SCTP_PPID_BINARY = 53,
    SCTP_PPID_STRING_PARTIAL = 54, /* deprecated */
    SCTP_PPID_STRING_EMPTY = 56,
    SCTP_PPID_BINARY_EMPTY = 57,
} SctpPpid;

typedef enum {
    SCTP_RELIABLE,
    SCTP_LIMITED_RETRANSMITS,
    SCTP_LIMITED_LIFE_TIME,
} SctpReliability;

typedef struct {
    guint16 stream;
    SctpPpid ppid;
    gboolean is_unordered;
    SctpReliability reliability;
    guint32 reliability_parameter; /* a count, or milliseconds */
    const guint8 *bytes;
    gsize size;
} SctpMessage;

typedef enum {
    SCTP_SENT,
    SCTP_FULL,   /* try again after on_writable */
    SCTP_BROKEN, /* the association has ended */
} SctpSendResult;

typedef struct {
    /* Packets to encrypt and send, from a source's prepare function too: must not run application
     * code. */
    void (*on_packets)(const PacketBatch *packets, gpointer user_data);
    /* One packet, to be sent whole or not at all; FALSE where the system refuses its size. */
    gboolean (*on_probe)(const guint8 *packet, gsize size, gpointer user_data);
    /* Packets up to @bytes arrive, as far as is known: larger ones may be broken up on the way. */
    void (*on_packet_bytes)(gsize bytes, gpointer user_data);
    void (*on_up)(gpointer user_data);
    /* The end: by the peer (@error is PEER_CLOSED), or by failure.  Not called after close. */
    void (*on_down)(const GError *error, gpointer user_data);
    /* A whole message; @size is 0 only for the empty PPIDs' stand-in byte, which is cut off here.
     */
    void (*on_message)(const SctpMessage *message, gpointer user_data);
    /* The peer has reset its outgoing side of @stream: nothing more will come on it. */
    void (*on_incoming_reset)(guint16 stream, gpointer user_data);
    /* Our own reset of @stream has been acknowledged. */
    void (*on_outgoing_reset)(guint16 stream, gpointer user_data);
    /* What was refused by SCTP_FULL may be tried again, and what was sent may have been
     * acknowledged. */
    void (*on_writable)(gpointer user_data);
} SctpAssociationFuncs;

/* @max_message_size: a larger message from the peer ends the association. */
SctpAssociation *sctp_association_new(GMainContext *context, guint16 local_port,
                                      guint16 remote_port, gsize max_message_size,
                                      const SctpAssociationFuncs *funcs, gpointer user_data);

/* Before connect: has the association come up without a packet, given what both sides' descriptions
 * say. */
void sctp_association_use_snap(SctpAssociation *self, const SctpSnapInit *own,
                               const SctpSnapInit *peer);

/* Starts the handshake, with that many outgoing streams; both sides do (RFC 8841 section 9.3). With
 * SNAP, a round trip before establish: what it takes is SCTP's first measurement. */
gboolean sctp_association_connect(SctpAssociation *self, guint streams, gboolean interleaves,
                                  GError **error);

/* Packets can be sent from now on.  With SNAP on_up comes from within. */
gboolean sctp_association_establish(SctpAssociation *self, GError **error);

/* For a peer that is known to have room in its socket for whatever the window allows. */
void sctp_association_allow_bursts(SctpAssociation *self);

/* There is another path, or none that is known to take more than the least packet: up to @most
 * bytes are tried on it. */
void sctp_association_set_path(SctpAssociation *self, gsize most);

/* Takes one decrypted packet; call done after the last one of a batch: messages are delivered then.
 */
void sctp_association_receive(SctpAssociation *self, const guint8 *packet, gsize size);
void sctp_association_receive_done(SctpAssociation *self);

SctpSendResult sctp_association_send(SctpAssociation *self, const SctpMessage *message);

/* How many bytes were given to send and not yet acknowledged. */
gsize sctp_association_get_unacknowledged(SctpAssociation *self);

/* Of what is given to send, how much may be of channels that keep it full; see send-share. */
gsize sctp_association_share_of(gsize max_message_size);

/* Bounds what may be under way, 0 for no bound. */
void sctp_association_bound_window(SctpAssociation *self, guint32 bytes);

/* The number of outgoing streams there are, 0 before on_up. */
guint sctp_association_get_streams(SctpAssociation *self);

/* Asks for streams up to and with @stream, the highest that is wanted (RFC 6525 section 4.5);
 * on_writable tells when they are there.  FALSE where they cannot be had. */
gboolean sctp_association_add_streams(SctpAssociation *self, guint16 stream);

/* Resets the outgoing side of @stream once all sent on it is acknowledged. */
void sctp_association_reset_stream(SctpAssociation *self, guint16 stream);

typedef struct {
    double round_trip_time_ms; /* -1 if not known */
    guint64 retransmissions;
    gsize packet_bytes; /* the largest that are sent */
} SctpAssociationStats;

void sctp_association_get_stats(SctpAssociation *self, SctpAssociationStats *stats);

/* Tells the peer (ABORT), and calls nothing any more.  Idempotent. */
void sctp_association_close(SctpAssociation *self);
void sctp_association_unref(SctpAssociation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SctpAssociation, sctp_association_unref)
