/* What sctp-transport and a data channel have to say to each other. */
#pragma once

#include "datachannel/data-channel.h"
#include "datachannel/dcep.h"
#include "datachannel/sctp-association.h"

#define LABEL_MAX_BYTES 65535 /* RFC 8832 section 5.1, protocol likewise */

struct _PierceDataChannelInit {
    gboolean is_unordered;
    SctpReliability reliability;
    guint16 reliability_parameter; /* a count, or milliseconds */
    char *protocol;
    gboolean is_negotiated;
    guint16 id; /* if negotiated */
};

/* FALSE with @error for a label or options that no channel can have. */
gboolean data_channel_init_check(const PierceDataChannelInit *self, const char *label,
                                 GError **error);
/* Between options and DATA_CHANNEL_OPEN; the strings in @open stay the options', its label is not
 * set. */
PierceDataChannelInit *data_channel_init_from_open(const DcepOpen *open);
void data_channel_init_fill_open(const PierceDataChannelInit *self, DcepOpen *open);

typedef struct SctpTransport SctpTransport;

struct _PierceDataChannel {
    GObject parent_instance;
    SctpTransport *transport; /* NULL once closed */
    char *label;
    PierceDataChannelInit *init;
    gint id;
    PierceDataChannelState state;
    gboolean is_acknowledged;
    gboolean is_waiting; /* for room in the association */
    gboolean has_sent_reset;
    gboolean has_reset_outgoing;
    gboolean has_reset_incoming;
    GError *error; /* to be emitted before close */
    GQueue queue;  /* of what data-channel.c defines */
    gsize inside;  /* bytes in the association that were not acknowledged yet */
    guint64 buffered_amount;
    guint64 low_threshold;
    PierceMessageFunc message_func;
    gpointer message_data;
    GDestroyNotify message_destroy;
};

/* ---- data-channel-object.c ---- */

typedef enum {
    DATA_CHANNEL_OPEN,
    DATA_CHANNEL_BUFFERED_AMOUNT_LOW,
    DATA_CHANNEL_CLOSING,
    DATA_CHANNEL_CLOSE,
} DataChannelSignal;

void data_channel_emit(PierceDataChannel *self, DataChannelSignal signal);
void data_channel_emit_error(PierceDataChannel *self, const GError *error);
/* Costs nothing where nobody listens. */
void data_channel_emit_message(PierceDataChannel *self, PierceMessageType type, const guint8 *bytes,
                               gsize size);

/* ---- data-channel.c ---- */

void data_channel_drop_message_func(PierceDataChannel *self);
void data_channel_clear_queue(PierceDataChannel *self);

/* What DATA_CHANNEL_OPEN says of it; the strings stay the channel's. */
void data_channel_fill_open(PierceDataChannel *self, DcepOpen *open);

/* A channel in the state connecting; @transport is a back pointer, cleared by data_channel_detach.
 */
PierceDataChannel *data_channel_new(SctpTransport *transport, const char *label,
                                    const PierceDataChannelInit *init);

void data_channel_set_id(PierceDataChannel *self, guint16 id);

/* The stream may be used: `open` is emitted. */
void data_channel_open(PierceDataChannel *self);

/* The peer opened it: it is open before it is announced. */
void data_channel_mark_open(PierceDataChannel *self);

/* NULL once the channel is closed. */
SctpTransport *data_channel_get_transport(PierceDataChannel *self);

/* Whether it is in sctp-transport's queue of channels that wait for room. */
gboolean data_channel_is_waiting(PierceDataChannel *self);
void data_channel_set_waiting(PierceDataChannel *self, gboolean is_waiting);

/* The peer has acknowledged DATA_CHANNEL_OPEN: unordered messages may overtake it from now on. */
void data_channel_acknowledged(PierceDataChannel *self);

/* Queues a DCEP message, whatever the state. */
void data_channel_send_dcep(PierceDataChannel *self, const guint8 *bytes, gsize size);

typedef enum {
    DATA_CHANNEL_HAS_SENT_ALL,
    DATA_CHANNEL_HAS_MORE,
    DATA_CHANNEL_HAS_NO_ROOM, /* and more */
} DataChannelTurn;

/* Sends from the queue: not all of it where others wait too. */
DataChannelTurn data_channel_send_turn(PierceDataChannel *self);

/* @size bytes were acknowledged by the peer. */
void data_channel_credit(PierceDataChannel *self, gsize size);

void data_channel_receive(PierceDataChannel *self, PierceMessageType type, const guint8 *bytes,
                          gsize size);

/* The peer reset its side: ours follows. */
void data_channel_on_incoming_reset(PierceDataChannel *self);
void data_channel_on_outgoing_reset(PierceDataChannel *self);

/* Resets both sides because of what the peer did; @error is emitted before `close`. */
void data_channel_reject(PierceDataChannel *self, const GError *error);

/* The end, without the peer: emits @error, if any, and `close`. */
void data_channel_end(PierceDataChannel *self, const GError *error);
