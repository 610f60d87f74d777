/* Connections in several threads, each with a loop of its own, while usrsctp is one for all of
 * them. */
#include "tests/support/channel-pair.h"
#include "tests/support/netns.h"

#include <pthread.h>

#define THREADS 3
#define ROUNDS 3
#define MESSAGES 300
#define MESSAGE_BYTES 4000

static void
exchange(void)
{
    static const guint8 bytes[MESSAGE_BYTES];
    ChannelPair f;
    channel_pair_setup(&f, NULL);
    for (guint i = 0; i < MESSAGES; i++)
        g_assert_true(pierce_data_channel_send(f.sender, bytes, sizeof bytes, NULL));
    wait_until(f.received->len == MESSAGES);
    pierce_data_channel_close(f.receiver);
    wait_until(f.closed == 2);
    channel_pair_teardown(&f, NULL);
}

static void *
run_thread(void *unused)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_main_context_push_thread_default(context);
    wait_until_enable();
    for (guint i = 0; i < ROUNDS; i++)
        exchange();
    g_main_context_pop_thread_default(context);
    return NULL;
}

static void
test_each_thread_has_its_own_connections(void)
{
    pthread_t threads[THREADS];
    for (guint i = 0; i < THREADS; i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, run_thread, NULL), ==, 0);
    for (guint i = 0; i < THREADS; i++)
        g_assert_cmpint(pthread_join(threads[i], NULL), ==, 0);
}

int
main(int argc, char **argv)
{
    const char *why = NULL;
    g_test_init(&argc, &argv, NULL);
    if (!netns_enter(&why)) {
        g_print("1..0 # SKIP %s\n", why);
        return 77;
    }
    wait_until_enable();
    g_test_add_func("/threads/each-thread-has-its-own-connections",
                    test_each_thread_has_its_own_connections);
    return g_test_run();
}
