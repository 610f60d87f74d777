/* The registry of one process, in its memory. */
#pragma once

#include "signaling/server/registry.h"

/* @limits may be NULL for the defaults: 10000 peers, 64 in a room, 300 s. */
Registry *registry_memory_new(const RegistryLimits *limits);
