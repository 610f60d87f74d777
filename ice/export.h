/* Marks what libpierce exports; all else is hidden. */
#pragma once

#define PIERCE_EXPORT __attribute__((visibility("default")))
