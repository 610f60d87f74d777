/* The direct UDP pair that ICE selected, used without libnice in between: batches leave by one
 * system call, as one datagram that the kernel or the network card cuts up (UDP_SEGMENT). */
#pragma once

#include "ice/path.h"

/* @fd is the socket of the selected pair and stays the caller's; it must live as long as the path.
 * @context is where the socket is watched when it takes no more.  @info tells the pair. */
Path *udp_path_new(GMainContext *context, int fd, const PathInfo *info);

/* Looks through what was received for STUN messages that the kernel has glued to data (UDP_GRO),
 * where libnice cannot see them.  After the first one the kernel is told to glue no more. */
void udp_path_check_received(Path *path, const guint8 *bytes, gsize size);
