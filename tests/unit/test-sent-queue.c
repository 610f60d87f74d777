#include "datachannel/sent-queue.h"

static void
push_three(SentQueue *queue)
{
    sent_queue_init(queue);
    sent_queue_push(queue, 1, 100, 100);
    sent_queue_push(queue, 3, 1, 0);
    sent_queue_push(queue, 1, 50, 50);
}

static guint
count_arrived(SentQueue *queue, gsize outstanding)
{
    SentMessage message;
    guint count = 0;
    while (sent_queue_pop(queue, outstanding, &message))
        count++;
    return count;
}

typedef struct {
    gsize outstanding;
    guint arrived;
} OutstandingCase;

static const OutstandingCase outstanding_cases[] = {
    { 151, 0 }, { 52, 0 }, { 51, 1 },   { 50, 2 },
    { 1, 2 },   { 0, 3 },  { 1000, 0 }, /* SCTP may count more than was put in */
};

static void
test_what_is_no_longer_outstanding_has_arrived(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(outstanding_cases); i++) {
        const OutstandingCase *c = &outstanding_cases[i];
        SentQueue queue;
        push_three(&queue);
        g_assert_cmpuint(count_arrived(&queue, c->outstanding), ==, c->arrived);
        g_assert_cmpuint(count_arrived(&queue, 0), ==, 3 - c->arrived);
        g_assert_cmpuint(queue.bytes, ==, 0);
        sent_queue_clear(&queue);
    }
}

static void
test_each_message_tells_its_stream_and_credit(void)
{
    SentQueue queue;
    SentMessage message;
    push_three(&queue);
    g_assert_true(sent_queue_pop(&queue, 0, &message));
    g_assert_cmpuint(message.stream, ==, 1);
    g_assert_cmpuint(message.size, ==, 100);
    g_assert_cmpuint(message.credit, ==, 100);
    g_assert_true(sent_queue_pop(&queue, 0, &message));
    g_assert_cmpuint(message.stream, ==, 3);
    g_assert_cmpuint(message.size, ==, 1);
    g_assert_cmpuint(message.credit, ==, 0);
    sent_queue_clear(&queue);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sent-queue/what-is-no-longer-outstanding-has-arrived",
                    test_what_is_no_longer_outstanding_has_arrived);
    g_test_add_func("/sent-queue/each-message-tells-its-stream-and-credit",
                    test_each_message_tells_its_stream_and_credit);
    return g_test_run();
}
