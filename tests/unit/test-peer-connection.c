/* Two connections in one process, over real sockets in a namespace of their own. */
#include "tests/support/netns.h"
#include "tests/support/peer-pair.h"

typedef struct {
    PeerPair pair;
    PierceDataChannel *sender;   /* made by the offerer */
    PierceDataChannel *receiver; /* what the answerer was told of */
    guint opened;
    GPtrArray *received; /* of GBytes */
} Fixture;

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    Fixture *f = user_data;
    g_ptr_array_add(f->received, g_bytes_new(data, size));
}

static void
on_open(PierceDataChannel *channel, gpointer user_data)
{
    ((Fixture *) user_data)->opened++;
}

static void
on_channel(PiercePeerConnection *connection, PierceDataChannel *channel, gpointer user_data)
{
    Fixture *f = user_data;
    g_set_object(&f->receiver, channel);
    pierce_data_channel_set_message_func(channel, on_message, f, NULL);
    g_signal_connect(channel, "open", G_CALLBACK(on_open), f);
}

static void
connect_pair(Fixture *f)
{
    f->received = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);
    peer_pair_init(&f->pair, NULL, NULL);
    g_signal_connect(f->pair.answerer, "data-channel", G_CALLBACK(on_channel), f);
    f->sender = pierce_peer_connection_create_data_channel(f->pair.offerer, "chat", NULL, NULL);
    g_signal_connect(f->sender, "open", G_CALLBACK(on_open), f);
    peer_pair_negotiate(&f->pair, f->pair.offerer);
    wait_until(f->opened == 2);
}

static void
clear(Fixture *f)
{
    g_clear_object(&f->sender);
    g_clear_object(&f->receiver);
    peer_pair_clear(&f->pair);
    g_clear_pointer(&f->received, g_ptr_array_unref);
}

static void
test_a_message_arrives(void)
{
    Fixture f = { 0 };
    connect_pair(&f);

    g_assert_true(pierce_data_channel_send_text(f.sender, "hello", NULL));
    wait_until(f.received->len == 1);

    g_autoptr(GBytes) hello = g_bytes_new_static("hello", 5);
    g_assert_true(g_bytes_equal(f.received->pdata[0], hello));
    g_autofree char *report = pierce_peer_connection_get_report(f.pair.offerer);
    g_test_message("%s", report);
    clear(&f);
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
    g_test_add_func("/peer-connection/a-message-arrives", test_a_message_arrives);
    return g_test_run();
}
