/* Owns which channel is on which stream id, and the parity of ids.  Never references, opens or
 * closes a channel, and does not know how many streams the association has: the caller passes its
 * limit.  RFC 8832 section 6.
 *
 *     pages[256] --> Page: slots[256], one bit per slot: used[4 words of 64]
 *     full[parity]: one bit per page that has no free id of that parity left
 *
 * So a look-up is two loads, and finding the lowest free id looks at most at four words of full and
 * four of one page, however many channels there are.  A page is made when an id of it is first
 * used.
 */
#include "datachannel/channel-table.h"

#define PAGE_SIZE 256
#define PAGE_COUNT 256
#define WORD_BITS 64
#define WORDS (PAGE_SIZE / WORD_BITS)

/* The bits of one parity in a word; ids in a page start even, so that a bit has its id's parity. */
static const guint64 parity_mask[2] = { G_GUINT64_CONSTANT(0x5555555555555555),
                                        G_GUINT64_CONSTANT(0xaaaaaaaaaaaaaaaa) };

typedef struct {
    guint count;
    guint64 used[WORDS];
    gpointer slots[PAGE_SIZE];
} Page;

struct _ChannelTable {
    ChannelRole role;
    guint count;
    guint64 full[2][PAGE_COUNT / WORD_BITS];
    Page *pages[PAGE_COUNT];
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

static void
note_full(ChannelTable *table, guint page_index, guint parity)
{
    const Page *page = table->pages[page_index];
    guint64 bit = G_GUINT64_CONSTANT(1) << (page_index % WORD_BITS);
    guint64 *word = &table->full[parity][page_index / WORD_BITS];
    gboolean is_full = TRUE;

    for (guint i = 0; i < WORDS; i++)
        is_full = is_full && (page->used[i] & parity_mask[parity]) == parity_mask[parity];
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
    for (guint i = 0; i < PAGE_COUNT; i++)
        g_free(table->pages[i]);
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
    guint64 open_pages[PAGE_COUNT / WORD_BITS], free_slots[WORDS];

    for (guint i = 0; i < PAGE_COUNT / WORD_BITS; i++)
        open_pages[i] = ~table->full[parity][i];
    guint page_index = lowest_bit(open_pages, PAGE_COUNT / WORD_BITS);
    if (page_index == PAGE_COUNT)
        return CHANNEL_ID_NONE;
    const Page *page = table->pages[page_index];
    for (guint i = 0; i < WORDS; i++)
        free_slots[i] = parity_mask[parity] & (page ? ~page->used[i] : G_MAXUINT64);
    return page_index * PAGE_SIZE + lowest_bit(free_slots, WORDS);
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
    guint64 bit = G_GUINT64_CONSTANT(1) << (slot % WORD_BITS);

    if (id == CHANNEL_ID_NONE || !channel)
        return FALSE;
    if (!table->pages[page_index])
        table->pages[page_index] = g_new0(Page, 1);
    Page *page = table->pages[page_index];
    if (page->used[slot / WORD_BITS] & bit)
        return FALSE;
    page->used[slot / WORD_BITS] |= bit;
    page->slots[slot] = channel;
    page->count++;
    table->count++;
    note_full(table, page_index, id % 2);
    return TRUE;
}

gpointer
channel_table_release(ChannelTable *table, guint16 id)
{
    gpointer channel = channel_table_lookup(table, id);
    guint page_index = id / PAGE_SIZE, slot = id % PAGE_SIZE;
    Page *page = table->pages[page_index];

    if (!channel)
        return NULL;
    page->used[slot / WORD_BITS] &= ~(G_GUINT64_CONSTANT(1) << (slot % WORD_BITS));
    page->slots[slot] = NULL;
    page->count--;
    table->count--;
    note_full(table, page_index, id % 2);
    if (page->count == 0)
        g_clear_pointer(&table->pages[page_index], g_free);
    return channel;
}

gpointer
channel_table_lookup(const ChannelTable *table, guint16 id)
{
    const Page *page = table->pages[id / PAGE_SIZE];
    return page ? page->slots[id % PAGE_SIZE] : NULL;
}

static guint
next_in_page(const Page *page, guint slot)
{
    guint64 later[WORDS];

    for (guint i = 0; i < WORDS; i++) {
        guint first = i * WORD_BITS;
        guint64 mask = slot <= first               ? G_MAXUINT64
                       : slot >= first + WORD_BITS ? 0
                                                   : G_MAXUINT64 << (slot - first);
        later[i] = page->used[i] & mask;
    }
    return lowest_bit(later, WORDS);
}

guint16
channel_table_next(const ChannelTable *table, guint from)
{
    for (guint i = from / PAGE_SIZE; i < PAGE_COUNT; i++) {
        guint slot = i == from / PAGE_SIZE ? from % PAGE_SIZE : 0;
        guint found = table->pages[i] ? next_in_page(table->pages[i], slot) : PAGE_SIZE;
        if (found < PAGE_SIZE)
            return (guint16) (i * PAGE_SIZE + found);
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
