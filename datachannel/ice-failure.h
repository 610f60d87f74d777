/* Why ICE found no path, in words. */
#pragma once

#include "datachannel/types.h"
#include "ice/ice-agent.h"

/* @had_path: whether a path worked once.  The caller frees the error. */
GError *ice_failure_explain(const IceAgentCounts *counts, const PierceConfiguration *configuration,
                            gboolean had_path);
