/* Anything may come as a signalling message, in either direction.  What parses must survive being
 * relayed, being registered and being read again by the other side. */
#include "signaling/message.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_relay(Message *message)
{
    g_autofree char *relayed = message_take_relayed(message, "from");
    g_auto(Message) again = { 0 };
    g_autoptr(GError) error = NULL;
    const MessageLimits wide = { .max_bytes = G_MAXUINT32, .max_depth = 16, .max_name_bytes = 128 };

    g_assert_nonnull(relayed);
    /* Only what a candidate's object holds is checked harder on the way out. */
    if (!message_parse(&again, MESSAGE_TO_CLIENT, relayed, strlen(relayed), &wide, &error))
        g_assert_nonnull(strstr(error->message, "candidate"));
    else
        g_assert_cmpstr(again.from_id, ==, "from");
}

static void
check_registration(Message *message)
{
    g_autofree char *info = message_take_peer_info(message, "id");
    g_autofree char *joined = message_build_peer_joined(info, TRUE);
    g_auto(Message) again = { 0 };
    const MessageLimits wide = { .max_bytes = G_MAXUINT32, .max_depth = 17, .max_name_bytes = 128 };

    g_assert_true(message_parse(&again, MESSAGE_TO_CLIENT, joined, strlen(joined), &wide, NULL));
    g_assert_cmpstr(again.client_id, ==, "id");
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_auto(Message) message = { 0 };
    g_auto(Message) from_server = { 0 };
    g_autoptr(GError) error = NULL;
    const char *text = (const char *) data;

    if (message_parse(&message, MESSAGE_TO_SERVER, text, size, NULL, &error)) {
        if (message.type == MESSAGE_REGISTER)
            check_registration(&message);
        else if (message.target_id)
            check_relay(&message);
    } else {
        g_assert_true(error->domain == MESSAGE_ERROR);
    }
    message_parse(&from_server, MESSAGE_TO_CLIENT, text, size, NULL, NULL);
    return 0;
}
