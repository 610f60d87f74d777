/* Setting up over a bad network, and while somebody who can forge the peer's address, but hears no
 * secret, throws in what he likes.  RFC 6347 section 4.1.2.7. */
#include "tests/sim/sim-pair.h"

#include "ice/wire.h"
#include "tests/support/peer-pair.h"

#define SEEDS 5

/* ---- what is thrown in, for each datagram that is sent ---- */

typedef struct {
    const char *name;
    SimConditions conditions;
    void (*forge)(SimPath *path, GByteArray *datagram, gpointer sender);
} Row;

/* One record; @body is after the handshake header where @message says which message it begins. */
typedef struct {
    guint8 type;
    guint8 epoch;
    guint64 sequence;
    gint message; /* -1 for none */
    guint8 message_sequence;
    guint8 body_size;
    guint8 claimed_size; /* what the handshake header says of the body */
} Forgery;

static void
inject(SimPath *path, const Forgery *forgery)
{
    static const guint8 body[64] = { 2, 40, 1 };
    g_autoptr(GByteArray) out = g_byte_array_new();
    gsize header_size = forgery->message >= 0 ? 12 : 0;

    wire_write_u8(out, forgery->type);
    wire_write_u16(out, 0xfefd);
    wire_write_u16(out, forgery->epoch);
    wire_write_u16(out, (guint16) (forgery->sequence >> 32));
    wire_write_u32(out, (guint32) forgery->sequence);
    wire_write_u16(out, (guint16) (header_size + forgery->body_size));
    if (header_size > 0) {
        wire_write_u32(out, (guint32) forgery->message << 24 | forgery->claimed_size);
        wire_write_u16(out, forgery->message_sequence);
        wire_write_u32(out, 0); /* fragment offset, and the high byte of its length */
        wire_write_u16(out, forgery->claimed_size);
    }
    g_byte_array_append(out, body, forgery->body_size);
    sim_path_inject(path, out->data, out->len);
}

static void
inject_all(SimPath *path, const Forgery *forgeries, gsize count)
{
    for (gsize i = 0; i < count; i++)
        inject(path, &forgeries[i]);
}

static void
forge_alerts(SimPath *path, GByteArray *datagram, gpointer sender)
{
    static const Forgery alerts[] = {
        { 21, 0, 1, -1, 0, 2, 0 },                                  /* fatal, handshake_failure */
        { 21, 0, G_GUINT64_CONSTANT(0xffffffffffff), -1, 0, 2, 0 }, /* the highest number */
        { 21, 1, 0, -1, 0, 2, 0 },                                  /* in the epoch of the keys */
    };
    inject_all(path, alerts, G_N_ELEMENTS(alerts));
}

static void
forge_hellos(SimPath *path, GByteArray *datagram, gpointer sender)
{
    static const Forgery hellos[] = {
        { 22, 0, 0, 1, 0, 0, 0 },  /* empty ClientHello */
        { 22, 0, 1, 1, 0, 8, 8 },  /* one of another version */
        { 22, 0, 2, 1, 0, 8, 60 }, /* one that is longer than its record */
        { 22, 0, 3, 2, 0, 0, 0 },  /* the same for ServerHello */
        { 22, 0, 4, 2, 0, 8, 8 },    { 22, 0, 5, 2, 0, 8, 60 },
        { 22, 0, 6, 0, 0, 0, 0 },    /* HelloRequest */
        { 22, 0, 7, 3, 0, 0, 0 },    /* empty HelloVerifyRequest */
        { 22, 0, 8, 20, 1, 12, 12 }, /* Finished in the clear */
    };
    inject_all(path, hellos, G_N_ELEMENTS(hellos));
}

static void
forge_early_ends(SimPath *path, GByteArray *datagram, gpointer sender)
{
    static const Forgery ends[] = {
        { 20, 0, 4, -1, 0, 1, 0 },   /* ChangeCipherSpec, with a wrong body */
        { 22, 1, 0, 20, 5, 40, 40 }, /* a Finished that no key opens */
        { 23, 0, 5, -1, 0, 4, 0 },   /* data in the clear */
        { 23, 1, 9, -1, 0, 40, 0 },  /* data that no key opens */
    };
    inject_all(path, ends, G_N_ELEMENTS(ends));
}

