/* The selected pair used through libnice: for relayed and TCP pairs, where there is no socket of
 * ours. */
#pragma once

#include "ice/path.h"

#include <nice/agent.h>

/* @agent outlives the path. */
Path *nice_path_new(NiceAgent *agent, guint stream_id, const PathInfo *info);
