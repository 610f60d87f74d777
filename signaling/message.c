/* Owns the reading of the signalling dialect, docs/signaling-protocol.md.  Never keeps state
 * between messages and never decides what one means: that is router's and client's business.
 *
 * cJSON recurses on nesting, takes control characters inside strings and cuts strings at an escaped
 * NUL, so check_text() looks at the bytes before cJSON does.  cJSON looks names up without regard
 * to case, so fields are found here by walking the object once. */
#include "signaling/message.h"

#include <cjson/cJSON.h>
#include <string.h>

const MessageLimits message_default_limits = {
    .max_bytes = 64 * 1024,
    .max_depth = 16,
    .max_name_bytes = 128,
};

/* A `ref` is the sender's own mark; longer ones are dropped, not refused. */
#define MAX_REF_BYTES 64

/* At most this many URIs are taken from ice_servers. */
#define MAX_ICE_SERVERS 32

typedef enum {
    FIELD_CANDIDATE,
    FIELD_CLIENT_ID,
    FIELD_CODE,
    FIELD_EXPIRES_S,
    FIELD_FROM_ID,
    FIELD_HEARTBEAT_S,
    FIELD_ICE_SERVERS,
    FIELD_MESSAGE,
    FIELD_PEER_INFO,
    FIELD_PEER_NAME,
    FIELD_PRESENT,
    FIELD_REF,
    FIELD_ROOM,
    FIELD_SDP,
    FIELD_SDP_M_LINE_INDEX,
    FIELD_SDP_MID,
    FIELD_TARGET_ID,
    FIELD_TARGET_NAME,
    FIELD_TOKEN,
    FIELD_TYPE,
    FIELD_USERNAME_FRAGMENT,
    N_FIELDS,
} Field;

static const char *const field_names[N_FIELDS] = {
    [FIELD_CANDIDATE] = "candidate",
    [FIELD_CLIENT_ID] = "client_id",
    [FIELD_CODE] = "code",
    [FIELD_EXPIRES_S] = "expires_s",
    [FIELD_FROM_ID] = "from_id",
    [FIELD_HEARTBEAT_S] = "heartbeat_s",
    [FIELD_ICE_SERVERS] = "ice_servers",
    [FIELD_MESSAGE] = "message",
    [FIELD_PEER_INFO] = "peer_info",
    [FIELD_PEER_NAME] = "peer_name",
    [FIELD_PRESENT] = "present",
    [FIELD_REF] = "ref",
    [FIELD_ROOM] = "room",
    [FIELD_SDP] = "sdp",
    [FIELD_SDP_M_LINE_INDEX] = "sdpMLineIndex",
    [FIELD_SDP_MID] = "sdpMid",
    [FIELD_TARGET_ID] = "target_id",
    [FIELD_TARGET_NAME] = "target_name",
    [FIELD_TOKEN] = "token",
    [FIELD_TYPE] = "type",
    [FIELD_USERNAME_FRAGMENT] = "usernameFragment",
};

typedef struct {
    MessageDirection direction;
    const MessageLimits *limits;
    const cJSON *fields[N_FIELDS]; /* of the object that is being read, NULL where absent */
} Reader;

static const struct {
    const char *name;
    MessageType type;
    gboolean to_server, to_client;
} types[] = {
    { "offer", MESSAGE_OFFER, TRUE, TRUE },
    { "answer", MESSAGE_ANSWER, TRUE, TRUE },
    { "ice_candidate", MESSAGE_ICE_CANDIDATE, TRUE, TRUE },
    { "ice-candidate", MESSAGE_ICE_CANDIDATE, TRUE, TRUE },
    { "bye", MESSAGE_BYE, TRUE, TRUE },
    { "register", MESSAGE_REGISTER, TRUE, FALSE },
    { "find_peer", MESSAGE_FIND_PEER, TRUE, FALSE },
    { "heartbeat", MESSAGE_HEARTBEAT, TRUE, FALSE },
    { "register_success", MESSAGE_REGISTER_SUCCESS, FALSE, TRUE },
    { "peer_found", MESSAGE_PEER_FOUND, FALSE, TRUE },
    { "peer_not_found", MESSAGE_PEER_NOT_FOUND, FALSE, TRUE },
    { "heartbeat_ack", MESSAGE_HEARTBEAT_ACK, FALSE, TRUE },
    { "peer_joined", MESSAGE_PEER_JOINED, FALSE, TRUE },
    { "peer_left", MESSAGE_PEER_LEFT, FALSE, TRUE },
    { "error", MESSAGE_ERROR_REPLY, FALSE, TRUE },
};