static void
forge_noise(SimPath *path, GByteArray *datagram, gpointer sender)
{
    guint8 noise[200];
    for (gsize i = 0; i < sizeof noise; i++)
        noise[i] = (guint8) sim_path_random(path, 256);
    sim_path_inject(path, noise, 1 + sim_path_random(path, sizeof noise - 1));
    noise[0] = (guint8) (20 + sim_path_random(path, 44)); /* RFC 7983: what looks like DTLS */
    sim_path_inject(path, noise, sizeof noise);
}

static void
replay(SimPath *path, GByteArray *datagram, gpointer sender)
{
    for (guint i = 0; i < 3; i++)
        sim_path_inject(path, datagram->data, datagram->len);
}

static void
glue_stun_behind(SimPath *path, GByteArray *datagram, gpointer sender)
{
    static const guint8 binding_request[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
    g_byte_array_append(datagram, binding_request, sizeof binding_request);
}

static void
glue_noise_behind(SimPath *path, GByteArray *datagram, gpointer sender)
{
    for (guint i = 0; i < 40; i++) {
        guint8 byte = (guint8) sim_path_random(path, 256);
        g_byte_array_append(datagram, &byte, 1);
    }
}

/* ---- what has to hold ---- */

static gboolean
are_up(SimPair *pairs)
{
    for (guint i = 0; i < SEEDS; i++) {
        g_assert_no_error(pairs[i].client.error);
        g_assert_no_error(pairs[i].server.error);
        if (!sim_pair_is_up(&pairs[i]) || pairs[i].server.channels->len == 0)
            return FALSE;
    }
    return TRUE;
}

static void
set_up_all(const Row *row, gboolean has_snap)
{
    SimPair pairs[SEEDS] = { 0 };
    for (guint i = 0; i < SEEDS; i++) {
        pairs[i].has_snap = has_snap;
        pairs[i].on_send = row->forge;
        sim_pair_start(&pairs[i], &row->conditions, i + 1);
        g_autoptr(PierceDataChannel) channel =
            sctp_transport_create_channel(pairs[i].client.sctp, "first", NULL, NULL);
        g_assert_nonnull(channel);
    }
    gint64 start_us = g_get_monotonic_time();
    wait_until_within(40, are_up(pairs));
    g_test_message("seeds 1 to %u: %.0f ms", SEEDS,
                   (double) (g_get_monotonic_time() - start_us) / G_TIME_SPAN_MILLISECOND);
    for (guint i = 0; i < SEEDS; i++)
        sim_pair_clear(&pairs[i]);
}

static void
test_row(gconstpointer data)
{
    set_up_all(data, FALSE);
}

static void
test_row_with_snap(gconstpointer data)
{
    set_up_all(data, TRUE);
}

static const Row rows[] = {
    { "a clean network", { 0 }, NULL },
    { "10 percent lost",
      { .loss_percent = 10, .duplicate_percent = 10, .max_delay_ms = 10 },
      NULL },
    { "25 percent lost",
      { .loss_percent = 25, .duplicate_percent = 25, .max_delay_ms = 10 },
      NULL },
    { "glued datagrams", { .max_delay_ms = 5, .duplicate_percent = 25, .glues = TRUE }, NULL },
    { "forged alerts", { 0 }, forge_alerts },
    { "malformed hellos", { 0 }, forge_hellos },
    { "forged ends of the handshake", { 0 }, forge_early_ends },
    { "noise", { 0 }, forge_noise },
    { "replayed records", { .max_delay_ms = 5 }, replay },
    { "STUN glued behind", { 0 }, glue_stun_behind },
    { "noise glued behind", { 0 }, glue_noise_behind },
    { "alerts and loss", { .loss_percent = 25, .max_delay_ms = 10 }, forge_alerts },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    wait_until_enable();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/handshake/%s", rows[i].name);
        g_autofree char *path_with_snap = g_strconcat(path, ", with SNAP", NULL);
        g_test_add_data_func(path, &rows[i], test_row);
        g_test_add_data_func(path_with_snap, &rows[i], test_row_with_snap);
    }
    return g_test_run();
}
