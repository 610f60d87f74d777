/* Everything of libpierce: peer connections and data channels. */
#pragma once

#include "datachannel/certificate.h"
#include "datachannel/configuration.h"
#include "datachannel/data-channel.h"
#include "datachannel/error.h"
#include "datachannel/peer-connection.h"
#include "datachannel/session-description.h"
#include "datachannel/stats.h"
#include "datachannel/types.h"
#include "ice/ice-candidate.h"
