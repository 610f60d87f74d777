/* Owns the packets under way.  Never reads a clock: its caller says what time it is. */
#include "tests/support/delay-line.h"

#define PPM 1000000

/* RFC 791 section 3.1 */
#define IPV4_HEADER_BYTES 20
#define LENGTH_AT 2
#define FRAGMENT_AT 6 /* 0, don't fragment, more fragments, offset / 8 */
#define MORE_FRAGMENTS 0x2000
#define CHECKSUM_AT 10

typedef struct {
    gint64 due_us;
    GBytes *bytes;
} Packet;

struct DelayLine {
    DelayLineConditions conditions;
    DelayLineCounts counts;
    GRand *random;
    GQueue *under_way; /* of Packet: all take the same time, so that none overtakes another */
    double free_us;    /* when the link has sent all that waits; the fraction adds up */
};

static void
packet_free(gpointer data)
{
    Packet *packet = data;
    g_bytes_unref(packet->bytes);
    g_free(packet);
}

DelayLine *
delay_line_new(const DelayLineConditions *conditions, guint32 seed)
{
    DelayLine *self = g_new0(DelayLine, 1);
    self->conditions = *conditions;
    self->random = g_rand_new_with_seed(seed);
    self->under_way = g_queue_new();
    return self;
}

void
delay_line_free(DelayLine *self)
{
    g_queue_free_full(self->under_way, packet_free);
    g_rand_free(self->random);
    g_free(self);
}

static void
write_u16(guint8 *at, guint value)
{
    at[0] = (guint8) (value >> 8);
    at[1] = (guint8) value;
}

static gboolean
is_lost(DelayLine *self)
{
    return (guint) g_rand_int_range(self->random, 0, PPM) < self->conditions.loss_ppm;
}

void
delay_line_set_mtu(DelayLine *self, gsize mtu)
{
    self->conditions.mtu = mtu;
}

static void
take(DelayLine *self, const guint8 *bytes, gsize size, gint64 now_us)
{
    double start_us = MAX(self->free_us, (double) now_us);
    if (start_us - (double) now_us > (double) self->conditions.queue_us) {
        self->counts.refused++;
        return;
    }
    self->free_us = start_us + (double) size * 1e6 / (double) self->conditions.bytes_per_s;
    if (is_lost(self)) {
        self->counts.lost++;
        return;
    }
    Packet *packet = g_new(Packet, 1);
    *packet = (Packet){ .due_us = (gint64) self->free_us + self->conditions.delay_us,
                        .bytes = g_bytes_new(bytes, size) };
    g_queue_push_tail(self->under_way, packet);
}

/* RFC 791 section 3.1: the ones' complement of the ones' complement sum. */
static void
set_header_checksum(guint8 *header, gsize size)
{
    guint32 sum = 0;
    header[CHECKSUM_AT] = header[CHECKSUM_AT + 1] = 0;
    for (gsize i = 0; i < size; i += 2)
        sum += (guint32) (header[i] << 8 | header[i + 1]);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    write_u16(header + CHECKSUM_AT, ~sum);
}

static void
take_broken_up(DelayLine *self, const guint8 *bytes, gsize size, gint64 now_us)
{
    gsize header = (gsize) (bytes[0] & 0x0f) * 4;
    gsize step = (self->conditions.mtu - header) & ~(gsize) 7;
    for (gsize at = header; at < size; at += step) {
        gsize part = MIN(step, size - at);
        g_autoptr(GByteArray) fragment = g_byte_array_sized_new((guint) (header + part));
        guint more = at + part < size ? MORE_FRAGMENTS : 0;
        g_byte_array_append(fragment, bytes, (guint) header);
        g_byte_array_append(fragment, bytes + at, (guint) part);
        write_u16(fragment->data + LENGTH_AT, (guint) fragment->len);
        write_u16(fragment->data + FRAGMENT_AT, more | (guint) ((at - header) / 8));
        set_header_checksum(fragment->data, header);
        take(self, fragment->data, fragment->len, now_us);
    }
}

/* Whole IPv4 packets that nothing forbids to break up. */
static gboolean
is_breakable(const guint8 *bytes, gsize size)
{
    return size > IPV4_HEADER_BYTES && bytes[0] >> 4 == 4 && bytes[FRAGMENT_AT] == 0 &&
           bytes[FRAGMENT_AT + 1] == 0;
}

void
delay_line_push(DelayLine *self, const guint8 *bytes, gsize size, gint64 now_us)
{
    if (self->conditions.mtu == 0 || size <= self->conditions.mtu)
        take(self, bytes, size, now_us);
    else if (is_breakable(bytes, size))
        take_broken_up(self, bytes, size, now_us);
    else
        self->counts.too_large++;
}

GBytes *
delay_line_pop(DelayLine *self, gint64 now_us)
{
    gint64 due_us = delay_line_get_due_us(self);
    if (due_us < 0 || due_us > now_us)
        return NULL;
    g_autofree Packet *packet = g_queue_pop_head(self->under_way);
    self->counts.carried++;
    return packet->bytes;
}

gint64
delay_line_get_due_us(DelayLine *self)
{
    const Packet *next = g_queue_peek_head(self->under_way);
    return next ? next->due_us : -1;
}

void
delay_line_get_counts(DelayLine *self, DelayLineCounts *counts)
{
    *counts = self->counts;
}
