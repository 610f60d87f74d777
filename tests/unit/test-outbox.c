/* Drives signaling/outbox through simulated time. */
#include "signaling/outbox.h"

static void
push(Outbox *outbox, guint from, guint count)
{
    for (guint i = from; i < from + count; i++)
        g_assert_true(outbox_push(outbox, g_strdup_printf("%u", i)));
}

static guint
pop_all(Outbox *outbox, gint64 now_us, guint from)
{
    guint count = 0;

    for (;; count++) {
        g_autofree char *text = outbox_pop(outbox, now_us);
        if (!text)
            return count;
        g_assert_cmpuint(g_ascii_strtoull(text, NULL, 10), ==, from + count);
    }
}

static void
test_a_full_outbox_takes_no_more(void)
{
    Outbox outbox;

    outbox_init(&outbox, 0);
    push(&outbox, 0, OUTBOX_MAX_QUEUED);
    g_assert_false(outbox_push(&outbox, g_strdup("one too many")));
    outbox_clear(&outbox);
}

static void
test_messages_leave_in_order_at_the_rate(void)
{
    Outbox outbox;

    outbox_init(&outbox, 0);
    push(&outbox, 0, 201);
    g_assert_cmpuint(pop_all(&outbox, 0, 0), ==, OUTBOX_PER_SECOND);
    g_assert_cmpuint(pop_all(&outbox, G_TIME_SPAN_SECOND / 2, 80), ==, OUTBOX_PER_SECOND / 2);
    g_assert_cmpuint(pop_all(&outbox, 100 * G_TIME_SPAN_SECOND, 120), ==, OUTBOX_PER_SECOND);
    g_assert_cmpint(outbox_next_us(&outbox), !=, G_MAXINT64);
    outbox_clear(&outbox);
}

static void
test_next_message_is_due_when_told(void)
{
    Outbox outbox;

    outbox_init(&outbox, 0);
    g_assert_cmpint(outbox_next_us(&outbox), ==, G_MAXINT64);
    push(&outbox, 0, OUTBOX_PER_SECOND + 2);
    g_assert_cmpuint(pop_all(&outbox, 0, 0), ==, OUTBOX_PER_SECOND);
    gint64 due_us = outbox_next_us(&outbox);
    g_assert_cmpuint(pop_all(&outbox, due_us - 10, 80), ==, 0);
    g_assert_cmpuint(pop_all(&outbox, due_us, 80), ==, 1);
    outbox_clear(&outbox);
}

static void
test_hurry_lets_all_go(void)
{
    Outbox outbox;

    outbox_init(&outbox, 0);
    push(&outbox, 0, OUTBOX_MAX_QUEUED);
    outbox_hurry(&outbox);
    g_assert_cmpuint(pop_all(&outbox, 0, 0), ==, OUTBOX_MAX_QUEUED);
    outbox_clear(&outbox);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outbox/a-full-outbox-takes-no-more", test_a_full_outbox_takes_no_more);
    g_test_add_func("/outbox/messages-leave-in-order-at-the-rate",
                    test_messages_leave_in_order_at_the_rate);
    g_test_add_func("/outbox/next-message-is-due-when-told", test_next_message_is_due_when_told);
    g_test_add_func("/outbox/hurry-lets-all-go", test_hurry_lets_all_go);
    return g_test_run();
}
