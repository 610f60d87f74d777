/* The candidate attribute of SDP, RFC 8839 section 5.1, with RFC 6544's tcptype: our own strict
 * parser, so that libnice never sees what a peer wrote. */
#pragma once

#include "ice/address.h"

#include <glib.h>

#define CANDIDATE_MAX_LINE_SIZE 1024       /* ours; browsers write about 150 bytes */
#define CANDIDATE_MAX_FOUNDATION 32        /* RFC 8839 section 5.1 */
#define CANDIDATE_MAX_UFRAG 256            /* RFC 8839 section 5.4 */
#define CANDIDATE_MAX_COMPONENT 256        /* RFC 8839 section 5.1; we use 1 only */
#define CANDIDATE_MAX_PRIORITY 0x7fffffffu /* RFC 8445 section 5.1.2 */

typedef enum {
    CANDIDATE_UDP,
    CANDIDATE_TCP,
} CandidateTransport;

typedef enum {
    CANDIDATE_HOST,
    CANDIDATE_SRFLX,
    CANDIDATE_PRFLX,
    CANDIDATE_RELAY,
} CandidateType;

/* RFC 6544 section 4.5; NONE for UDP, and only for UDP. */
typedef enum {
    CANDIDATE_TCP_NONE,
    CANDIDATE_TCP_ACTIVE,
    CANDIDATE_TCP_PASSIVE,
    CANDIDATE_TCP_SO,
} CandidateTcpType;

typedef struct {
    char foundation[CANDIDATE_MAX_FOUNDATION + 1];
    guint component;
    CandidateTransport transport;
    guint32 priority;
    char *host;      /* "<label>.local" still to be resolved, or NULL where address is one */
    Address address; /* with a port; family 0 while host is set */
    CandidateType type;
    CandidateTcpType tcp_type;
    gboolean has_related;
    Address related; /* raddr and rport; may be 0.0.0.0:0 or :: where a browser hides it */
    char *ufrag;     /* the ICE generation it belongs to, or NULL */
} Candidate;

#define CANDIDATE_ERROR (candidate_error_quark())
typedef enum {
    CANDIDATE_ERROR_INVALID,
} CandidateError;

GQuark candidate_error_quark(void);

void candidate_clear(Candidate *candidate);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Candidate, candidate_clear)

/* Whether @size bytes of @text are one label and ".local", the only kind of name a candidate may
 * carry instead of an address (RFC 8828; draft-ietf-mmusic-mdns-ice-candidates section 3.1.1). */
gboolean candidate_is_local_name(const char *text, gsize size);

/* Fills @candidate from "candidate:..." with or without "a=" before it and an end of line behind.
 * FALSE with @error set, and @candidate cleared, for what RFC 8839 does not allow and for addresses
 * nobody can be reached at.  Extensions that we do not know are dropped. */
gboolean candidate_parse(Candidate *candidate, const char *text, GError **error);

/* "candidate:..." without "a=" and end of line.  Free with g_free. */
char *candidate_print(const Candidate *candidate);
