/* Owns usrsctp's initialisation, the lock, the clock and the table of ids.  The only file with
 * mutable globals.  Never holds the lock while calling out.
 *
 * Each GMainContext with endpoints has one driver, a GSource: before the loop sleeps it flushes the
 * outboxes that were filled, and every TICK_MS it moves usrsctp's clock. */
#include "datachannel/sctp-engine.h"

#include "datachannel/crc32c.h"
#include "datachannel/sctp-bundle.h"
#include "datachannel/sctp-packet.h"

#include <pthread.h>
#include <usrsctp.h>

#define TICK_MS 10
#define TICK_US (TICK_MS * G_TIME_SPAN_MILLISECOND)
#define MAX_TICK_MS (2 * TICK_MS)
#define LARGE_OUTBOX_BYTES 120000
#define JOINED_BYTES 60000

/* RFC 9260 section 16, for paths that ICE keeps alive and watches: a lost packet is noticed within
 * 200 ms, and after an outage the next attempt comes within 3 s. */
#define RTO_INITIAL_MS 400
#define RTO_MIN_MS 200
#define RTO_MAX_MS 3000
#define MAX_RETRANSMITS 30
#define DELAYED_SACK_MS 20
#define INITIAL_CWND_SEGMENTS 3 /* of SCTP_SEGMENT_BYTES: RFC 6928's 14,600 bytes */
/* What one acknowledgement may release: what the socket buffer of a browser takes. */
#define MAX_BURST_SEGMENTS 10
#define MAX_CHUNKS_ON_QUEUE 20000
#define BLACKHOLE_ALL 2 /* answer nothing that belongs to no association */

typedef struct {
    GSource source;
    GMainContext *context; /* the source's, which outlives it */
    guint endpoints;
    GQueue outgoing;    /* of SctpEndpoint with packets */
    GQueue readable;    /* of SctpEndpoint with something to read */
    GByteArray *joined; /* what comes in, on its way to usrsctp */
    SctpEndpoint *joined_for;
    gboolean joined_is_ordinary;
} Driver;

struct SctpEndpoint {
    guint id;
    Driver *driver;
    const SctpEndpointFuncs *funcs;
    gpointer user_data;
    gsize packet_bytes;  /* the largest that may leave */
    gboolean joins;      /* packets of a batch, on the way out and on the way in */
    PacketBatch outbox;  /* filled under the lock */
    PacketBatch sending; /* the owner's, swapped with the outbox */
    GList outgoing_link;
    GList readable_link;
    gboolean is_outgoing; /* in the driver's queue */
    gboolean is_readable;
};

static struct {
    pthread_rwlock_t lock; /* and no GRWLock, which ThreadSanitizer cannot see */
    gboolean is_initialised;
    gboolean counts_checksums; /* we do, not usrsctp; never changes after that */
    GHashTable *endpoints;     /* id -> SctpEndpoint */
    GHashTable *drivers;       /* GMainContext -> Driver */
    guint next_id;
    gint64 last_tick_us;
} engine = { .lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP };

void
sctp_engine_lock(void)
{
    pthread_rwlock_wrlock(&engine.lock);
}

void
sctp_engine_lock_shared(void)
{
    pthread_rwlock_rdlock(&engine.lock);
}

void
sctp_engine_unlock(void)
{
    pthread_rwlock_unlock(&engine.lock);
}

static void
wake(Driver *driver)
{
    if (!g_main_context_is_owner(driver->context))
        g_main_context_wakeup(driver->context);
}

/* usrsctp's output callback: under the lock, inside usrsctp.  Only puts the packet aside. */
static int
on_packet(void *address, void *bytes, size_t size, uint8_t tos, uint8_t set_df)
{
    SctpEndpoint *endpoint = g_hash_table_lookup(engine.endpoints, address);
    if (!endpoint || size > G_MAXUINT16)
        return 0;
    if (endpoint->joins || size > endpoint->packet_bytes)
        sctp_bundle_add(&endpoint->outbox, bytes, size, endpoint->packet_bytes);
    else
        packet_batch_add(&endpoint->outbox, bytes, size);
    if (!endpoint->is_outgoing) {
        endpoint->is_outgoing = TRUE;
        g_queue_push_tail_link(&endpoint->driver->outgoing, &endpoint->outgoing_link);
        wake(endpoint->driver);
    }
    return 0;
}

