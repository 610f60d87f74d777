#include "signaling/server/session.h"

static const SessionLimits limits = { .max_queue_bytes = 100, .max_messages_per_s = 10 };

static void
push(Session *session, gsize size)
{
    GByteArray *queue = session_reserve(session, size);

    g_assert_nonnull(queue);
    g_byte_array_set_size(queue, queue->len + (guint) size);
}

static void
test_queue_has_a_limit(void)
{
    Session session;

    session_init(&session, &limits, 0);
    g_assert_cmpuint(session_pending(&session, NULL), ==, 0);
    push(&session, 60);
    push(&session, 40);
    g_assert_null(session_reserve(&session, 1));
    g_assert_null(session_reserve(&session, G_MAXSIZE));
    session_sent(&session, 30);
    g_assert_cmpuint(session_pending(&session, NULL), ==, 70);
    push(&session, 30);
    g_assert_null(session_reserve(&session, 1));
    session_clear(&session);
}

static void
test_an_empty_queue_costs_nothing(void)
{
    Session session;

    session_init(&session, &limits, 0);
    push(&session, 100);
    session_sent(&session, 100);
    g_assert_null(session.queue);
    push(&session, 100);
    session_clear(&session);
}

static void
test_what_was_sent_is_dropped_from_a_queue_that_never_empties(void)
{
    const SessionLimits large = { .max_queue_bytes = 1 << 20, .max_messages_per_s = 1 };
    Session session;

    session_init(&session, &large, 0);
    push(&session, 1000);
    for (int i = 0; i < 1000; i++) {
        push(&session, 1000);
        session_sent(&session, 1000);
    }
    g_assert_cmpuint(session_pending(&session, NULL), ==, 1000);
    g_assert_cmpuint(session.queue->len, <, 100000);
    session_clear(&session);
}

static void
test_rate(void)
{
    Session session;
    gint64 now_us = 5;

    session_init(&session, &limits, now_us);
    for (int i = 0; i < 10; i++)
        g_assert_cmpint(session_count_message(&session, now_us), ==, SESSION_RATE_OK);
    g_assert_cmpint(session_count_message(&session, now_us), ==, SESSION_RATE_TELL);
    g_assert_cmpint(session_count_message(&session, now_us), ==, SESSION_RATE_REFUSE);

    now_us += G_USEC_PER_SEC / 10; /* one more */
    g_assert_cmpint(session_count_message(&session, now_us), ==, SESSION_RATE_OK);
    g_assert_cmpint(session_count_message(&session, now_us), ==, SESSION_RATE_TELL);

    now_us += 3600 * (gint64) G_USEC_PER_SEC; /* never more than a second's worth */
    for (int i = 0; i < 10; i++)
        g_assert_cmpint(session_count_message(&session, now_us), ==, SESSION_RATE_OK);
    g_assert_cmpint(session_count_message(&session, now_us), ==, SESSION_RATE_TELL);
}

static void
test_a_flood_ends_the_connection(void)
{
    Session session;
    int n = 0;

    session_init(&session, &limits, 0);
    while (session_count_message(&session, 0) != SESSION_RATE_CLOSE)
        g_assert_cmpint(++n, <, 1000);
    g_assert_cmpint(n, ==, 10 + 200);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/queue-limit", test_queue_has_a_limit);
    g_test_add_func("/session/empty-queue", test_an_empty_queue_costs_nothing);
    g_test_add_func("/session/queue-that-never-empties",
                    test_what_was_sent_is_dropped_from_a_queue_that_never_empties);
    g_test_add_func("/session/rate", test_rate);
    g_test_add_func("/session/flood", test_a_flood_ends_the_connection);
    return g_test_run();
}
