/* Two peers in one process: one says hello, the other prints it.  Ends with 0 once that worked. */
#include <pierce.h>

static void
on_candidate(PiercePeerConnection *from, PierceIceCandidate *candidate, PiercePeerConnection *to)
{
    pierce_peer_connection_add_ice_candidate(to, candidate, NULL);
}

static void
on_message(PierceDataChannel *channel, PierceMessageType type, GBytes *data, GMainLoop *loop)
{
    g_print("%.*s\n", (int) g_bytes_get_size(data), (const char *) g_bytes_get_data(data, NULL));
    g_main_loop_quit(loop);
}

static void
on_data_channel(PiercePeerConnection *peer, PierceDataChannel *channel, GMainLoop *loop)
{
    g_signal_connect(channel, "message", G_CALLBACK(on_message), loop);
}

static void
on_open(PierceDataChannel *channel)
{
    pierce_data_channel_send_text(channel, "hello from the other side", NULL);
}

int
main(void)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(PiercePeerConnection) a = pierce_peer_connection_new(NULL);
    g_autoptr(PiercePeerConnection) b = pierce_peer_connection_new(NULL);
    g_signal_connect(a, "ice-candidate", G_CALLBACK(on_candidate), b);
    g_signal_connect(b, "ice-candidate", G_CALLBACK(on_candidate), a);
    g_signal_connect(b, "data-channel", G_CALLBACK(on_data_channel), loop);

    g_autoptr(PierceDataChannel) channel =
        pierce_peer_connection_create_data_channel(a, "chat", NULL, NULL);
    g_signal_connect(channel, "open", G_CALLBACK(on_open), NULL);

    /* Between two machines, signalling carries these descriptions and the candidates above. */
    pierce_peer_connection_set_local_description(a, NULL, NULL);
    g_autoptr(PierceSessionDescription) offer = pierce_peer_connection_get_local_description(a);
    pierce_peer_connection_set_remote_description(b, offer, NULL);
    pierce_peer_connection_set_local_description(b, NULL, NULL);
    g_autoptr(PierceSessionDescription) answer = pierce_peer_connection_get_local_description(b);
    pierce_peer_connection_set_remote_description(a, answer, NULL);

    g_main_loop_run(loop);
    return 0;
}
