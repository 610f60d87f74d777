/* What data channels promise, kept over a network that loses, reorders and duplicates.  Each row
 * runs with several seeds at once, because lost packets cost waiting, not work. */
#include "tests/sim/sim-pair.h"

#include "ice/wire.h"
#include "tests/support/peer-pair.h"

#include <stdio.h>

#define SEEDS 3
#define DEADLINE_S 60
#define MAX_CHANNELS 8
#define KIB 1024u
#define INDEX_BYTES 4
#define STALL_US (600 * G_TIME_SPAN_MILLISECOND) /* three times SCTP's least timeout */

typedef enum {
    ORDERED,
    UNORDERED,
} Order;

typedef struct {
    const char *name;
    const SimConditions *conditions;
    guint channels;
    gsize bytes_per_channel;
    gsize max_message;
    Order order;
    void (*limit)(PierceDataChannelInit *init); /* of its reliability, NULL for none */
} Row;

typedef struct Exchange Exchange;

/* One channel's end and what has come out of it. */
typedef struct {
    Exchange *exchange;
    guint channel;
    guint sent;
    guint received;
    guint empty_sent;
    guint empty_received;
    GHashTable *seen; /* indices of the messages received */
} Lane;

struct Exchange {
    const Row *row;
    guint32 seed;
    SimPair pair;
    GPtrArray *senders; /* of PierceDataChannel */
    Lane lanes[MAX_CHANNELS];
};

/* ---- messages whose size and bytes follow from seed, channel and index ---- */

static guint32
mix(guint32 a, guint32 b)
{
    guint32 x = (a ^ (b * 2654435761u)) + 0x9e3779b9u;
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    return x ^ (x >> 16);
}

static GByteArray *
make_message(const Lane *lane, guint index)
{
    static const gsize sizes[] = { 0, 4, 5, 100, 1100, 1190, 1191, 4096, 16384, 65536, 262144 };
    const Row *row = lane->exchange->row;
    guint32 state = mix(mix(lane->exchange->seed, lane->channel), index);
    /* large ones are rarer; the second message is as large as the row allows */
    gsize size = sizes[MIN(state % G_N_ELEMENTS(sizes), state / 16 % G_N_ELEMENTS(sizes))];
    size = index == 1 ? row->max_message : MIN(size, row->max_message);
    GByteArray *message = g_byte_array_new();

    if (size == 0)
        return message;
    wire_write_u32(message, index);
    while (message->len < size) {
        state = mix(state, message->len);
        g_byte_array_append(message, (const guint8 *) &state,
                            MIN((guint) sizeof state, (guint) size - message->len));
    }
    return message;
}

/* ---- receiving ---- */

static gboolean
is_complete_and_ordered(const Row *row)
{
    return row->order == ORDERED && !row->limit;
}

static guint
take_index(Lane *lane, const guint8 *data, gsize size)
{
    if (is_complete_and_ordered(lane->exchange->row))
        return lane->received;
    g_assert_cmpuint(size, >=, INDEX_BYTES);
    WireReader reader = wire_reader(data, size);
    return wire_read_u32(&reader);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    Lane *lane = user_data;

    if (size == 0 &&
        !is_complete_and_ordered(lane->exchange->row)) { /* cannot be told from another one */
        lane->empty_received++;
        lane->received++;
        return;
    }
    guint index = take_index(lane, data, size);
    g_assert_cmpuint(index, <, lane->sent);
    g_autoptr(GByteArray) expected = make_message(lane, index);
    g_assert_cmpuint(size, ==, expected->len);
    g_assert_true(size == 0 || memcmp(data, expected->data, size) == 0);
    g_assert_true(g_hash_table_add(lane->seen, GUINT_TO_POINTER(index)));
    lane->received++;
}

static void
on_channel(SimPeer *peer, PierceDataChannel *channel, gpointer user_data)
{
    Exchange *exchange = user_data;
    guint64 number = g_ascii_strtoull(pierce_data_channel_get_label(channel), NULL, 10);
    g_assert_cmpuint(number, <, exchange->row->channels);
    pierce_data_channel_set_message_func(channel, on_message, &exchange->lanes[number], NULL);
}

