/* Which data channel is on which SCTP stream, and whose turn an id is: RFC 8832 section 6. */
#pragma once

#include <glib.h>

/* An association has at most 65535 streams (RFC 9260 section 3.3.2), so the last id is 65534. */
#define CHANNEL_ID_MAX 65534
#define CHANNEL_ID_NONE 65535

/* Our DTLS role: it says which ids are ours to open. */
typedef enum {
    CHANNEL_ROLE_UNKNOWN,
    CHANNEL_ROLE_CLIENT, /* even ids */
    CHANNEL_ROLE_SERVER, /* odd ids */
} ChannelRole;

typedef struct _ChannelTable ChannelTable;

/* An empty table.  It holds its channels by plain pointer: taking and dropping references is its
 * owner's business. */
ChannelTable *channel_table_new(void);
void channel_table_free(ChannelTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChannelTable, channel_table_free)

void channel_table_set_role(ChannelTable *table, ChannelRole role);
ChannelRole channel_table_get_role(const ChannelTable *table);

/* How many channels it holds. */
guint channel_table_size(const ChannelTable *table);

/* Puts @channel on the lowest free id of our parity below @limit (at most CHANNEL_ID_MAX + 1), and
 * returns that id; CHANNEL_ID_NONE where none is free or the role is not known yet. */
guint16 channel_table_allocate(ChannelTable *table, guint limit, gpointer channel);

/* Puts @channel on @id, of either parity: a negotiated channel, or one that the peer opened.
 * FALSE where @id is taken, or is none. */
gboolean channel_table_claim(ChannelTable *table, guint16 id, gpointer channel);

/* Frees @id, and returns the channel that was on it, NULL if there was none. */
gpointer channel_table_release(ChannelTable *table, guint16 id);

/* The channel on @id, or NULL.  Two array look-ups: called for every message. */
gpointer channel_table_lookup(const ChannelTable *table, guint16 id);

/* The lowest id in use from @from on, else CHANNEL_ID_NONE.  Walking the table with it allows any
 * change to the table on the way:
 *     for (id = channel_table_next(t, 0); id != CHANNEL_ID_NONE;
 *          id = channel_table_next(t, id + 1)) */
guint16 channel_table_next(const ChannelTable *table, guint from);

/* The highest id in use, CHANNEL_ID_NONE if none is. */
guint16 channel_table_highest(const ChannelTable *table);

/* Whether the peer may send DATA_CHANNEL_OPEN on @id: its parity is the peer's.  FALSE while the
 * role is not known. */
gboolean channel_table_is_peer_id(const ChannelTable *table, guint16 id);
