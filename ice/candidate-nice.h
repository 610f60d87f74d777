/* Between our candidates and libnice's. */
#pragma once

#include "ice/candidate.h"

#include <nice/agent.h>

void address_to_nice(const Address *address, NiceAddress *nice);
/* FALSE for a family that is neither IPv4 nor IPv6. */
gboolean address_from_nice(Address *address, const NiceAddress *nice);

/* A new candidate for libnice, with a resolved address; free with nice_candidate_free. */
NiceCandidate *candidate_to_nice(const Candidate *candidate, guint stream_id);
/* FALSE for what cannot be told to a peer; @candidate is then empty. */
gboolean candidate_from_nice(Candidate *candidate, const NiceCandidate *nice);

/* "host", "srflx", "prflx" or "relay". */
const char *candidate_type_name(CandidateType type);
CandidateType candidate_type_from_nice(NiceCandidateType type);
