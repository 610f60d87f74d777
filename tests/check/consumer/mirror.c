/* A peer that sends back what browsers and programs say to it.  Takes a server's URL. */
#include <pierce-signaling.h>
#include <pierce.h>

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size_bytes,
           gpointer user_data)
{
    pierce_data_channel_send_message(channel, type, data, size_bytes, NULL);
}

static void
on_data_channel(PiercePeerConnection *peer, PierceDataChannel *channel)
{
    pierce_data_channel_set_message_func(channel, on_message, NULL, NULL);
}

static void
on_peer(PierceNegotiator *negotiator, const char *client_id, PiercePeerConnection *peer)
{
    g_signal_connect(peer, "data-channel", G_CALLBACK(on_data_channel), NULL);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PierceSignalingClient) client = pierce_signaling_client_new(
        argc > 1 ? argv[1] : "http://127.0.0.1:8765/", "mirror", "lobby", NULL, &error);
    if (client == NULL) {
        g_printerr("%s\n", error->message);
        return 1;
    }
    g_autoptr(PierceNegotiator) negotiator = pierce_negotiator_new(client, NULL);
    g_signal_connect(negotiator, "peer", G_CALLBACK(on_peer), NULL);
    pierce_signaling_client_start(client);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_main_loop_run(loop);
}
