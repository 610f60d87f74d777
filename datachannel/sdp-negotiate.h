/* The SDP that we write, and what follows from an offer and its answer. */
#pragma once

#include "datachannel/sdp-remote.h"

/* RFC 8832 section 6 and RFC 8842: the DTLS role that a pair of setup attributes gives us. */
typedef enum {
    SDP_DTLS_CLIENT,
    SDP_DTLS_SERVER,
} SdpDtlsRole;

/* What our side says of itself; every string is borrowed.
 *
 * Setup is ACTPASS in a first offer and sdp_choose_setup() in its answer.  Once a DTLS connection
 * stands, both later offers and later answers say sdp_role_setup() of the role that we have: an
 * ACTPASS would let the peer turn the roles around (Firefox does), and ask for a new handshake. */
typedef struct {
    const char *ufrag;
    const char *pwd;
    const char *fingerprint; /* SHA-256, "AB:CD:..." */
    SdpSetup setup;          /* see below */
    guint16 sctp_port;
    gsize max_message_size;        /* in bytes, 0 for no limit */
    const char *sctp_init;         /* sctp-snap's, NULL for none */
    const char *const *candidates; /* "candidate:...", NULL-terminated; may be NULL */
    gboolean end_of_candidates;
    guint64 session_id; /* below 2^63, the same for the life of the connection (RFC 9429) */
    guint version;      /* one more with each new description */
} SdpLocal;

/* An offer of one data channel section.  @previous is the peer's last description, NULL before
 * there was one: a later offer keeps the order of its sections, rejecting those that carry media
 * (RFC 9429 section 5.2.2). */
char *sdp_build_offer(const SdpLocal *local, const char *mid, const SdpRemote *previous);

/* The answer to @offer: accepts its data channel section, in the same form, and rejects all others.
 * Repeats none of its attributes but mid. */
char *sdp_build_answer(const SdpLocal *local, const SdpRemote *offer);

/* @sdp, a description of ours, with candidates in its data section. */
char *sdp_add_candidates(const char *sdp, const char *const *candidates,
                         gboolean end_of_candidates);

/* What an answer says to an offer's setup: active where it is free to choose, as RFC 8842 section
 * 5.3 recommends. */
SdpSetup sdp_choose_setup(SdpSetup offered);

/* Our role, given the answer's setup attribute (never ACTPASS) and who wrote that answer. */
SdpDtlsRole sdp_dtls_role(SdpSetup answered, gboolean we_answered);

/* The setup attribute that says @role. */
SdpSetup sdp_role_setup(SdpDtlsRole role);

/* Whether @answer fits an offer of ours made by sdp_build_offer() with the same @mid and
 * @previous: the same number of sections, and data channels in the right one. */
gboolean sdp_check_answer(const SdpRemote *answer, const char *mid, const SdpRemote *previous,
                          GError **error);
