/* Only remembers: what ought to have happened is each test's business. */
#include "tests/support/channel-pair.h"

static void
received_clear(gpointer data)
{
    g_bytes_unref(((Received *) data)->bytes);
}

void
channel_pair_on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data,
                        gsize size, gpointer user_data)
{
    ChannelPair *f = user_data;
    Received received = { type, g_bytes_new(data, size) };
    g_array_append_val(f->received, received);
}

static void
on_open(PierceDataChannel *channel, ChannelPair *f)
{
    f->opened++;
}

static void
on_close(PierceDataChannel *channel, ChannelPair *f)
{
    g_assert_cmpint(pierce_data_channel_get_ready_state(channel), ==,
                    PIERCE_DATA_CHANNEL_STATE_CLOSED);
    f->closed++;
}

static void
on_error(PierceDataChannel *channel, const GError *error, ChannelPair *f)
{
    g_test_message("channel error: %s", error->message);
    f->errors++;
}

void
channel_pair_watch(ChannelPair *f, PierceDataChannel *channel)
{
    g_signal_connect(channel, "open", G_CALLBACK(on_open), f);
    g_signal_connect(channel, "close", G_CALLBACK(on_close), f);
    g_signal_connect(channel, "error", G_CALLBACK(on_error), f);
}

void
channel_pair_on_channel(PiercePeerConnection *connection, PierceDataChannel *channel,
                        ChannelPair *f)
{
    g_assert_cmpint(pierce_data_channel_get_ready_state(channel), ==,
                    PIERCE_DATA_CHANNEL_STATE_OPEN);
    g_set_object(&f->receiver, channel);
    g_ptr_array_add(f->channels, g_object_ref(channel));
    pierce_data_channel_set_message_func(channel, channel_pair_on_message, f, NULL);
    channel_pair_watch(f, channel);
}

void
channel_pair_init(ChannelPair *f, PierceConfiguration *configuration)
{
    *f = (ChannelPair){ .received = g_array_new(FALSE, FALSE, sizeof(Received)),
                        .channels = g_ptr_array_new_with_free_func(g_object_unref) };
    g_array_set_clear_func(f->received, received_clear);
    peer_pair_init(&f->pair, configuration, configuration);
    g_signal_connect(f->pair.answerer, "data-channel", G_CALLBACK(channel_pair_on_channel), f);
}

void
channel_pair_connect(ChannelPair *f, PierceDataChannelInit *init)
{
    f->sender = pierce_peer_connection_create_data_channel(f->pair.offerer, "chat", init, NULL);
    channel_pair_watch(f, f->sender);
    peer_pair_negotiate(&f->pair, f->pair.offerer);
    wait_until(f->opened == 2);
}

void
channel_pair_setup(ChannelPair *f, gconstpointer data)
{
    channel_pair_init(f, NULL);
    channel_pair_connect(f, NULL);
}

void
channel_pair_teardown(ChannelPair *f, gconstpointer data)
{
    g_clear_object(&f->sender);
    g_clear_object(&f->receiver);
    g_clear_pointer(&f->channels, g_ptr_array_unref);
    peer_pair_clear(&f->pair);
    g_clear_pointer(&f->received, g_array_unref);
}

const Received *
channel_pair_message(ChannelPair *f, guint index)
{
    g_assert_cmpuint(index, <, f->received->len);
    return &g_array_index(f->received, Received, index);
}

void
channel_pair_send_hello(PierceDataChannel *channel, gpointer user_data)
{
    g_assert_true(pierce_data_channel_send_text(channel, "hello", NULL));
}