GQuark
message_error_quark(void)
{
    return g_quark_from_static_string("message-error-quark");
}

const char *
message_error_name(MessageErrorCode code)
{
    static const char *const names[] = {
        [MESSAGE_ERROR_TOO_LARGE] = "too_large",
        [MESSAGE_ERROR_NOT_UTF8] = "not_utf8",
        [MESSAGE_ERROR_TOO_DEEP] = "too_deep",
        [MESSAGE_ERROR_NOT_JSON] = "not_json",
        [MESSAGE_ERROR_UNKNOWN_TYPE] = "unknown_type",
        [MESSAGE_ERROR_MISSING_FIELD] = "missing_field",
        [MESSAGE_ERROR_BAD_FIELD] = "bad_field",
        [MESSAGE_ERROR_BINARY_REFUSED] = "binary_refused",
        [MESSAGE_ERROR_NOT_REGISTERED] = "not_registered",
        [MESSAGE_ERROR_ALREADY_REGISTERED] = "already_registered",
        [MESSAGE_ERROR_UNAUTHORIZED] = "unauthorized",
        [MESSAGE_ERROR_UNKNOWN_TARGET] = "unknown_target",
        [MESSAGE_ERROR_ROOM_FULL] = "room_full",
        [MESSAGE_ERROR_SERVER_FULL] = "server_full",
        [MESSAGE_ERROR_RATE_LIMITED] = "rate_limited",
        [MESSAGE_ERROR_EXPIRED] = "expired",
    };
    return (gsize) code < G_N_ELEMENTS(names) ? names[code] : "error";
}

static gboolean
fail(GError **error, MessageErrorCode code, const char *text)
{
    g_set_error_literal(error, MESSAGE_ERROR, (gint) code, text);
    return FALSE;
}

static gboolean
fail_field(GError **error, Field field, const char *what)
{
    g_set_error(error, MESSAGE_ERROR, MESSAGE_ERROR_BAD_FIELD, "\"%s\" %s", field_names[field],
                what);
    return FALSE;
}

/* Steps over a string whose opening quote is at @at.  Returns its closing quote, or NULL. */
static const char *
skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        if ((guchar) *at < 0x20)
            return NULL;
        if (*at != '\\')
            continue;
        at++;
        if (end - at >= 5 && memcmp(at, "u0000", 5) == 0)
            return NULL;
    }
    return at < end ? at : NULL;
}

/* What must hold before cJSON may see the text. */
static gboolean
check_text(const char *text, gsize size, const MessageLimits *limits, GError **error)
{
    guint depth = 0;

    if (size > limits->max_bytes) {
        g_set_error(error, MESSAGE_ERROR, MESSAGE_ERROR_TOO_LARGE,
                    "the message has %" G_GSIZE_FORMAT " bytes, at most %" G_GSIZE_FORMAT
                    " are allowed",
                    size, limits->max_bytes);
        return FALSE;
    }
    if (!g_utf8_validate_len(text, size, NULL))
        return fail(error, MESSAGE_ERROR_NOT_UTF8, "the message is not valid UTF-8");

    for (const char *at = text, *end = text + size; at < end; at++) {
        if (*at == '"' && !(at = skip_string(at, end)))
            return fail(error, MESSAGE_ERROR_NOT_JSON,
                        "a string has no end, or holds a control character or a NUL");
        if ((*at == '{' || *at == '[') && ++depth > limits->max_depth) {
            g_set_error(error, MESSAGE_ERROR, MESSAGE_ERROR_TOO_DEEP,
                        "objects and arrays are nested deeper than %u", limits->max_depth);
            return FALSE;
        }
        if ((*at == '}' || *at == ']') && depth > 0)
            depth--;
        if ((guchar) *at < 0x20 && *at != '\n' && *at != '\r' && *at != '\t')
            return fail(error, MESSAGE_ERROR_NOT_JSON, "a control character between the values");
    }
    return TRUE;
}

