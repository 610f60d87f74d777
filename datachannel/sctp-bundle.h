/* Joins and cuts SCTP packets at their chunks, so that neither the network's packet size nor the
 * number of calls into usrsctp depends on how usrsctp, or the peer, packed them.  RFC 9260 section
 * 6.10. */
#pragma once

#include "datachannel/packet-batch.h"

#include <glib.h>

/* Adds the chunks of @packet to the end of @batch: to its last packet where they may follow, else
 * as new packets.  None gets larger than @limit bytes, unless one chunk alone is. */
void sctp_bundle_add(PacketBatch *batch, const guint8 *packet, gsize size, gsize limit);

/* Adds the chunks of @packet, which has been checked, to @joined, a packet of the same association;
 * FALSE where they may not follow, or would make it larger than @limit.  An empty @joined takes
 * every packet.  The joined one asks for an acknowledgement at once, as the second of two packets
 * does (RFC 9260 section 6.2); its checksum is not right any more. */
gboolean sctp_bundle_join(GByteArray *joined, const guint8 *packet, gsize size, gsize limit);
