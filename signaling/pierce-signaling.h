/* Everything of libpierce-signaling. */
#pragma once

#include "signaling/client.h"
#include "signaling/negotiator.h"
