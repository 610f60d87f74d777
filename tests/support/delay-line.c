/* Owns the packets under way.  Never reads a clock: its caller says what time it is. */
#include "tests/support/delay-line.h"

#define PPM 1000000

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

static gboolean
is_lost(DelayLine *self)
{
    return (guint) g_rand_int_range(self->random, 0, PPM) < self->conditions.loss_ppm;
}

void
delay_line_push(DelayLine *self, const guint8 *bytes, gsize size, gint64 now_us)
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
