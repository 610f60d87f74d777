/* Owns the number of connections per address; never a connection. */
#include "signaling/server/address-count.h"

#include <string.h>

#define IPV4_BYTES 4
#define IPV6_BYTES 16

/* RFC 4291 section 2.5.5.2. */
static const guint8 mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const guint8 ipv6_loopback[IPV6_BYTES] = { [IPV6_BYTES - 1] = 1 };

typedef struct {
    AddressKey key; /* first: the table hashes it */
    guint n_connections;
} Entry;

struct AddressCount {
    GHashTable *entries; /* of Entry, by themselves; none with 0 connections */
    guint limit;
};

static guint64
read_number(const guint8 *bytes, gsize size)
{
    guint64 number = 0;

    for (gsize i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

AddressKey
address_key(const guint8 *bytes, gsize size)
{
    if (size == IPV6_BYTES && memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0)
        return address_key(bytes + sizeof mapped_prefix, IPV4_BYTES);
    if (size == IPV6_BYTES)
        return memcmp(bytes, ipv6_loopback, IPV6_BYTES) == 0 ? 0 : read_number(bytes, 8);
    /* Set apart from the /64s, none of which is in use with these first bytes. */
    return bytes[0] == 127 ? 0 : G_GUINT64_CONSTANT(0xffff) << 32 | read_number(bytes, size);
}

AddressCount *
address_count_new(guint limit)
{
    AddressCount *self = g_new0(AddressCount, 1);

    self->entries = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    self->limit = limit;
    return self;
}

void
address_count_free(AddressCount *self)
{
    g_hash_table_unref(self->entries);
    g_free(self);
}

gboolean
address_count_add(AddressCount *self, AddressKey key)
{
    Entry *entry = g_hash_table_lookup(self->entries, &key);

    if (key == 0)
        return TRUE;
    if (!entry) {
        entry = g_new0(Entry, 1);
        entry->key = key;
        g_hash_table_add(self->entries, entry);
    }
    if (entry->n_connections >= self->limit)
        return FALSE;
    entry->n_connections++;
    return TRUE;
}

void
address_count_remove(AddressCount *self, AddressKey key)
{
    Entry *entry = g_hash_table_lookup(self->entries, &key);

    if (entry && --entry->n_connections == 0)
        g_hash_table_remove(self->entries, &key);
}