void
sctp_engine_mark_readable(gpointer id)
{
    SctpEndpoint *endpoint = g_hash_table_lookup(engine.endpoints, id);
    if (!endpoint || endpoint->is_readable)
        return;
    endpoint->is_readable = TRUE;
    g_queue_push_tail_link(&endpoint->driver->readable, &endpoint->readable_link);
    wake(endpoint->driver);
}

void
sctp_endpoint_clear_readable(SctpEndpoint *endpoint)
{
    if (!endpoint->is_readable)
        return;
    endpoint->is_readable = FALSE;
    g_queue_unlink(&endpoint->driver->readable, &endpoint->readable_link);
}

static void
initialise(void)
{
    engine.endpoints = g_hash_table_new(NULL, NULL);
    engine.drivers = g_hash_table_new(NULL, NULL);
    engine.next_id = 1;
    engine.last_tick_us = g_get_monotonic_time();
    usrsctp_init_nothreads(0, on_packet, NULL);
    usrsctp_sysctl_set_sctp_blackhole(BLACKHOLE_ALL);
    usrsctp_sysctl_set_sctp_ecn_enable(0);
    usrsctp_sysctl_set_sctp_asconf_enable(0);
    usrsctp_sysctl_set_sctp_auth_enable(0);
    usrsctp_sysctl_set_sctp_pktdrop_enable(0);
    usrsctp_sysctl_set_sctp_no_csum_on_loopback(0);
    usrsctp_sysctl_set_sctp_rto_initial_default(RTO_INITIAL_MS);
    usrsctp_sysctl_set_sctp_init_rto_max_default(RTO_MAX_MS);
    usrsctp_sysctl_set_sctp_rto_min_default(RTO_MIN_MS);
    usrsctp_sysctl_set_sctp_rto_max_default(RTO_MAX_MS);
    usrsctp_sysctl_set_sctp_assoc_rtx_max_default(MAX_RETRANSMITS);
    usrsctp_sysctl_set_sctp_path_rtx_max_default(MAX_RETRANSMITS);
    usrsctp_sysctl_set_sctp_init_rtx_max_default(MAX_RETRANSMITS);
    usrsctp_sysctl_set_sctp_delayed_sack_time_default(DELAYED_SACK_MS);
    usrsctp_sysctl_set_sctp_initial_cwnd(INITIAL_CWND_SEGMENTS);
    usrsctp_sysctl_set_sctp_max_burst_default(MAX_BURST_SEGMENTS);
    usrsctp_sysctl_set_sctp_max_chunks_on_queue(MAX_CHUNKS_ON_QUEUE);
    engine.counts_checksums = crc32c_is_fast();
    if (engine.counts_checksums)
        usrsctp_enable_crc32c_offload();
    engine.is_initialised = TRUE;
}

static gboolean
driver_prepare(GSource *source, gint *timeout_ms)
{
    Driver *driver = (Driver *) source;
    *timeout_ms = -1;
    for (;;) {
        sctp_engine_lock_shared();
        SctpEndpoint *endpoint = g_queue_peek_head(&driver->outgoing);
        gboolean has_readable = !g_queue_is_empty(&driver->readable);
        sctp_engine_unlock();
        if (!endpoint)
            return has_readable;
        sctp_endpoint_flush(endpoint);
    }
}

/* Where the program was busy, acknowledgements may lie in its sockets: the clock makes small steps
 * then, so that they are read before a timer takes for lost what only was not looked at. */
static void
tick(void)
{
    gint64 now_us = g_get_monotonic_time();
    sctp_engine_lock_shared();
    gint64 elapsed_ms = (now_us - engine.last_tick_us) / G_TIME_SPAN_MILLISECOND;
    sctp_engine_unlock();
    if (elapsed_ms < TICK_MS)
        return;
    sctp_engine_lock();
    elapsed_ms = (now_us - engine.last_tick_us) / G_TIME_SPAN_MILLISECOND;
    if (elapsed_ms >= TICK_MS) {
        engine.last_tick_us += elapsed_ms * G_TIME_SPAN_MILLISECOND;
        usrsctp_handle_timers((guint32) MIN(elapsed_ms, MAX_TICK_MS));
    }
    sctp_engine_unlock();
}

