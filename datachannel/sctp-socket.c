/* Owns no socket: sets one up and hands it over, and says in its words what others want.  RFC 8831
 * section 6.2 lists the extensions, RFC 6525 the resets, RFC 8261 the packets over DTLS. */
#include "datachannel/sctp-socket.h"

#include <errno.h>
#include <string.h>

/* usrsctp adds this much to SCTP_MAXSEG, and takes off what the headers need. */
#define MAXSEG_EXTRA_BYTES 48
/* Not in usrsctp.h: FreeBSD's SCTP_INTERLEAVING_SUPPORTED, RFC 8260 section 4.3.1, and its
 * SCTP_GET_SNDBUF_USE with struct sctp_sockstat. */
#define INTERLEAVING_SUPPORTED 0x00001206
#define GET_SNDBUF_USE 0x00001101
#define INTERLEAVE_STREAMS 2
/* What fits a chunk on the smallest path; larger messages are cut. */
#define SURELY_ONE_CHUNK_BYTES 1100
#define LEAST_SEND_BUFFER (1024 * 1024)
#define LEAST_RESERVE (256 * 1024)
#define RECEIVE_BUFFER (2 * 1024 * 1024)
#define MOST_RECEIVE_BUFFER (32 * 1024 * 1024)

/* Not in usrsctp.h: with it the numbers that an association chooses are this one and those behind
 * it, where they would be random; 0 ends that. */
#define SET_INITIAL_DBG_SEQ 0x00009f00

int
sctp_socket_set(struct socket *socket, int name, const void *value, gsize size)
{
    return usrsctp_setsockopt(socket, IPPROTO_SCTP, name, value, (socklen_t) size);
}

static int
set_int(struct socket *socket, int level, int name, int value)
{
    return usrsctp_setsockopt(socket, level, name, &value, sizeof value);
}

static int
subscribe(struct socket *socket)
{
    static const guint16 events[] = { SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT,
                                      SCTP_STREAM_CHANGE_EVENT, SCTP_PARTIAL_DELIVERY_EVENT };
    int failed = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(events); i++) {
        struct sctp_event event = { .se_assoc_id = SCTP_FUTURE_ASSOC,
                                    .se_type = events[i],
                                    .se_on = 1 };
        failed |= sctp_socket_set(socket, SCTP_EVENT, &event, sizeof event);
    }
    return failed;
}

static int
set_segment_bytes(struct socket *socket, guint32 bytes)
{
    struct sctp_paddrparams path = { .spp_flags = SPP_PMTUD_DISABLE, .spp_pathmtu = bytes };
    return sctp_socket_set(socket, SCTP_PEER_ADDR_PARAMS, &path, sizeof path);
}

static int
set_chunk_bytes(struct socket *socket, gsize packet_bytes)
{
    struct sctp_assoc_value chunk = {
        .assoc_id = SCTP_FUTURE_ASSOC,
        .assoc_value = (guint32) packet_bytes - MAXSEG_EXTRA_BYTES,
    };
    return sctp_socket_set(socket, SCTP_MAXSEG, &chunk, sizeof chunk);
}

void
sctp_socket_set_packet_bytes(struct socket *socket, gsize bytes)
{
    set_segment_bytes(socket, (guint32) MAX(bytes, SCTP_SEGMENT_BYTES));
    set_chunk_bytes(socket, bytes);
}

void
sctp_socket_allow_bursts(struct socket *socket)
{
    struct sctp_assoc_value no_limit = { .assoc_id = SCTP_FUTURE_ASSOC, .assoc_value = 0 };
    sctp_socket_set(socket, SCTP_MAX_BURST, &no_limit, sizeof no_limit);
}

gsize
sctp_socket_get_share(gsize max_message_size)
{
    return MAX(2 * max_message_size, LEAST_SEND_BUFFER);
}

