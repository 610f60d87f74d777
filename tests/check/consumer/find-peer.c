/* Uses libpierce-signaling as far as that goes without a server. */
#include <pierce-signaling.h>

int
main(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PierceSignalingClient) client =
        pierce_signaling_client_new("ws://127.0.0.1:8765/", "alice", "lobby", NULL, &error);
    if (client == NULL) {
        g_printerr("%s\n", error->message);
        return 1;
    }
    g_autoptr(PierceNegotiator) negotiator = pierce_negotiator_new(client, NULL);
    pierce_negotiator_close(negotiator);
    pierce_signaling_client_close(client);
    return 0;
}
