/* Setting up while the first datagrams of one side are lost: a few hundred milliseconds later it is
 * done, whichever they were.  Time is counted in turns of a timer that fires once after a stall,
 * however long that was, so that a busy machine is no slow handshake. */
#include "tests/sim/sim-pair.h"
#include "tests/support/peer-pair.h"

#define TURN_MS 10
#define RECORD_HANDSHAKE 22
#define RECORD_DATA 23
#define ANY 0xff

typedef enum {
    CLIENT = 1,
    SERVER = 2,
    BOTH = CLIENT | SERVER,
} Side;

typedef struct {
    const char *name;
    Side side;
    guint8 record; /* the content type that the datagram begins with */
    guint count;   /* how many of those, from the first, each side loses */
    guint most_turns;
} Row;

typedef struct {
    const Row *row;
    guint sent[2];
    guint lost[2];
    guint turns;
} Run;

static void
lose(SimPath *path, GByteArray *datagram, gpointer user_data)
{
    SimPeer *sender = user_data;
    Run *run = sender->pair->user_data;
    guint index = sender == &sender->pair->client ? 0 : 1;
    if (!(run->row->side & (1u << index)) || datagram->data[0] != run->row->record ||
        run->sent[index]++ >= run->row->count)
        return;
    run->lost[index]++;
    g_byte_array_set_size(datagram, 0); /* an empty one is not delivered */
}

static gboolean
on_turn(gpointer user_data)
{
    ((Run *) user_data)->turns++;
    return G_SOURCE_CONTINUE;
}

static gboolean
is_done(const SimPair *pair)
{
    g_assert_no_error(pair->client.error);
    g_assert_no_error(pair->server.error);
    return sim_pair_is_up(pair) && pair->server.channels->len > 0;
}

static void
test_row(gconstpointer data)
{
    const SimConditions clean = { 0 };
    Run run = { .row = data };
    SimPair pair = { .on_send = lose, .user_data = &run };
    g_autoptr(GSource) timer = g_timeout_source_new(TURN_MS);
    g_source_set_callback(timer, on_turn, &run, NULL);

    sim_pair_start(&pair, &clean, 1);
    g_autoptr(PierceDataChannel) channel =
        sctp_transport_create_channel(pair.client.sctp, "first", NULL, NULL);
    g_assert_nonnull(channel);
    g_source_attach(timer, NULL);
    wait_until(is_done(&pair));
    g_test_message("%u turns of %d ms", run.turns, TURN_MS);
    for (guint i = 0; i < 2; i++)
        g_assert_cmpuint(run.lost[i], ==, run.row->side & (1u << i) ? run.row->count : 0);
    g_assert_cmpuint(run.turns, <=, run.row->most_turns);
    g_source_destroy(timer);
    sim_pair_clear(&pair);
}

/* DTLS repeats a flight after 100 ms, SCTP its INIT after 400. */
static const Row rows[] = {
    { "nothing is lost", 0, ANY, 0, 15 },
    { "the client's first flight", CLIENT, RECORD_HANDSHAKE, 1, 30 },
    { "the server's first flight", SERVER, RECORD_HANDSHAKE, 1, 30 },
    { "the first flights of both", BOTH, RECORD_HANDSHAKE, 1, 60 },
    { "the client's INIT", CLIENT, RECORD_DATA, 1, 60 },
    { "the server's INIT", SERVER, RECORD_DATA, 1, 60 },
    { "both INITs", BOTH, RECORD_DATA, 1, 60 },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    wait_until_enable();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/lost-flights/%s", rows[i].name);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