/* Returns 0, or -1 with errno set. */
static int
configure(struct socket *socket, const SctpSocketParameters *parameters)
{
    /* usrsctp takes a message whole or not at all.  It hands one over whole, unless it fills half
     * of the buffer: of what 0.9.5.0 has begun to hand over and the sender gives up, it tells too
     * late that it is not whole, and its stream hangs afterwards. */
    gsize send_buffer = sctp_socket_get_share(parameters->max_message_size) +
                        MAX(parameters->max_message_size, LEAST_RESERVE);
    gsize receive_buffer = MAX(2 * parameters->max_message_size, RECEIVE_BUFFER);
    struct linger abort_on_close = { .l_onoff = 1, .l_linger = 0 };
    struct sctp_assoc_value resets = {
        .assoc_id = SCTP_FUTURE_ASSOC,
        .assoc_value = SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ,
    };
    /* I-DATA, which needs the highest level of interleaving: RFC 8260 section 4.3.1 */
    struct sctp_assoc_value interleaving = { .assoc_id = SCTP_FUTURE_ASSOC,
                                             .assoc_value = parameters->interleaves ? 1 : 0 };
    struct sctp_initmsg init = { .sinit_num_ostreams = parameters->streams,
                                 .sinit_max_instreams = SCTP_MAX_STREAMS };

    return usrsctp_set_non_blocking(socket, 1) |
           usrsctp_setsockopt(socket, SOL_SOCKET, SO_LINGER, &abort_on_close,
                              sizeof abort_on_close) |
           set_int(socket, SOL_SOCKET, SO_SNDBUF, (int) send_buffer) |
           set_int(socket, SOL_SOCKET, SO_RCVBUF, (int) receive_buffer) |
           set_int(socket, IPPROTO_SCTP, SCTP_NODELAY, 1) |
           set_int(socket, IPPROTO_SCTP, SCTP_RECVRCVINFO, 1) |
           sctp_socket_set(socket, SCTP_ENABLE_STREAM_RESET, &resets, sizeof resets) |
           set_int(socket, IPPROTO_SCTP, SCTP_PARTIAL_DELIVERY_POINT, (int) receive_buffer) |
           set_int(socket, IPPROTO_SCTP, SCTP_FRAGMENT_INTERLEAVE, INTERLEAVE_STREAMS) |
           sctp_socket_set(socket, INTERLEAVING_SUPPORTED, &interleaving, sizeof interleaving) |
           sctp_socket_set(socket, SCTP_INITMSG, &init, sizeof init) |

           set_segment_bytes(socket, SCTP_SEGMENT_BYTES) |
           set_chunk_bytes(socket, SCTP_LEAST_PACKET_BYTES) | subscribe(socket);
}

static struct sockaddr_conn
make_address(const SctpSocketParameters *parameters, guint16 port)
{
    return (struct sockaddr_conn){
        .sconn_family = AF_CONN,
        .sconn_port = GUINT16_TO_BE(port),
        .sconn_addr = parameters->id,
    };
}

static int
connect_with_tag(struct socket *socket, struct sockaddr_conn *remote, guint32 tag)
{
    static const guint32 random_again = 0;
    if (tag != 0 && sctp_socket_set(socket, SET_INITIAL_DBG_SEQ, &tag, sizeof tag) < 0)
        return -1;
    if (usrsctp_connect(socket, (struct sockaddr *) remote, sizeof *remote) < 0 &&
        errno != EINPROGRESS)
        return -1;
    return sctp_socket_set(socket, SET_INITIAL_DBG_SEQ, &random_again, sizeof random_again);
}

/* Returns NULL, or what went wrong with errno set. */
static const char *
set_up(struct socket *socket, const SctpSocketParameters *parameters)
{
    struct sockaddr_conn local = make_address(parameters, parameters->local_port);
    struct sockaddr_conn remote = make_address(parameters, parameters->remote_port);

    if (configure(socket, parameters))
        return "an option was refused";
    if (usrsctp_bind(socket, (struct sockaddr *) &local, sizeof local) < 0)
        return "its port could not be bound";
    if (parameters->on_upcall)
        usrsctp_set_upcall(socket, parameters->on_upcall, parameters->id);
    if (connect_with_tag(socket, &remote, parameters->tag) < 0)
        return "the handshake could not be started";
    return NULL;
}

struct socket *
sctp_socket_open(const SctpSocketParameters *parameters, const char **wrong)
{
    struct socket *socket = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
    *wrong = socket ? set_up(socket, parameters) : "no socket";
    if (!*wrong)
        return socket;
    int code = errno;
    if (socket)
        usrsctp_close(socket);
    errno = code;
    return NULL;
}