/* Takes the next endpoint whose socket has something to read. */
static SctpEndpoint *
pop_readable(Driver *driver)
{
    sctp_engine_lock_shared();
    GList *link = g_queue_pop_head_link(&driver->readable);
    SctpEndpoint *endpoint = link ? link->data : NULL;
    if (endpoint)
        endpoint->is_readable = FALSE;
    sctp_engine_unlock();
    return endpoint;
}

static gboolean
driver_dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
    Driver *driver = (Driver *) source;
    g_source_ref(source); /* an endpoint may be freed, and the driver with the last one */
    tick();
    for (SctpEndpoint *endpoint; (endpoint = pop_readable(driver));)
        endpoint->funcs->on_readable(endpoint->user_data);
    g_source_set_ready_time(source, g_get_monotonic_time() + TICK_US);
    g_source_unref(source);
    return G_SOURCE_CONTINUE;
}

static void
driver_finalize(GSource *source)
{
    g_byte_array_unref(((Driver *) source)->joined);
}

static GSourceFuncs driver_funcs = {
    .prepare = driver_prepare,
    .dispatch = driver_dispatch,
    .finalize = driver_finalize,
};

/* Under the lock. */
static Driver *
get_driver(GMainContext *context)
{
    Driver *driver = g_hash_table_lookup(engine.drivers, context);
    if (driver)
        return driver;
    GSource *source = g_source_new(&driver_funcs, sizeof(Driver));
    driver = (Driver *) source;
    driver->context = context;
    g_queue_init(&driver->outgoing);
    g_queue_init(&driver->readable);
    driver->joined = g_byte_array_new();
    g_source_set_name(source, "pierce-sctp");
    g_source_set_priority(source,
                          G_PRIORITY_HIGH); /* a ready source before ours would skip prepare */
    g_source_set_ready_time(source, 0);
    g_source_attach(source, context);
    g_hash_table_insert(engine.drivers, context, driver);
    return driver;
}

/* An id is given to one endpoint only, so that what comes late for an old one finds nobody.  After
 * four thousand million connections the count starts again, past those that are still in use. */
static guint
next_id(void)
{
    while (engine.next_id == 0 ||
           g_hash_table_contains(engine.endpoints, GUINT_TO_POINTER(engine.next_id)))
        engine.next_id++;
    return engine.next_id++;
}

SctpEndpoint *
sctp_endpoint_new(GMainContext *context, const SctpEndpointFuncs *funcs, gpointer user_data)
{
    SctpEndpoint *endpoint = g_new0(SctpEndpoint, 1);
    endpoint->funcs = funcs;
    endpoint->user_data = user_data;
    endpoint->packet_bytes = G_MAXUINT16;
    endpoint->outgoing_link.data = endpoint->readable_link.data = endpoint;
    packet_batch_init(&endpoint->outbox);
    packet_batch_init(&endpoint->sending);

    sctp_engine_lock();
    if (!engine.is_initialised)
        initialise();
    endpoint->driver = get_driver(context);
    endpoint->driver->endpoints++;
    endpoint->id = next_id();
    g_hash_table_insert(engine.endpoints, GUINT_TO_POINTER(endpoint->id), endpoint);
    usrsctp_register_address(GUINT_TO_POINTER(endpoint->id));
    sctp_engine_unlock();
    return endpoint;
}

void
sctp_endpoint_free(SctpEndpoint *endpoint)
{
    Driver *driver = endpoint->driver;

    sctp_engine_lock();
    usrsctp_deregister_address(GUINT_TO_POINTER(endpoint->id));
    g_hash_table_remove(engine.endpoints, GUINT_TO_POINTER(endpoint->id));
    if (endpoint->is_outgoing)
        g_queue_unlink(&driver->outgoing, &endpoint->outgoing_link);
    if (endpoint->is_readable)
        g_queue_unlink(&driver->readable, &endpoint->readable_link);
    if (driver->joined_for == endpoint)
        driver->joined_for = NULL;
    gboolean is_last = --driver->endpoints == 0;
    if (is_last)
        g_hash_table_remove(engine.drivers, driver->context);
    sctp_engine_unlock();

    if (is_last) {
        g_source_destroy(&driver->source);
        g_source_unref(&driver->source);
    }
    packet_batch_clear(&endpoint->outbox);
    packet_batch_clear(&endpoint->sending);
    g_free(endpoint);
}

