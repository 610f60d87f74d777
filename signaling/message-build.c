/* Owns the writing of the signalling dialect, docs/signaling-protocol.md: every message of both
 * directions.  Never checks what it is given: names and limits were checked when they came in. */
#include "signaling/message.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Room for the fields that a relayed message gains, so that its buffer grows seldom. */
#define PRINT_EXTRA 128
#define PRINT_MIN 512

static cJSON *
new_message(const char *type)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "type", type);
    return tree;
}

static void
add_text(cJSON *object, const char *name, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, name, text);
}

/* Takes @tree.  g_free() may free what cJSON allocates: both use the C library's heap. */
static char *
finish_sized(cJSON *tree, int size_hint)
{
    char *text = cJSON_PrintBuffered(tree, size_hint, FALSE);

    cJSON_Delete(tree);
    return text;
}

static char *
finish(cJSON *tree)
{
    return finish_sized(tree, PRINT_MIN);
}

char *
message_build_register(const char *peer_name, const char *room, const char *token)
{
    cJSON *tree = new_message("register");

    add_text(tree, "peer_name", peer_name);
    add_text(tree, "room", room);
    add_text(tree, "token", token);
    return finish(tree);
}

char *
message_build_find_peer(const char *target_name)
{
    cJSON *tree = new_message("find_peer");

    add_text(tree, "target_name", target_name);
    return finish(tree);
}

char *
message_build_description(const char *target_id, const char *type, const char *sdp)
{
    cJSON *tree = new_message(type);

    add_text(tree, "target_id", target_id);
    cJSON *description = cJSON_AddObjectToObject(tree, "sdp");
    add_text(description, "type", type);
    add_text(description, "sdp", sdp);
    return finish_sized(tree, (int) MIN(strlen(sdp), G_MAXINT / 2) + PRINT_MIN);
}

char *
message_build_candidate(const char *target_id, const char *candidate, const char *sdp_mid,
                        gint sdp_m_line_index, const char *username_fragment)
{
    cJSON *tree = new_message("ice_candidate");

    add_text(tree, "target_id", target_id);
    cJSON *object = cJSON_AddObjectToObject(tree, "candidate");
    add_text(object, "candidate", candidate);
    add_text(object, "sdpMid", sdp_mid);
    if (sdp_m_line_index >= 0)
        cJSON_AddNumberToObject(object, "sdpMLineIndex", sdp_m_line_index);
    add_text(object, "usernameFragment", username_fragment);
    return finish(tree);
}

char *
message_build_bye(const char *target_id)
{
    cJSON *tree = new_message("bye");

    add_text(tree, "target_id", target_id);
    return finish(tree);
}

char *
message_build_heartbeat(void)
{
    return g_strdup("{\"type\":\"heartbeat\"}");
}

char *
message_build_register_success(const char *client_id, const MessageIceServer *servers,
                               gsize n_servers, guint heartbeat_s, guint expires_s)
{
    cJSON *tree = new_message("register_success");

    add_text(tree, "client_id", client_id);
    cJSON *list = cJSON_AddArrayToObject(tree, "ice_servers");
    for (gsize i = 0; i < n_servers; i++) {
        cJSON *server = cJSON_CreateObject();
        cJSON *urls = cJSON_AddArrayToObject(server, "urls");
        cJSON_AddItemToArray(urls, cJSON_CreateString(servers[i].uri));
        add_text(server, "username", servers[i].username);
        add_text(server, "credential", servers[i].credential);
        cJSON_AddItemToArray(list, server);
    }
    cJSON_AddNumberToObject(tree, "heartbeat_s", heartbeat_s);
    cJSON_AddNumberToObject(tree, "expires_s", expires_s);
    return finish(tree);
}

char *
message_build_peer_not_found(const char *target_name)
{
    cJSON *tree = new_message("peer_not_found");

    add_text(tree, "target_name", target_name);
    return finish(tree);
}

char *
message_build_heartbeat_ack(void)
{
    return g_strdup("{\"type\":\"heartbeat_ack\"}");
}

char *
message_build_error(MessageErrorCode code, const char *text, const char *ref, const char *target_id)
{
    cJSON *tree = new_message("error");

    add_text(tree, "code", message_error_name(code));
    add_text(tree, "message", text);
    add_text(tree, "ref", ref);
    add_text(tree, "target_id", target_id);
    return finish(tree);
}

char *
message_take_peer_info(Message *registration, const char *client_id)
{
    cJSON *tree = g_steal_pointer(&registration->tree);

    cJSON_DeleteItemFromObjectCaseSensitive(tree, "type");
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "token");
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "ref");
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "client_id");
    add_text(tree, "client_id", client_id);
    message_clear(registration);
    return finish(tree);
}

char *
message_build_peer_found(const char *peer_info)
{
    return g_strconcat("{\"type\":\"peer_found\",\"peer_info\":", peer_info, "}", NULL);
}

char *
message_build_peer_joined(const char *peer_info, gboolean present)
{
    return g_strconcat("{\"type\":\"peer_joined\",\"peer_info\":", peer_info,
                       present ? ",\"present\":true}" : "}", NULL);
}

char *
message_build_peer_left(const char *peer_info)
{
    return g_strconcat("{\"type\":\"peer_left\",\"peer_info\":", peer_info, "}", NULL);
}

static const char *
relayed_type(MessageType type)
{
    switch (type) {
    case MESSAGE_OFFER:
        return "offer";
    case MESSAGE_ANSWER:
        return "answer";
    case MESSAGE_ICE_CANDIDATE:
        return "ice_candidate";
    default:
        return "bye";
    }
}

char *
message_take_relayed(Message *message, const char *from_id)
{
    MessageType type = message->type;
    gsize size = strlen(message->sdp ? message->sdp : "");
    cJSON *tree = g_steal_pointer(&message->tree);

    if (strcmp(message->type_name, relayed_type(type)) != 0)
        cJSON_ReplaceItemInObjectCaseSensitive(tree, "type",
                                               cJSON_CreateString(relayed_type(type)));
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "target_id");
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "from_id");
    add_text(tree, "from_id", from_id);
    message_clear(message);
    return finish_sized(tree, (int) MIN(size, G_MAXINT / 2) + PRINT_MIN + PRINT_EXTRA);
}
