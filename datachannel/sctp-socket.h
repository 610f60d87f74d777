/* Opens usrsctp sockets the way WebRTC needs them: RFC 8831 section 6.  Every call is under the
 * engine's lock. */
#pragma once

#include "datachannel/sctp-association.h"

#include <glib.h>
#include <usrsctp.h>

/* A packet this large fits IPv6 paths of 1280 bytes after DTLS (37), UDP (8) and IPv6 (40), RFC
 * 8831 section 5. */
#define SCTP_LEAST_PACKET_BYTES 1188

/* What usrsctp takes for the size of a packet, and what its window grows and shrinks by; what
 * leaves is cut smaller where the path wants that.  It bounds the size of chunks for an
 * association's whole life.  Four packets make one, so that usrsctp runs once for four; the window
 * grows as those of four connections would together, which is what browsers open to a host. */
#define SCTP_SEGMENT_BYTES 4848

typedef struct {
    gpointer id; /* what the engine knows the association by */
    guint16 local_port;
    guint16 remote_port;
    gsize max_message_size;
    guint16 streams; /* outgoing */
    guint32 tag; /* that the INIT will have, 0 for a random one; its first TSN follows from it */
    gboolean interleaves; /* offers to: RFC 8260 */
    void (*on_upcall)(struct socket *socket, void *id, int flags);
} SctpSocketParameters;

/* Opens and connects a socket.  NULL with @wrong saying what went wrong, and errno set. */
struct socket *sctp_socket_open(const SctpSocketParameters *parameters, const char **wrong);

/* From now on packets of at most @bytes leave, from SCTP_LEAST_PACKET_BYTES to 65535. */
void sctp_socket_set_packet_bytes(struct socket *socket, gsize bytes);

/* An acknowledgement may release as much as the window allows. */
void sctp_socket_allow_bursts(struct socket *socket);

int sctp_socket_set(struct socket *socket, int name, const void *value, gsize size);

typedef struct {
    gsize unacknowledged; /* bytes given to send that the peer does not have yet */
    gsize incomplete;     /* bytes of messages that have not arrived as a whole, or not in order */
} SctpSocketUse;

SctpSocketUse sctp_socket_get_use(struct socket *socket);

/* With interleaving a peer may have many messages under way, of which usrsctp keeps what has come:
 * its buffer must not fill with beginnings, of which none could be finished.  FALSE where it would
 * grow beyond what a peer may take. */
gboolean sctp_socket_make_room(struct socket *socket, gsize incomplete, gsize max_message_size);

/* How much of the send buffer is for channels that keep it full; the rest is for the others. */
gsize sctp_socket_get_share(gsize max_message_size);

/* Bounds the congestion window, 0 for no bound. */
void sctp_socket_bound_window(struct socket *socket, guint32 bytes);

/* Whether both sides interleave, once the association is up. */
gboolean sctp_socket_is_interleaved(struct socket *socket);

/* FALSE with errno set; the whole message is sent or nothing of it. */
gboolean sctp_socket_send(struct socket *socket, const SctpMessage *message,
                          gboolean is_interleaved);
