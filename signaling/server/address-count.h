/* How many connections each address has, so that one of them cannot take them all. */
#pragma once

#include <glib.h>

/* What is counted together: an IPv4 address, or the /64 of an IPv6 one, in which one customer picks
 * as it likes.  0 for loopback, which is not counted: a proxy may be there. */
typedef guint64 AddressKey;

/* @bytes: in network order, 4 or 16 of them. */
AddressKey address_key(const guint8 *bytes, gsize size);

typedef struct AddressCount AddressCount;

/* @limit: of connections per key. */
AddressCount *address_count_new(guint limit);
void address_count_free(AddressCount *self);

/* One more, FALSE where there are as many as there may be. */
gboolean address_count_add(AddressCount *self, AddressKey key);

/* One less of those that were added. */
void address_count_remove(AddressCount *self, AddressKey key);
