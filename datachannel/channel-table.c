/* Owns which channel is on which stream id, and the parity of ids.  Never references, opens or
 * closes a channel, and does not know how many streams the association has: the caller passes its
 * limit.  RFC 8832 section 6.
 *
 *     pages[length] --> Page: slots[64], and used: one bit per slot
 *     full[parity]: one bit per page that has no free id of that parity left
 *
 * So a look-up is two loads, and finding the lowest free id looks at most at 16 words of full and
 * one of a page, however many channels there are.  A page is made when an id of it is first used:
 * most connections have one channel, and need one small page. */
#include "datachannel/channel-table.h"

#define WORD_BITS 64
#define PAGE_SIZE WORD_BITS
#define PAGE_COUNT 1024

/* The bits of one parity in a page; ids in a page start even, so that a bit has its id's parity. */
static const guint64 parity_mask[2] = { G_GUINT64_CONSTANT(0x5555555555555555),
                                        G_GUINT64_CONSTANT(0xaaaaaaaaaaaaaaaa) };

typedef struct {
    guint64 used;
    gpointer slots[PAGE_SIZE];
} Page;

struct _ChannelTable {
    ChannelRole role;
    guint count;
    guint64 full[2][PAGE_COUNT / WORD_BITS];
    guint length;
    Page **pages; /* NULL where no id is in use */
};

/* The index of the lowest bit set in @words, or @count * WORD_BITS. */
static guint
lowest_bit(const guint64 *words, guint count)
{
    for (guint i = 0; i < count; i++)
        if (words[i])
            return i * WORD_BITS + (guint) __builtin_ctzll(words[i]);
    return count * WORD_BITS;
}

static Page *
get_page(const ChannelTable *table, guint page_index)
{
    return page_index < table->length ? table->pages[page_index] : NULL;
}

static Page *
make_page(ChannelTable *table, guint page_index)
{
    if (page_index >= table->length) {
        table->pages = g_renew(Page *, table->pages, page_index + 1);
        while (table->length <= page_index)
            table->pages[table->length++] = NULL;
    }
    if (!table->pages[page_index])
        table->pages[page_index] = g_new0(Page, 1);
    return table->pages[page_index];
}

static void
note_full(ChannelTable *table, guint page_index, guint parity)
{
    const Page *page = table->pages[page_index];
    guint64 bit = G_GUINT64_CONSTANT(1) << (page_index % WORD_BITS);
    guint64 *word = &table->full[parity][page_index / WORD_BITS];
    gboolean is_full = (page->used & parity_mask[parity]) == parity_mask[parity];
    *word = is_full ? *word | bit : *word & ~bit;
}

ChannelTable *
channel_table_new(void)
{
    return g_new0(ChannelTable, 1);
}

void
channel_table_free(ChannelTable *table)
{
    for (guint i = 0; i < table->length; i++)
        g_free(table->pages[i]);
    g_free(table->pages);
    g_free(table);
}

void
channel_table_set_role(ChannelTable *table, ChannelRole role)
{
    table->role = role;
}

ChannelRole
channel_table_get_role(const ChannelTable *table)
{
    return table->role;
}

guint
channel_table_size(const ChannelTable *table)
{
    return table->count;
}

static guint
lowest_free(const ChannelTable *table, guint parity)
{
    guint64 open_pages[PAGE_COUNT / WORD_BITS];

    for (guint i = 0; i < PAGE_COUNT / WORD_BITS; i++)
        open_pages[i] = ~table->full[parity][i];
    guint page_index = lowest_bit(open_pages, PAGE_COUNT / WORD_BITS);
    if (page_index == PAGE_COUNT)
        return CHANNEL_ID_NONE;
    const Page *page = get_page(table, page_index);
    guint64 free_slots = parity_mask[parity] & (page ? ~page->used : G_MAXUINT64);
    return page_index * PAGE_SIZE + lowest_bit(&free_slots, 1);
}

guint16
channel_table_allocate(ChannelTable *table, guint limit, gpointer channel)
{
    if (table->role == CHANNEL_ROLE_UNKNOWN)
        return CHANNEL_ID_NONE;
    guint id = lowest_free(table, table->role == CHANNEL_ROLE_SERVER ? 1 : 0);
    if (id >= limit || !channel_table_claim(table, (guint16) id, channel))
        return CHANNEL_ID_NONE;
    return (guint16) id;
}

gboolean
channel_table_claim(ChannelTable *table, guint16 id, gpointer channel)
{
    guint page_index = id / PAGE_SIZE, slot = id % PAGE_SIZE;
    guint64 bit = G_GUINT64_CONSTANT(1) << slot;

    if (id == CHANNEL_ID_NONE || !channel)
        return FALSE;
    Page *page = make_page(table, page_index);
    if (page->used & bit)
        return FALSE;
    page->used |= bit;
    page->slots[slot] = channel;
    table->count++;
    note_full(table, page_index, id % 2);
    return TRUE;
}

gpointer
channel_table_release(ChannelTable *table, guint16 id)
{
    gpointer channel = channel_table_lookup(table, id);
    guint page_index = id / PAGE_SIZE, slot = id % PAGE_SIZE;

    if (!channel)
        return NULL;
    Page *page = table->pages[page_index];
    page->used &= ~(G_GUINT64_CONSTANT(1) << slot);
    page->slots[slot] = NULL;
    table->count--;
    note_full(table, page_index, id % 2);
    if (page->used == 0)
        g_clear_pointer(&table->pages[page_index], g_free);
    return channel;
}

gpointer
channel_table_lookup(const ChannelTable *table, guint16 id)
{
    const Page *page = get_page(table, id / PAGE_SIZE);
    return page ? page->slots[id % PAGE_SIZE] : NULL;
}

guint16
channel_table_next(const ChannelTable *table, guint from)
{
    for (guint i = from / PAGE_SIZE; i < table->length; i++) {
        guint slot = i == from / PAGE_SIZE ? from % PAGE_SIZE : 0;
        guint64 later = table->pages[i] ? table->pages[i]->used & G_MAXUINT64 << slot : 0;
        if (later)
            return (guint16) (i * PAGE_SIZE + lowest_bit(&later, 1));
    }
    return CHANNEL_ID_NONE;
}

guint16
channel_table_highest(const ChannelTable *table)
{
    for (guint i = table->length; i-- > 0;) {
        if (table->pages[i])
            return (guint16) (i * PAGE_SIZE + WORD_BITS - 1 -
                              (guint) __builtin_clzll(table->pages[i]->used));
    }
    return CHANNEL_ID_NONE;
}

gboolean
channel_table_is_peer_id(const ChannelTable *table, guint16 id)
{
    if (id == CHANNEL_ID_NONE || table->role == CHANNEL_ROLE_UNKNOWN)
        return FALSE;
    return (id % 2 == 1) == (table->role == CHANNEL_ROLE_CLIENT);
}