SctpSocketUse
sctp_socket_get_use(struct socket *socket)
{
    struct {
        sctp_assoc_t association;
        guint32 unacknowledged;
        guint32 incomplete;
    } use = { 0 };
    socklen_t size = sizeof use;
    if (usrsctp_getsockopt(socket, IPPROTO_SCTP, GET_SNDBUF_USE, &use, &size))
        return (SctpSocketUse){ 0 };
    return (SctpSocketUse){ .unacknowledged = use.unacknowledged, .incomplete = use.incomplete };
}

gboolean
sctp_socket_make_room(struct socket *socket, gsize incomplete, gsize max_message_size)
{
    gsize most = MAX(2 * max_message_size, MOST_RECEIVE_BUFFER);
    int buffer;
    socklen_t size = sizeof buffer;
    if (incomplete <= RECEIVE_BUFFER / 2 ||
        usrsctp_getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &buffer, &size) ||
        incomplete <= (gsize) buffer / 2)
        return TRUE;
    if ((gsize) buffer < most)
        return set_int(socket, SOL_SOCKET, SO_RCVBUF, 2 * buffer) == 0;
    return incomplete <= (gsize) buffer / 4 * 3;
}

void
sctp_socket_bound_window(struct socket *socket, guint32 bytes)
{
    struct sctp_assoc_value bound = { .assoc_value = bytes };
    sctp_socket_set(socket, SCTP_MAX_CWND, &bound, sizeof bound);
}

static void
limit_reliability(struct sctp_sendv_spa *options, const SctpMessage *message)
{
    options->sendv_flags |= SCTP_SEND_PRINFO_VALID;
    options->sendv_prinfo.pr_policy =
        message->reliability == SCTP_LIMITED_RETRANSMITS ? SCTP_PR_SCTP_RTX : SCTP_PR_SCTP_TTL;
    options->sendv_prinfo.pr_value = message->reliability_parameter;
}

/* usrsctp 0.9.5.0 as receiver fails when an unordered message is given up of which parts have come:
 * with DATA it aborts (its issue 592), with I-DATA their room is never given back.  In order it
 * does neither, and unordered means only that the order is free. */
static gboolean
may_overtake(const SctpMessage *message)
{
    return message->is_unordered &&
           (message->reliability == SCTP_RELIABLE || message->size <= SURELY_ONE_CHUNK_BYTES);
}

/* usrsctp 0.9.5.0 as sender looks for the rest of a message that it gives up behind its first
 * chunk, where interleaving has put others, and then gives up the next message instead. */
static gboolean
may_be_given_up(const SctpMessage *message, gboolean is_interleaved)
{
    return message->reliability != SCTP_RELIABLE &&
           (!is_interleaved || message->size <= SURELY_ONE_CHUNK_BYTES);
}

gboolean
sctp_socket_send(struct socket *socket, const SctpMessage *message, gboolean is_interleaved)
{
    static const guint8 nothing[1] = { 0 }; /* SCTP has no empty messages, RFC 8831 section 6.6 */
    gboolean is_empty = message->size == 0;
    struct sctp_sendv_spa options = {
        .sendv_flags = SCTP_SEND_SNDINFO_VALID,
        .sendv_sndinfo = { .snd_sid = message->stream,
                           .snd_ppid = GUINT32_TO_BE(message->ppid),
                           .snd_flags = may_overtake(message) ? SCTP_UNORDERED : 0 },
    };
    if (may_be_given_up(message, is_interleaved))
        limit_reliability(&options, message);
    return usrsctp_sendv(socket, is_empty ? nothing : message->bytes, is_empty ? 1 : message->size,
                         NULL, 0, &options, sizeof options, SCTP_SENDV_SPA, 0) >= 0;
}

gboolean
sctp_socket_is_interleaved(struct socket *socket)
{
    struct sctp_assoc_value interleaving = { 0 };
    socklen_t size = sizeof interleaving;
    return usrsctp_getsockopt(socket, IPPROTO_SCTP, INTERLEAVING_SUPPORTED, &interleaving, &size) ==
               0 &&
           interleaving.assoc_value != 0;
}