static cJSON *
parse_object(const char *text, gsize size, GError **error)
{
    const char *rest = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, size, &rest, FALSE);

    while (tree && rest < text + size && g_ascii_isspace(*rest))
        rest++;
    if (tree && rest == text + size && cJSON_IsObject(tree))
        return tree;
    cJSON_Delete(tree);
    fail(error, MESSAGE_ERROR_NOT_JSON, "the message is not one JSON object");
    return NULL;
}

static int
find_field(const char *name)
{
    for (int i = 0; i < N_FIELDS; i++) {
        if (strcmp(field_names[i], name) == 0)
            return i;
    }
    return -1;
}

/* Notes where each known field of @object is.  One that is there twice could be read one way here
 * and the other way by the peer, so it is refused. */
static gboolean
read_fields(Reader *reader, const cJSON *object, GError **error)
{
    memset(reader->fields, 0, sizeof reader->fields);
    for (const cJSON *item = object->child; item; item = item->next) {
        int field = find_field(item->string);
        if (field < 0)
            continue;
        if (reader->fields[field])
            return fail_field(error, (Field) field, "is there twice");
        reader->fields[field] = item;
    }
    return TRUE;
}

static gboolean
missing(GError **error, Field field, const char *type_name)
{
    g_set_error(error, MESSAGE_ERROR, MESSAGE_ERROR_MISSING_FIELD, "%s needs \"%s\"", type_name,
                field_names[field]);
    return FALSE;
}

gboolean
message_is_name(const char *name, gsize max_bytes)
{
    gsize size = strlen(name);

    if (size == 0 || size > max_bytes || !g_utf8_validate_len(name, size, NULL))
        return FALSE;
    for (const char *at = name; *at; at = g_utf8_next_char(at)) {
        GUnicodeType type = g_unichar_type(g_utf8_get_char(at));
        if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
            type == G_UNICODE_PARAGRAPH_SEPARATOR)
            return FALSE;
    }
    return TRUE;
}

/* Gives the string @field, NULL where it is absent or null. */
static gboolean
get_string(const Reader *reader, Field field, const char **value, GError **error)
{
    const cJSON *item = reader->fields[field];

    if (!item || cJSON_IsNull(item))
        return TRUE;
    if (!cJSON_IsString(item))
        return fail_field(error, field, "is not a string");
    *value = item->valuestring;
    return TRUE;
}

static gboolean
get_name(const Reader *reader, Field field, const char **value, GError **error)
{
    if (!get_string(reader, field, value, error))
        return FALSE;
    if (!*value || message_is_name(*value, reader->limits->max_name_bytes))
        return TRUE;
    *value = NULL;
    g_set_error(error, MESSAGE_ERROR, MESSAGE_ERROR_BAD_FIELD,
                "\"%s\" must have 1 to %" G_GSIZE_FORMAT " bytes and no control characters",
                field_names[field], reader->limits->max_name_bytes);
    return FALSE;
}

static gboolean
need_name(const Reader *reader, Field field, const Message *message, const char **value,
          GError **error)
{
    return get_name(reader, field, value, error) &&
           (*value || missing(error, field, message->type_name));
}

static gboolean
get_seconds(const Reader *reader, Field field, guint *value, GError **error)
{
    const cJSON *item = reader->fields[field];

    if (!item || cJSON_IsNull(item))
        return TRUE;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= G_MAXINT))
        return fail_field(error, field, "is not a number of seconds");
    *value = (guint) item->valuedouble;
    return TRUE;
}

