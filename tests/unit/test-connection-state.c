#include "datachannel/connection-state.h"

#define ICE_COUNT (PIERCE_ICE_CONNECTION_STATE_CLOSED + 1)
#define DTLS_COUNT (PIERCE_DTLS_TRANSPORT_STATE_FAILED + 1)

#define NEW PIERCE_PEER_CONNECTION_STATE_NEW
#define CONNECTING PIERCE_PEER_CONNECTION_STATE_CONNECTING
#define CONNECTED PIERCE_PEER_CONNECTION_STATE_CONNECTED
#define DISCONNECTED PIERCE_PEER_CONNECTION_STATE_DISCONNECTED
#define FAILED PIERCE_PEER_CONNECTION_STATE_FAILED

/* One row per ICE state; DTLS is new, connecting, connected, closed, failed. */
static const PiercePeerConnectionState expected[ICE_COUNT][DTLS_COUNT] = {
    [PIERCE_ICE_CONNECTION_STATE_NEW] = { NEW, CONNECTING, CONNECTING, NEW, FAILED },
    [PIERCE_ICE_CONNECTION_STATE_CHECKING] = { CONNECTING, CONNECTING, CONNECTING, CONNECTING,
                                               FAILED },
    [PIERCE_ICE_CONNECTION_STATE_CONNECTED] = { CONNECTING, CONNECTING, CONNECTED, CONNECTED,
                                                FAILED },
    [PIERCE_ICE_CONNECTION_STATE_COMPLETED] = { CONNECTING, CONNECTING, CONNECTED, CONNECTED,
                                                FAILED },
    [PIERCE_ICE_CONNECTION_STATE_DISCONNECTED] = { DISCONNECTED, DISCONNECTED, DISCONNECTED,
                                                   DISCONNECTED, FAILED },
    [PIERCE_ICE_CONNECTION_STATE_FAILED] = { FAILED, FAILED, FAILED, FAILED, FAILED },
    [PIERCE_ICE_CONNECTION_STATE_CLOSED] = { NEW, CONNECTING, CONNECTED, NEW, FAILED },
};

static void
test_every_combination(void)
{
    for (int ice = 0; ice < ICE_COUNT; ice++) {
        for (int dtls = 0; dtls < DTLS_COUNT; dtls++) {
            g_test_message("ice %d dtls %d", ice, dtls);
            g_assert_cmpint(connection_state(FALSE, (PierceIceConnectionState) ice,
                                             (PierceDtlsTransportState) dtls),
                            ==, expected[ice][dtls]);
            g_assert_cmpint(connection_state(TRUE, (PierceIceConnectionState) ice,
                                             (PierceDtlsTransportState) dtls),
                            ==, PIERCE_PEER_CONNECTION_STATE_CLOSED);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/connection-state/every-combination", test_every_combination);
    return g_test_run();
}
