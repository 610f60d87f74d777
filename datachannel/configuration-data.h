/* The fields behind PierceConfiguration, for those who act on them. */
#pragma once

#include "datachannel/configuration.h"
#include "ice/address.h"
#include "ice/ice-server.h"

typedef struct {
    IceServer server;
    char *username;
    char *credential;
} ConfiguredServer;

struct _PierceConfiguration {
    GPtrArray *servers;      /* of ConfiguredServer */
    GArray *local_addresses; /* of Address */
    PierceIceTransportPolicy ice_transport_policy;
    PierceCertificate *certificate;
    gsize max_message_size;
    gboolean has_sctp_snap;
    guint16 min_port;
    guint16 max_port;
};