gpointer
sctp_endpoint_get_id(SctpEndpoint *endpoint)
{
    return GUINT_TO_POINTER(endpoint->id);
}

static void
set_checksums(PacketBatch *batch)
{
    guint8 *at = batch->bytes->data;
    for (guint i = 0; i < packet_batch_count(batch); i++) {
        guint16 size = packet_batch_sizes(batch)[i];
        sctp_packet_set_checksum(at, size);
        at += size;
    }
}

void
sctp_endpoint_flush(SctpEndpoint *endpoint)
{
    sctp_engine_lock_shared();
    if (endpoint->is_outgoing) {
        endpoint->is_outgoing = FALSE;
        g_queue_unlink(&endpoint->driver->outgoing, &endpoint->outgoing_link);
    }
    PacketBatch filled = endpoint->outbox;
    endpoint->outbox = endpoint->sending;
    endpoint->sending = filled;
    sctp_engine_unlock();

    if (engine.counts_checksums)
        set_checksums(&filled);
    if (packet_batch_count(&filled) > 0)
        endpoint->funcs->on_output(&filled, endpoint->user_data);
    packet_batch_empty(&filled);
}

void
sctp_endpoint_flush_if_single(SctpEndpoint *endpoint)
{
    sctp_engine_lock_shared();
    gboolean is_single = packet_batch_count(&endpoint->outbox) == 1;
    sctp_engine_unlock();
    if (is_single)
        sctp_endpoint_flush(endpoint);
}

void
sctp_endpoint_take(SctpEndpoint *endpoint, PacketBatch *taken)
{
    PacketBatch filled = endpoint->outbox;
    endpoint->outbox = *taken;
    *taken = filled;
}

gboolean
sctp_endpoint_is_batch_full(SctpEndpoint *endpoint)
{
    return endpoint->outbox.bytes->len >= LARGE_OUTBOX_BYTES;
}

void
sctp_endpoint_set_packet_bytes(SctpEndpoint *endpoint, gsize bytes)
{
    endpoint->packet_bytes = bytes;
}

void
sctp_endpoint_join_batches(SctpEndpoint *endpoint)
{
    endpoint->joins = TRUE;
}

/* ---- what comes in ---- */

static void
give_joined(SctpEndpoint *endpoint)
{
    GByteArray *joined = endpoint->driver->joined;
    if (joined->len == 0 || endpoint->driver->joined_for != endpoint)
        return;
    if (endpoint->driver->joined_is_ordinary)
        sctp_engine_lock_shared();
    else
        sctp_engine_lock();
    usrsctp_conninput(sctp_endpoint_get_id(endpoint), joined->data, joined->len, 0);
    sctp_engine_unlock();
    g_byte_array_set_size(joined, 0);
}

static gboolean
join(SctpEndpoint *endpoint, const guint8 *packet, gsize size, gboolean is_ordinary)
{
    Driver *driver = endpoint->driver;
    gboolean is_first = driver->joined->len == 0;
    if (!sctp_bundle_join(driver->joined, packet, size, endpoint->joins ? JOINED_BYTES : 0))
        return FALSE;
    driver->joined_is_ordinary = is_ordinary && (is_first || driver->joined_is_ordinary);
    return TRUE;
}

void
sctp_endpoint_receive(SctpEndpoint *endpoint, const guint8 *packet, gsize size,
                      gboolean is_ordinary)
{
    Driver *driver = endpoint->driver;
    if (engine.counts_checksums && !sctp_packet_has_valid_checksum(packet, size))
        return;
    if (driver->joined_for != endpoint) /* whose connection ended in the middle of a batch */
        g_byte_array_set_size(driver->joined, 0);
    driver->joined_for = endpoint;
    if (!join(endpoint, packet, size, is_ordinary)) {
        give_joined(endpoint);
        join(endpoint, packet, size, is_ordinary);
    }
    if (!engine.counts_checksums) /* usrsctp looks for itself: one by one then */
        give_joined(endpoint);
}

void
sctp_endpoint_receive_done(SctpEndpoint *endpoint)
{
    give_joined(endpoint);
}
