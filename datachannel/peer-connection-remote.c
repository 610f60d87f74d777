/* Decides whether a peer's description can be taken after those before it: its form is
 * sdp-remote's, its certificate and its a=sctp-init must stay what they were.  RFC 9429
 * section 5.11, RFC 8842, draft-hancke-tsvwg-snap-00 section 5.
 *
 * Where this goes beyond the draft: a later offer that brings an a=sctp-init to an association
 * without one is not refused but answered without, as Chromium makes such offers; and an answer
 * with our own value is an echo of a peer that repeats what it does not know, as libdatachannel did
 * up to 0.24.5. */
#include "datachannel/peer-connection-internal.h"

#include "datachannel/error.h"

static gboolean
has_same_fingerprint(const SdpRemote *before, const SdpRemote *now)
{
    const SdpFingerprint *old = sdp_remote_fingerprint(before, 0);
    for (guint i = 0; i < now->fingerprints->len; i++)
        if (strcmp(sdp_remote_fingerprint(now, i)->digest, old->digest) == 0)
            return TRUE;
    return FALSE;
}

/* ---- SNAP ---- */

/* Whether what descriptions say of SCTP's INIT still counts. */
static gboolean
is_snap_possible(PiercePeerConnection *self)
{
    return self->configuration->has_sctp_snap && (!self->has_begun_sctp || self->has_peer_init);
}

static gboolean
is_ours(PiercePeerConnection *self, const SctpSnapInit *init)
{
    const SctpSnapInit *own = self->sctp_init ? sctp_transport_get_init(self->sctp) : NULL;
    return own && sctp_snap_is_equal(init, own);
}

static gboolean
check_sctp_init(PiercePeerConnection *self, const SdpRemote *remote, GError **error)
{
    SctpSnapInit init;
    if (!remote->sctp_init || !is_snap_possible(self))
        return TRUE;
    const char *wrong = sctp_snap_parse(&init, remote->sctp_init);
    if (wrong) {
        g_autofree char *quoted = sdp_quote(remote->sctp_init);
        g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX,
                    "remote description: its a=sctp-init %s %s; the peer has to send an INIT chunk "
                    "or none",
                    quoted, wrong);
        return FALSE;
    }
    if (self->has_begun_sctp && !sctp_snap_is_equal(&init, &self->peer_init)) {
        g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_OPERATION,
                            "remote description: its a=sctp-init is another one than before; a new "
                            "SCTP association needs a new connection");
        return FALSE;
    }
    return TRUE;
}

void
peer_connection_take_sctp_init(PiercePeerConnection *self)
{
    const char *text = self->remote.sctp_init;
    if (self->has_begun_sctp)
        return;
    self->has_peer_init = self->configuration->has_sctp_snap && self->sctp_init && text &&
                          !sctp_snap_parse(&self->peer_init, text) &&
                          !is_ours(self, &self->peer_init);
}

const char *
peer_connection_get_sctp_init(PiercePeerConnection *self, SdpKind kind)
{
    if (!is_snap_possible(self) || (kind == SDP_KIND_ANSWER && !self->pending_offer.sctp_init))
        return NULL;
    const SctpSnapInit *init = self->sctp_init ? NULL : sctp_transport_get_init(self->sctp);
    if (init)
        self->sctp_init = sctp_snap_write(init);
    return self->sctp_init;
}

/* ---- all of it ---- */

gboolean
peer_connection_parse_remote(PiercePeerConnection *self, SdpRemote *remote, const char *sdp,
                             SdpKind kind, GError **error)
{
    g_autoptr(GError) why = NULL;
    const SdpRemote *previous = self->has_remote ? &self->remote : NULL;
    if (!sdp_parse_remote(remote, sdp, kind, &why) ||
        (kind == SDP_KIND_ANSWER && !sdp_check_answer(remote, self->mid, previous, &why))) {
        g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX, why->message);
        return FALSE;
    }
    if (previous && !has_same_fingerprint(previous, remote)) {
        g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_OPERATION,
                            "remote description: its certificate is another one than before; a new "
                            "certificate needs a new connection");
        return FALSE;
    }
    return check_sctp_init(self, remote, error);
}