/* `sdp` is the text, or {type, sdp} as a browser's RTCSessionDescription prints itself. */
static gboolean
parse_description(Reader *reader, Message *message, GError **error)
{
    const cJSON *item = reader->fields[FIELD_SDP];
    const char *type = NULL;

    if (cJSON_IsObject(item)) {
        if (!read_fields(reader, item, error) || !get_string(reader, FIELD_TYPE, &type, error))
            return FALSE;
        if (type && strcmp(type, message->type_name) != 0)
            return fail_field(error, FIELD_SDP, "has another type than the message");
    }
    if (!get_string(reader, FIELD_SDP, &message->sdp, error))
        return FALSE;
    if (!message->sdp || !*message->sdp)
        return missing(error, FIELD_SDP, message->type_name);
    return TRUE;
}

/* `candidate` is what RTCIceCandidate.toJSON() gives, or only its line; "" or null ends the list.
 * An object of another shape is relayed, but a client of ours cannot use it. */
static gboolean
parse_candidate(Reader *reader, Message *message, GError **error)
{
    const cJSON *item = reader->fields[FIELD_CANDIDATE];

    if (!item)
        return missing(error, FIELD_CANDIDATE, message->type_name);
    if (cJSON_IsObject(item)) {
        if (!read_fields(reader, item, error))
            return FALSE;
        if (!reader->fields[FIELD_CANDIDATE] && reader->direction == MESSAGE_TO_CLIENT)
            return fail_field(error, FIELD_CANDIDATE, "is an object without \"candidate\"");
    }
    if (!get_string(reader, FIELD_CANDIDATE, &message->candidate, error) ||
        !get_string(reader, FIELD_SDP_MID, &message->sdp_mid, error) ||
        !get_string(reader, FIELD_USERNAME_FRAGMENT, &message->username_fragment, error))
        return FALSE;
    if (!message->candidate)
        message->candidate = "";

    const cJSON *index = reader->fields[FIELD_SDP_M_LINE_INDEX];
    if (!index || cJSON_IsNull(index))
        return TRUE;
    if (!cJSON_IsNumber(index) || !(index->valuedouble >= 0 && index->valuedouble <= G_MAXUINT16))
        return fail_field(error, FIELD_SDP_M_LINE_INDEX, "is not a section's index");
    message->sdp_m_line_index = (gint) index->valuedouble;
    return TRUE;
}

/* A server that we cannot read is left out: the others may do. */
static void
add_ice_server(GArray *servers, const cJSON *item)
{
    const cJSON *urls = cJSON_GetObjectItemCaseSensitive(item, "urls");
    const cJSON *url = cJSON_IsArray(urls) ? urls->child : urls;
    MessageIceServer server = {
        .username = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "username")),
        .credential = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "credential")),
    };

    for (; url && servers->len < MAX_ICE_SERVERS; url = cJSON_IsArray(urls) ? url->next : NULL) {
        server.uri = cJSON_GetStringValue(url);
        if (server.uri)
            g_array_append_val(servers, server);
    }
}

static gboolean
parse_register_success(Reader *reader, Message *message, GError **error)
{
    const cJSON *servers = reader->fields[FIELD_ICE_SERVERS];

    if (!need_name(reader, FIELD_CLIENT_ID, message, &message->client_id, error) ||
        !get_seconds(reader, FIELD_HEARTBEAT_S, &message->heartbeat_s, error) ||
        !get_seconds(reader, FIELD_EXPIRES_S, &message->expires_s, error))
        return FALSE;
    message->ice_servers = g_array_new(FALSE, FALSE, sizeof(MessageIceServer));
    if (!cJSON_IsArray(servers))
        return TRUE;
    for (const cJSON *item = servers->child; item; item = item->next)
        add_ice_server(message->ice_servers, item);
    return TRUE;
}

