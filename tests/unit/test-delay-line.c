#include "tests/support/delay-line.h"

#define PACKET_BYTES 1000

static const guint8 packet[PACKET_BYTES] = { 0 };

/* A megabyte a second: a packet takes a millisecond. */
static const DelayLineConditions plain = { .bytes_per_s = 1000000,
                                           .queue_us = 10000,
                                           .delay_us = 50000 };

static guint
pop_all(DelayLine *line, gint64 now_us)
{
    guint count = 0;
    for (GBytes *out; (out = delay_line_pop(line, now_us)); count++)
        g_bytes_unref(out);
    return count;
}

static void
test_a_packet_takes_its_time_on_the_link_and_then_the_delay(void)
{
    DelayLine *line = delay_line_new(&plain, 1);
    g_assert_cmpint(delay_line_get_due_us(line), ==, -1);
    delay_line_push(line, packet, sizeof packet, 7000);
    g_assert_cmpint(delay_line_get_due_us(line), ==, 7000 + 1000 + 50000);
    g_assert_null(delay_line_pop(line, 57999));
    g_autoptr(GBytes) out = delay_line_pop(line, 58000);
    g_assert_cmpuint(g_bytes_get_size(out), ==, sizeof packet);
    g_assert_cmpint(delay_line_get_due_us(line), ==, -1);
    delay_line_free(line);
}

static void
test_packets_leave_at_the_links_rate_in_their_order(void)
{
    DelayLine *line = delay_line_new(&plain, 1);
    for (guint8 i = 0; i < 5; i++) {
        guint8 numbered[PACKET_BYTES] = { i };
        delay_line_push(line, numbered, sizeof numbered, 0);
    }
    for (guint8 i = 0; i < 5; i++) {
        g_assert_cmpint(delay_line_get_due_us(line), ==, 50000 + (i + 1) * 1000);
        g_autoptr(GBytes) out = delay_line_pop(line, delay_line_get_due_us(line));
        g_assert_cmpuint(((const guint8 *) g_bytes_get_data(out, NULL))[0], ==, i);
    }
    delay_line_free(line);
}

static void
test_a_full_queue_takes_no_more_until_it_has_drained(void)
{
    DelayLine *line = delay_line_new(&plain, 1);
    DelayLineCounts counts;
    for (guint i = 0; i < 100; i++)
        delay_line_push(line, packet, sizeof packet, 0);
    delay_line_get_counts(line, &counts);
    g_assert_cmpuint(counts.refused, ==, 100 - 11); /* the first is on the link, ten wait 10 ms */
    delay_line_push(line, packet, sizeof packet, 5000);
    delay_line_get_counts(line, &counts);
    g_assert_cmpuint(counts.refused, ==, 100 - 11);
    g_assert_cmpuint(pop_all(line, G_MAXINT64), ==, 12);
    delay_line_free(line);
}

static guint64
lose(guint32 seed, guint loss_ppm, guint count)
{
    const DelayLineConditions lossy = { .bytes_per_s = 1000000,
                                        .queue_us = G_MAXINT64,
                                        .loss_ppm = loss_ppm };
    DelayLine *line = delay_line_new(&lossy, seed);
    DelayLineCounts counts;
    for (guint i = 0; i < count; i++)
        delay_line_push(line, packet, sizeof packet, 0);
    g_assert_cmpint(pop_all(line, G_MAXINT64), >, 0);
    delay_line_get_counts(line, &counts);
    g_assert_cmpuint(counts.carried + counts.lost, ==, count);
    delay_line_free(line);
    return counts.lost;
}

static void
test_losses_are_as_frequent_as_asked_for_and_the_same_for_a_seed(void)
{
    guint64 lost = lose(1, 30000, 20000);
    g_assert_cmpuint(lost, >, 500);
    g_assert_cmpuint(lost, <, 700);
    g_assert_cmpuint(lose(1, 30000, 20000), ==, lost);
    g_assert_cmpuint(lose(1, 0, 20000), ==, 0);
}

static gsize
pop_size(DelayLine *line)
{
    g_autoptr(GBytes) out = delay_line_pop(line, G_MAXINT64);
    return out ? g_bytes_get_size(out) : 0;
}

static void
test_what_is_larger_than_the_mtu_is_broken_up_or_lost(void)
{
    DelayLine *line = delay_line_new(&plain, 1);
    DelayLineCounts counts;
    guint8 bytes[PACKET_BYTES] = { 0x45 };
    delay_line_set_mtu(line, 500);
    delay_line_push(line, bytes, 500, 0);
    g_assert_cmpuint(pop_size(line), ==, 500);
    delay_line_push(line, bytes, 1000, 0); /* 20 of header and 980, of which 480 fit at a time */
    g_assert_cmpuint(pop_size(line), ==, 500);
    g_assert_cmpuint(pop_size(line), ==, 500);
    g_assert_cmpuint(pop_size(line), ==, 40);
    g_assert_cmpuint(pop_size(line), ==, 0);
    bytes[6] = 0x40; /* don't fragment */
    delay_line_push(line, bytes, 501, 0);
    g_assert_cmpuint(pop_size(line), ==, 0);
    delay_line_get_counts(line, &counts);
    g_assert_cmpuint(counts.too_large, ==, 1);
    delay_line_free(line);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/delay-line/a-packet-takes-its-time-on-the-link-and-then-the-delay",
                    test_a_packet_takes_its_time_on_the_link_and_then_the_delay);
    g_test_add_func("/delay-line/packets-leave-at-the-links-rate-in-their-order",
                    test_packets_leave_at_the_links_rate_in_their_order);
    g_test_add_func("/delay-line/a-full-queue-takes-no-more-until-it-has-drained",
                    test_a_full_queue_takes_no_more_until_it_has_drained);
    g_test_add_func("/delay-line/losses-are-as-frequent-as-asked-for-and-the-same-for-a-seed",
                    test_losses_are_as_frequent_as_asked_for_and_the_same_for_a_seed);
    g_test_add_func("/delay-line/what-is-larger-than-the-mtu-is-broken-up-or-lost",
                    test_what_is_larger_than_the_mtu_is_broken_up_or_lost);
    return g_test_run();
}
