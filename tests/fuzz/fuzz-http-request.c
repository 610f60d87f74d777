/* Anything may come as an HTTP request's head. */
#include "signaling/server/http-request.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autofree char *bytes = g_memdup2(data, size);
    HttpRequest request;
    gsize head = 0;

    if (http_request_parse(&request, bytes, size, &head) != HTTP_COMPLETE)
        return 0;
    g_assert_cmpuint(head, <=, MIN(size, HTTP_MAX_HEAD_BYTES));
    g_assert_cmpint(request.path[0], ==, '/');
    if (!request.host)
        return 0;
    g_autofree char *name = http_host_name(request.host);
    g_assert_true((name != NULL) == http_is_host(request.host));
    HttpVerdict verdict = http_request_check_upgrade(&request, NULL);
    if (verdict.status != 101)
        return 0;
    g_autofree char *accept = http_websocket_accept(request.ws_key);
    g_assert_cmpuint(strlen(accept), ==, 28);
    return 0;
}
