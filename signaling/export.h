/* Marks what libpierce-signaling exports; all else is hidden. */
#pragma once

#define PIERCE_SIGNALING_EXPORT __attribute__((visibility("default")))