/* ---- sending ---- */

static void
on_open(PierceDataChannel *channel, gpointer user_data)
{
    Lane *lane = user_data;
    gsize left = lane->exchange->row->bytes_per_channel;
    while (left > 0) {
        g_autoptr(GByteArray) message = make_message(lane, lane->sent);
        g_autoptr(GError) error = NULL;
        pierce_data_channel_send(channel, message->data, message->len, &error);
        g_assert_no_error(error);
        lane->sent++;
        lane->empty_sent += message->len == 0;
        left -= MIN(left, MAX(message->len, 1));
    }
}

static void
open_lane(Exchange *exchange, guint number)
{
    const Row *row = exchange->row;
    Lane *lane = &exchange->lanes[number];
    g_autoptr(PierceDataChannelInit) init = pierce_data_channel_init_new();
    g_autofree char *label = g_strdup_printf("%u", number);

    pierce_data_channel_init_set_ordered(init, row->order == ORDERED);
    if (row->limit)
        row->limit(init);
    *lane = (Lane){ .exchange = exchange, .channel = number, .seen = g_hash_table_new(NULL, NULL) };
    PierceDataChannel *channel =
        sctp_transport_create_channel(exchange->pair.client.sctp, label, init, NULL);
    g_assert_nonnull(channel);
    g_signal_connect(channel, "open", G_CALLBACK(on_open), lane);
    g_ptr_array_add(exchange->senders, channel);
}

static void
start(Exchange *exchange, const Row *row, guint32 seed)
{
    *exchange = (Exchange){ .row = row, .seed = seed };
    exchange->pair.on_channel = on_channel;
    exchange->pair.user_data = exchange;
    exchange->senders = g_ptr_array_new_with_free_func(g_object_unref);
    sim_pair_start(&exchange->pair, row->conditions, seed);
    for (guint i = 0; i < row->channels; i++)
        open_lane(exchange, i);
}

/* ---- what has to hold ---- */

static gboolean
is_lane_done(Exchange *exchange, guint number)
{
    const Lane *lane = &exchange->lanes[number];
    PierceDataChannel *sender = g_ptr_array_index(exchange->senders, number);
    if (lane->sent == 0)
        return FALSE;
    /* of what may be given up, only the sender knows that nothing more will come */
    return exchange->row->limit ? pierce_data_channel_get_buffered_amount(sender) == 0
                                : lane->received == lane->sent;
}

static gboolean
is_done(Exchange *exchanges)
{
    for (guint i = 0; i < SEEDS; i++) {
        g_assert_no_error(exchanges[i].pair.client.error);
        g_assert_no_error(exchanges[i].pair.server.error);
        for (guint lane = 0; lane < exchanges[i].row->channels; lane++)
            if (!is_lane_done(&exchanges[i], lane))
                return FALSE;
    }
    return TRUE;
}

static void
check_lane(const Lane *lane)
{
    g_assert_cmpuint(lane->received, >, 0);
    g_assert_cmpuint(lane->received, <=, lane->sent);
    g_assert_cmpuint(lane->empty_received, <=, lane->empty_sent);
    g_test_message("seed %u channel %u: %u of %u messages", lane->exchange->seed, lane->channel,
                   lane->received, lane->sent);
}

static void
finish(Exchange *exchange)
{
    SctpTransportStats stats;
    sctp_transport_get_stats(exchange->pair.client.sctp, &stats);
    g_test_message("seed %u: %" G_GUINT64_FORMAT " chunks sent again", exchange->seed,
                   stats.association.retransmissions);
    for (guint i = 0; i < exchange->row->channels; i++)
        check_lane(&exchange->lanes[i]);
    sim_pair_clear(&exchange->pair);
    g_ptr_array_unref(exchange->senders);
    for (guint i = 0; i < exchange->row->channels; i++)
        g_hash_table_unref(exchange->lanes[i].seen);
}

