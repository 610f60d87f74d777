/* A peer connection's fields, and what its five files have to say to each other:
 * peer-connection.c (the object), -negotiation.c (descriptions), -remote.c (whether a peer's can be
 * taken), -transports.c (ICE, DTLS and SCTP), and -report.c (stats and reports). */
#pragma once

#include "datachannel/configuration-data.h"
#include "datachannel/dtls-transport.h"
#include "datachannel/ice-transport.h"
#include "datachannel/peer-connection.h"
#include "datachannel/sctp-transport.h"
#include "datachannel/sdp-negotiate.h"
#include "datachannel/session-description.h"
#include "datachannel/stats-data.h"

/* RFC 8841 section 5.2: what everybody uses; a port here tells nothing apart. */
#define DATA_SCTP_PORT 5000

struct _PiercePeerConnection {
    GObject parent_instance;
    GMainContext *context;
    PierceConfiguration *configuration;
    PierceCertificate *certificate; /* NULL if none could be made */
    gboolean is_closed;

    /* -negotiation */
    PierceSignalingState signaling_state;
    guint64 session_id;
    guint version;
    char *mid;
    char *last_offer;  /* what create_offer gave, and may be set */
    char *last_answer; /* likewise */
    PierceSessionDescription *current_local;
    PierceSessionDescription *pending_local;
    PierceSessionDescription *current_remote;
    PierceSessionDescription *pending_remote;
    SdpRemote remote;        /* of the current remote description */
    SdpRemote pending_offer; /* of a remote offer that is not answered */
    gboolean has_remote;
    gboolean has_pending_offer;
    gboolean has_pending_generation; /* ICE credentials that go with the pending description */
    gboolean wants_restart;
    gboolean needs_negotiation;

    /* -remote */
    SctpSnapInit peer_init; /* of the remote description, if has_peer_init */
    gboolean has_peer_init;
    gboolean has_begun_sctp; /* with peer_init or without it, and so to the end */
    char *sctp_init;         /* ours, as descriptions have it; NULL before the first */

    /* -transports */
    IceTransport *ice; /* NULL once closed, like the other two */
    DtlsTransport *dtls;
    SctpTransport *sctp;
    PierceIceConnectionState ice_state; /* as last announced */
    PierceDtlsTransportState dtls_state;
    PiercePeerConnectionState connection_state;
    gboolean has_dtls_role;
    SdpDtlsRole dtls_role;
    GError *error;

    /* -report */
    gint64 started_us; /* the first local description, 0 before */
    gint64 phase_ended_us[SETUP_PHASE_COUNT];
    PierceStats *last_stats; /* what is left of the transports after close */
};

/* ---- peer-connection.c ---- */
typedef enum {
    PEER_CONNECTION_SIGNALING_STATE,
    PEER_CONNECTION_ICE_GATHERING_STATE,
    PEER_CONNECTION_ICE_CONNECTION_STATE,
    PEER_CONNECTION_CONNECTION_STATE,
    PEER_CONNECTION_DTLS_STATE,
} PeerConnectionProperty;

void peer_connection_notify(PiercePeerConnection *self, PeerConnectionProperty property);
void peer_connection_emit_candidate(PiercePeerConnection *self, const char *candidate,
                                    const char *ufrag);
void peer_connection_emit_channel(PiercePeerConnection *self, PierceDataChannel *channel);
void peer_connection_emit_negotiation_needed(PiercePeerConnection *self);
/* FALSE with @error set for a connection that is closed. */
gboolean peer_connection_check_open(PiercePeerConnection *self, const char *what, GError **error);

/* ---- -negotiation ---- */
/* Emits negotiation-needed from the loop, if an offer has become due.  W3C section 4.7.3. */
void peer_connection_update_negotiation_needed(PiercePeerConnection *self);
void peer_connection_clear_negotiation(PiercePeerConnection *self);

/* ---- -remote ---- */
/* Parses a peer's description.  FALSE with @error set if it cannot be used, or not after those that
 * were taken before. */
gboolean peer_connection_parse_remote(PiercePeerConnection *self, SdpRemote *remote,
                                      const char *sdp, SdpKind kind, GError **error);
/* What self->remote, new or changed, means for SCTP. */
void peer_connection_take_sctp_init(PiercePeerConnection *self);
/* The a=sctp-init of our next description of this kind, NULL for none. */
const char *peer_connection_get_sctp_init(PiercePeerConnection *self, SdpKind kind);

/* ---- -transports ---- */
void peer_connection_make_transports(PiercePeerConnection *self);
/* Begins DTLS when the path, the role and the fingerprints are known. */
void peer_connection_start_dtls(PiercePeerConnection *self);
/* Ends all transports and says so; @error is why, NULL for the application's own close. */
void peer_connection_close_transports(PiercePeerConnection *self, const GError *error);

/* ---- -report ---- */
void peer_connection_mark_phase(PiercePeerConnection *self, PierceSetupPhase phase);