static gboolean
parse_peer_info(Reader *reader, Message *message, GError **error)
{
    const cJSON *item = reader->fields[FIELD_PEER_INFO];

    message->present = cJSON_IsTrue(reader->fields[FIELD_PRESENT]);
    if (!cJSON_IsObject(item))
        return missing(error, FIELD_PEER_INFO, message->type_name);
    return read_fields(reader, item, error) &&
           need_name(reader, FIELD_CLIENT_ID, message, &message->client_id, error) &&
           need_name(reader, FIELD_PEER_NAME, message, &message->peer_name, error) &&
           get_name(reader, FIELD_ROOM, &message->room, error);
}

static gboolean
parse_relayed_from(const Reader *reader, Message *message, GError **error)
{
    return reader->direction == MESSAGE_TO_SERVER
               ? need_name(reader, FIELD_TARGET_ID, message, &message->target_id, error)
               : need_name(reader, FIELD_FROM_ID, message, &message->from_id, error);
}

static gboolean
parse_fields(Reader *reader, Message *message, GError **error)
{
    switch (message->type) {
    case MESSAGE_REGISTER:
        return need_name(reader, FIELD_PEER_NAME, message, &message->peer_name, error) &&
               get_name(reader, FIELD_ROOM, &message->room, error) &&
               get_string(reader, FIELD_TOKEN, &message->token, error);
    case MESSAGE_FIND_PEER:
    case MESSAGE_PEER_NOT_FOUND:
        return need_name(reader, FIELD_TARGET_NAME, message, &message->target_name, error);
    case MESSAGE_OFFER:
    case MESSAGE_ANSWER:
        return parse_relayed_from(reader, message, error) &&
               parse_description(reader, message, error);
    case MESSAGE_ICE_CANDIDATE:
        return parse_relayed_from(reader, message, error) &&
               parse_candidate(reader, message, error);
    case MESSAGE_BYE:
        return parse_relayed_from(reader, message, error);
    case MESSAGE_REGISTER_SUCCESS:
        return parse_register_success(reader, message, error);
    case MESSAGE_PEER_FOUND:
    case MESSAGE_PEER_JOINED:
    case MESSAGE_PEER_LEFT:
        return parse_peer_info(reader, message, error);
    case MESSAGE_ERROR_REPLY:
        return get_string(reader, FIELD_CODE, &message->error_code, error) &&
               get_string(reader, FIELD_MESSAGE, &message->error_message, error) &&
               get_name(reader, FIELD_TARGET_ID, &message->target_id, error);
    case MESSAGE_HEARTBEAT:
    case MESSAGE_HEARTBEAT_ACK:
        return TRUE;
    case MESSAGE_UNKNOWN:
        break;
    }
    g_set_error(error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE,
                "there is no message type \"%.64s\"", message->type_name);
    return FALSE;
}

static gboolean
parse_type(const Reader *reader, Message *message, GError **error)
{
    const char *ref = cJSON_GetStringValue(reader->fields[FIELD_REF]);

    if (ref && strlen(ref) <= MAX_REF_BYTES)
        message->ref = ref;
    if (!get_string(reader, FIELD_TYPE, &message->type_name, error))
        return FALSE;
    if (!message->type_name)
        return missing(error, FIELD_TYPE, "a message");
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        gboolean ours =
            reader->direction == MESSAGE_TO_SERVER ? types[i].to_server : types[i].to_client;
        if (ours && strcmp(types[i].name, message->type_name) == 0) {
            message->type = types[i].type;
            break;
        }
    }
    return TRUE;
}

gboolean
message_parse(Message *message, MessageDirection direction, const char *text, gsize size,
              const MessageLimits *limits, GError **error)
{
    Reader reader = { .direction = direction, .limits = limits ? limits : &message_default_limits };

    *message = (Message){ .sdp_m_line_index = -1 };
    return check_text(text, size, reader.limits, error) &&
           (message->tree = parse_object(text, size, error)) &&
           read_fields(&reader, message->tree, error) && parse_type(&reader, message, error) &&
           parse_fields(&reader, message, error);
}

void
message_clear(Message *message)
{
    g_clear_pointer(&message->ice_servers, g_array_unref);
    g_clear_pointer(&message->tree, cJSON_Delete);
    *message = (Message){ 0 };
}
