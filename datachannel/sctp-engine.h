/* usrsctp's process-global side: one lock around every call into it, one clock for its timers, and
 * an outbox for each association.
 *
 * usrsctp keeps global state and has known races, so nothing inside it ever runs twice at once.
 * What it wants to send it puts into the association's outbox; encryption and system calls then
 * happen outside the lock, on the association's own GMainContext, a batch at a time. */
#pragma once

#include "datachannel/packet-batch.h"

#include <glib.h>

typedef struct SctpEndpoint SctpEndpoint;

typedef struct {
    /* Takes what the outbox held.  Called on the endpoint's context, also from a source's prepare
     * function: it must not run application code. */
    void (*on_output)(const PacketBatch *packets, gpointer user_data);
    /* The socket has something to read that no packet of ours announced: a timer ran out. */
    void (*on_readable)(gpointer user_data);
} SctpEndpointFuncs;

/* Makes an endpoint whose packets go out on @context.  Not under the lock. */
SctpEndpoint *sctp_endpoint_new(GMainContext *context, const SctpEndpointFuncs *funcs,
                                gpointer user_data);

/* Forgets the endpoint: nothing is called any more.  What the outbox still holds is dropped. */
void sctp_endpoint_free(SctpEndpoint *endpoint);

/* What usrsctp knows the endpoint by: a number in a pointer's clothes, never a pointer. */
gpointer sctp_endpoint_get_id(SctpEndpoint *endpoint);

/* Hands the outbox's packets to on_output now.  Not under the lock. */
void sctp_endpoint_flush(SctpEndpoint *endpoint);

/* Does so if it is one packet: more than that gain from waiting for what else is to leave. */
void sctp_endpoint_flush_if_single(SctpEndpoint *endpoint);

/* Whether it is time to flush although the loop has not come to it, so that a long series of sends
 * leaves while it goes on.  Under the lock. */
gboolean sctp_endpoint_is_batch_full(SctpEndpoint *endpoint);

/* Hands over what the outbox holds instead, as it came from usrsctp: without checksums.  Under the
 * lock.  @taken is initialised, and empty. */
void sctp_endpoint_take(SctpEndpoint *endpoint, PacketBatch *taken);

/* The largest packet that may leave.  Under the lock. */
void sctp_endpoint_set_packet_bytes(SctpEndpoint *endpoint, gsize bytes);

/* Takes a packet from the peer, and done after the last one of a batch: several reach usrsctp as
 * one.  A packet whose checksum is wrong is dropped.  @is_ordinary: the lock may be shared.  Not
 * under the lock. */
void sctp_endpoint_receive(SctpEndpoint *endpoint, const guint8 *packet, gsize size,
                           gboolean is_ordinary);
void sctp_endpoint_receive_done(SctpEndpoint *endpoint);

/* From now on small packets that leave together are joined, and those that came together reach
 * usrsctp as one, with one acknowledgement for all.  That is for a peer of the same make: Chromium
 * sends four packets for each packet that acknowledges, and sent half as fast when it got few.
 * Under the lock. */
void sctp_endpoint_join_batches(SctpEndpoint *endpoint);

/* Every call into usrsctp stands between two of these.  Shared is for what concerns an established
 * association of the calling thread only, and neither makes nor ends one: messages, and the packets
 * that carry them.  Then each thread is at its own associations and its own driver, and what they
 * have in common usrsctp guards by itself. */
void sctp_engine_lock(void);
void sctp_engine_lock_shared(void);
void sctp_engine_unlock(void);

/* For usrsctp's socket upcall, which runs under the lock: on_readable will be called soon. */
void sctp_engine_mark_readable(gpointer id);

/* Takes that back, for who has just read the socket to its end.  Under the lock. */
void sctp_endpoint_clear_readable(SctpEndpoint *endpoint);
