/* What a peer's description says about its data channels: RFC 8841, 8842, 8839, 8122, 9143. */
#pragma once

#include "datachannel/sdp-section.h"
#include "datachannel/sdp.h"

/* More candidates than this are dropped without an error. */
#define SDP_MAX_CANDIDATES 100
#define SDP_MAX_FINGERPRINTS 16

/* RFC 8841 section 6.1: what a peer that names no limit takes. */
#define SDP_DEFAULT_MAX_MESSAGE_SIZE 65536

typedef enum {
    SDP_KIND_OFFER,
    SDP_KIND_ANSWER, /* also a provisional one */
} SdpKind;

/* RFC 8842 section 5: who begins the DTLS handshake. */
typedef enum {
    SDP_SETUP_ACTPASS, /* in an offer only: either */
    SDP_SETUP_ACTIVE,  /* the describing side is the DTLS client */
    SDP_SETUP_PASSIVE, /* the describing side is the DTLS server */
} SdpSetup;

/* How the m= line spells a data channel section.  An answer uses its offer's form. */
typedef enum {
    SDP_FORM_UDP,    /* UDP/DTLS/SCTP webrtc-datachannel, RFC 8841 */
    SDP_FORM_TCP,    /* TCP/DTLS/SCTP webrtc-datachannel, RFC 8841 */
    SDP_FORM_LEGACY, /* DTLS/SCTP 5000 with a=sctpmap, the drafts before it; aiortc 1.4 */
} SdpForm;

typedef struct {
    const char *algorithm; /* "sha-256", "sha-384" or "sha-512", static */
    char *digest;          /* "AB:CD:...", upper case, of the algorithm's length */
} SdpFingerprint;

typedef struct {
    SdpKind kind;
    SdpForm form;
    guint m_line_index;       /* of the section that carries the data channels */
    char *mid;                /* its mid; NULL where the peer gave none */
    char *ufrag;              /* 4 to 256 ice-chars */
    char *pwd;                /* 22 to 256 ice-chars */
    GArray *fingerprints;     /* of SdpFingerprint, 1 to SDP_MAX_FINGERPRINTS; any may match */
    SdpSetup setup;           /* never ACTPASS in an answer */
    guint16 sctp_port;        /* never 0 */
    gboolean is_pierce;       /* the description says that it was made by this library */
    gsize max_message_size;   /* in bytes; G_MAXSIZE if the peer has no limit */
    char *sctp_init;          /* as the peer wrote it, not yet checked; or NULL */
    GPtrArray *candidates;    /* of char *: "candidate:..." as the peer wrote it, not yet checked */
    guint candidates_dropped; /* those past SDP_MAX_CANDIDATES */
    gboolean end_of_candidates;
    gboolean ice_lite;
    gboolean trickle;
    GArray *sections; /* of SdpSection: all of the description, in its order */
} SdpRemote;

void sdp_remote_clear(SdpRemote *remote);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SdpRemote, sdp_remote_clear)

/* Fills @out from a peer's description.  FALSE with @error (SDP_ERROR) saying what cannot be used,
 * and @out cleared. */
gboolean sdp_parse_remote(SdpRemote *out, const char *text, SdpKind kind, GError **error);

const SdpFingerprint *sdp_remote_fingerprint(const SdpRemote *remote, guint index);

const SdpSection *sdp_remote_section(const SdpRemote *remote, guint index);

/* Whether @now asks for a new ICE generation (RFC 8839 section 4.4.3.1.1). */
gboolean sdp_remote_is_ice_restart(const SdpRemote *before, const SdpRemote *now);
