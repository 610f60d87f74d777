/* Feeds a server URI to its parser.  What is accepted is the same after a round trip. */
#include "ice/ice-server.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autofree char *uri = g_strndup((const char *) bytes, size);
    g_auto(IceServer) server = { 0 }, again = { 0 };
    g_autoptr(GError) error = NULL;

    gboolean parsed = ice_server_parse(&server, uri, &error);
    g_assert_true(parsed == (error == NULL));
    if (!parsed) {
        g_assert_true(!server.host && strlen(error->message) < 512);
        return 0;
    }
    g_assert_true(server.port > 0 && server.host[0]);
    g_autofree char *printed = ice_server_print(&server);
    g_assert_true(ice_server_parse(&again, printed, NULL));
    g_assert_cmpint(server.scheme, ==, again.scheme);
    g_assert_cmpstr(server.host, ==, again.host);
    g_assert_cmpuint(server.port, ==, again.port);
    g_assert_cmpint(server.transport, ==, again.transport);
    return 0;
}
