/* Owns nothing: maps candidates field by field, so that libnice's own parser never sees a peer's
 * text. */
#include "ice/candidate-nice.h"

#include <netinet/in.h>
#include <string.h>

void
address_to_nice(const Address *address, NiceAddress *nice)
{
    nice_address_init(nice);
    if (address->family == 4) {
        guint32 ipv4;
        memcpy(&ipv4, address->bytes, sizeof ipv4);
        nice_address_set_ipv4(nice, GUINT32_FROM_BE(ipv4));
    } else {
        nice_address_set_ipv6(nice, address->bytes);
    }
    nice_address_set_port(nice, address->port);
}

gboolean
address_from_nice(Address *address, const NiceAddress *nice)
{
    *address = (Address){ 0 };
    if (nice->s.addr.sa_family == AF_INET) {
        address->family = 4;
        memcpy(address->bytes, &nice->s.ip4.sin_addr, 4);
    } else if (nice->s.addr.sa_family == AF_INET6) {
        address->family = 6;
        memcpy(address->bytes, &nice->s.ip6.sin6_addr, 16);
    } else {
        return FALSE;
    }
    address->port = (guint16) nice_address_get_port(nice);
    return TRUE;
}

static NiceCandidateType
type_to_nice(CandidateType type)
{
    switch (type) {
    case CANDIDATE_SRFLX:
        return NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
    case CANDIDATE_PRFLX:
        return NICE_CANDIDATE_TYPE_PEER_REFLEXIVE;
    case CANDIDATE_RELAY:
        return NICE_CANDIDATE_TYPE_RELAYED;
    case CANDIDATE_HOST:
    default:
        return NICE_CANDIDATE_TYPE_HOST;
    }
}

CandidateType
candidate_type_from_nice(NiceCandidateType type)
{
    switch (type) {
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
        return CANDIDATE_SRFLX;
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
        return CANDIDATE_PRFLX;
    case NICE_CANDIDATE_TYPE_RELAYED:
        return CANDIDATE_RELAY;
    case NICE_CANDIDATE_TYPE_HOST:
    default:
        return CANDIDATE_HOST;
    }
}

const char *
candidate_type_name(CandidateType type)
{
    static const char *const names[] = {
        [CANDIDATE_HOST] = "host",
        [CANDIDATE_SRFLX] = "srflx",
        [CANDIDATE_PRFLX] = "prflx",
        [CANDIDATE_RELAY] = "relay",
    };
    return names[type];
}

static NiceCandidateTransport
transport_to_nice(const Candidate *candidate)
{
    if (candidate->transport == CANDIDATE_UDP)
        return NICE_CANDIDATE_TRANSPORT_UDP;
    return candidate->tcp_type == CANDIDATE_TCP_ACTIVE    ? NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE
           : candidate->tcp_type == CANDIDATE_TCP_PASSIVE ? NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE
                                                          : NICE_CANDIDATE_TRANSPORT_TCP_SO;
}

static void
transport_from_nice(Candidate *candidate, NiceCandidateTransport transport)
{
    candidate->transport = CANDIDATE_TCP;
    switch (transport) {
    case NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE:
        candidate->tcp_type = CANDIDATE_TCP_ACTIVE;
        break;
    case NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE:
        candidate->tcp_type = CANDIDATE_TCP_PASSIVE;
        break;
    case NICE_CANDIDATE_TRANSPORT_TCP_SO:
        candidate->tcp_type = CANDIDATE_TCP_SO;
        break;
    case NICE_CANDIDATE_TRANSPORT_UDP:
    default:
        candidate->transport = CANDIDATE_UDP;
        candidate->tcp_type = CANDIDATE_TCP_NONE;
        break;
    }
}

NiceCandidate *
candidate_to_nice(const Candidate *candidate, guint stream_id)
{
    NiceCandidate *nice = nice_candidate_new(type_to_nice(candidate->type));
    nice->transport = transport_to_nice(candidate);
    nice->stream_id = stream_id;
    nice->component_id = candidate->component;
    nice->priority = candidate->priority;
    address_to_nice(&candidate->address, &nice->addr);
    if (candidate->has_related)
        address_to_nice(&candidate->related, &nice->base_addr);
    else
        nice->base_addr = nice->addr;
    g_strlcpy(nice->foundation, candidate->foundation, sizeof nice->foundation);
    return nice;
}

gboolean
candidate_from_nice(Candidate *candidate, const NiceCandidate *nice)
{
    *candidate = (Candidate){ 0 };
    if (!address_from_nice(&candidate->address, &nice->addr) ||
        !address_is_unicast(&candidate->address))
        return FALSE;
    g_strlcpy(candidate->foundation, nice->foundation, sizeof candidate->foundation);
    candidate->component = nice->component_id;
    candidate->priority = nice->priority;
    candidate->type = candidate_type_from_nice(nice->type);
    transport_from_nice(candidate, nice->transport);
    if (candidate->tcp_type == CANDIDATE_TCP_ACTIVE)
        candidate->address.port = 9; /* RFC 6544 section 4.5: nobody connects to it */
    if (candidate->type != CANDIDATE_HOST)
        candidate->has_related = address_from_nice(&candidate->related, &nice->base_addr);
    return TRUE;
}