static void
send_once(PierceDataChannelInit *init)
{
    pierce_data_channel_init_set_max_retransmits(init, 0);
}

static void
send_twice(PierceDataChannelInit *init)
{
    pierce_data_channel_init_set_max_retransmits(init, 1);
}

static void
send_for_20_ms(PierceDataChannelInit *init)
{
    pierce_data_channel_init_set_max_packet_life_time(init, 20);
}

static void
test_row(gconstpointer data)
{
    const Row *row = data;
    Exchange exchanges[SEEDS];
    gint64 start_us = g_get_monotonic_time();
    for (guint i = 0; i < SEEDS; i++)
        start(&exchanges[i], row, i + 1);
    wait_until_within(DEADLINE_S, is_done(exchanges));
    g_test_message("%.1f s", (double) (g_get_monotonic_time() - start_us) / G_TIME_SPAN_SECOND);
    for (guint i = 0; i < SEEDS; i++)
        finish(&exchanges[i]);
}

/* After a stall the acknowledgements of what is under way wait to be read; nothing was lost. */
static void
test_stall(void)
{
    static const SimConditions conditions = { .max_delay_ms = 2, .glues = TRUE };
    static const Row row = { /* 8 KiB are within the initial window */
                             "stall", &conditions, 1, 8 * KIB, KIB, ORDERED, NULL
    };
    Exchange exchange;
    start(&exchange, &row, 1);
    wait_until(exchange.lanes[0].sent > 0);
    g_main_context_iteration(NULL, FALSE);
    for (gint64 end_us = g_get_monotonic_time() + STALL_US; g_get_monotonic_time() < end_us;)
        ;
    wait_until(is_lane_done(&exchange, 0));
    wait_until(pierce_data_channel_get_buffered_amount(exchange.senders->pdata[0]) == 0);

    SctpTransportStats stats;
    sctp_transport_get_stats(exchange.pair.client.sctp, &stats);
    g_assert_cmpuint(stats.association.retransmissions, ==, 0);
    finish(&exchange);
}

static const SimConditions clean = { .max_delay_ms = 0 };
static const SimConditions loss_10 = {
    .loss_percent = 10,
    .duplicate_percent = 10,
    .max_delay_ms = 4,
};
static const SimConditions loss_25 = {
    .loss_percent = 25,
    .duplicate_percent = 25,
    .max_delay_ms = 4,
    .glues = TRUE,
};

static const Row rows[] = {
    { "ordered, clean", &clean, 1, 4096 * KIB, 256 * KIB, ORDERED, NULL },
    { "ordered, 10 percent", &loss_10, 1, 2048 * KIB, 256 * KIB, ORDERED, NULL },
    { "ordered, 25 percent", &loss_25, 1, 384 * KIB, 64 * KIB, ORDERED, NULL },
    { "several ordered channels, 10 percent", &loss_10, 5, 384 * KIB, 64 * KIB, ORDERED, NULL },
    { "unordered, 10 percent", &loss_10, 2, 512 * KIB, 64 * KIB, UNORDERED, NULL },
    { "unordered, 25 percent", &loss_25, 2, 128 * KIB, 64 * KIB, UNORDERED, NULL },
    { "no retransmission, unordered, 10 percent", &loss_10, 2, 512 * KIB, 64 * KIB, UNORDERED,
      send_once },
    { "no retransmission, unordered, many given up", &loss_10, 2, 2048 * KIB, 16 * KIB, UNORDERED,
      send_once },
    { "one retransmission, ordered, 25 percent", &loss_25, 2, 192 * KIB, 64 * KIB, ORDERED,
      send_twice },
    { "20 ms of life, unordered, 25 percent", &loss_25, 2, 192 * KIB, 64 * KIB, UNORDERED,
      send_for_20_ms },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    wait_until_enable();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/delivery/%s", rows[i].name);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/delivery/nothing is lost by a stall", test_stall);
    return g_test_run();
}
