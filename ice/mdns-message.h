/* Multicast DNS messages, RFC 6762 over RFC 1035: asking for the addresses of one name under .local
 * and reading the answer. */
#pragma once

#include "ice/address.h"

#include <glib.h>

#define MDNS_MAX_MESSAGE_SIZE 9000 /* RFC 6762 section 17 */

/* Appends a query for the A and AAAA records of @name, which must pass candidate_is_local_name. */
void mdns_query_write(const char *name, GByteArray *out);

/* Fills @addresses, which has room for @max_addresses, with the addresses (port 0) that the
 * response in @bytes gives for @name, and returns how many there were.  0 for a query, for another
 * name, and for a message that is malformed anywhere; records with TTL 0 and addresses that are
 * not unicast are passed over. */
guint mdns_response_parse(const guint8 *bytes, gsize size, const char *name, Address *addresses,
                          guint max_addresses);
