/* The signalling dialect of docs/signaling-protocol.md: one JSON object per WebSocket text message.
 *
 * Both ends use this file, and nothing else in signaling/ knows that the text is JSON.  A parsed
 * Message keeps the JSON tree, so that fields which we do not know are relayed untouched. */
#pragma once

#include <glib.h>

struct cJSON;

typedef enum {
    MESSAGE_UNKNOWN,
    /* client to server */
    MESSAGE_REGISTER,
    MESSAGE_FIND_PEER,
    MESSAGE_HEARTBEAT,
    /* both ways: with target_id to the server, with from_id to the client */
    MESSAGE_OFFER,
    MESSAGE_ANSWER,
    MESSAGE_ICE_CANDIDATE,
    MESSAGE_BYE,
    /* server to client */
    MESSAGE_REGISTER_SUCCESS,
    MESSAGE_PEER_FOUND,
    MESSAGE_PEER_NOT_FOUND,
    MESSAGE_HEARTBEAT_ACK,
    MESSAGE_PEER_JOINED,
    MESSAGE_PEER_LEFT,
    MESSAGE_ERROR_REPLY,
} MessageType;

typedef enum {
    MESSAGE_TO_SERVER,
    MESSAGE_TO_CLIENT,
} MessageDirection;

/* Why a message is refused.  message_error_name() gives the `code` that goes over the wire. */
typedef enum {
    MESSAGE_ERROR_TOO_LARGE,
    MESSAGE_ERROR_NOT_UTF8,
    MESSAGE_ERROR_TOO_DEEP,
    MESSAGE_ERROR_NOT_JSON,
    MESSAGE_ERROR_UNKNOWN_TYPE,
    MESSAGE_ERROR_MISSING_FIELD,
    MESSAGE_ERROR_BAD_FIELD,
    MESSAGE_ERROR_BINARY_REFUSED,
    MESSAGE_ERROR_NOT_REGISTERED,
    MESSAGE_ERROR_ALREADY_REGISTERED,
    MESSAGE_ERROR_UNAUTHORIZED,
    MESSAGE_ERROR_UNKNOWN_TARGET,
    MESSAGE_ERROR_ROOM_FULL,
    MESSAGE_ERROR_SERVER_FULL,
    MESSAGE_ERROR_RATE_LIMITED,
    MESSAGE_ERROR_EXPIRED,
} MessageErrorCode;

#define MESSAGE_ERROR (message_error_quark())
GQuark message_error_quark(void);
const char *message_error_name(MessageErrorCode code);

typedef struct {
    gsize max_bytes;      /* of one message */
    guint max_depth;      /* of objects and arrays inside each other, the message itself being 1 */
    gsize max_name_bytes; /* of names, room names and ids */
} MessageLimits;

/* 64 KiB, depth 16, names of 128 bytes. */
extern const MessageLimits message_default_limits;

/* One STUN or TURN URI.  In the JSON, `urls` may be a list: it is then several of these. */
typedef struct {
    const char *uri;
    const char *username;   /* NULL for STUN */
    const char *credential; /* likewise */
} MessageIceServer;

/* All strings belong to the message and are valid UTF-8; those that it does not carry are NULL. */
typedef struct {
    MessageType type;
    const char *type_name;   /* as it was spelt, also of unknown types */
    const char *ref;         /* the sender's own mark, echoed in an error about this message */
    const char *peer_name;   /* register; peer_info's in peer_found, peer_joined and peer_left */
    const char *room;        /* register; likewise */
    const char *token;       /* register; never to be logged */
    const char *target_name; /* find_peer, peer_not_found */
    const char *target_id;   /* relayed types to the server; error, where it is about a target */
    const char *from_id;     /* relayed types to the client */
    const char *client_id;   /* register_success; peer_info's in the peer_ types */
    gboolean present;        /* peer_joined: it was in the room before us */
    const char *sdp;         /* offer, answer */
    const char *candidate;   /* ice_candidate: "" ends the list */
    const char *sdp_mid;
    gint sdp_m_line_index; /* -1 where unknown */
    const char *username_fragment;
    guint heartbeat_s; /* register_success: how often to send heartbeat, 0 unknown */
    guint expires_s;   /* register_success: a registration without heartbeat lasts, 0 unknown */
    const char *error_code;
    const char *error_message;
    GArray *ice_servers; /* of MessageIceServer, NULL unless register_success */
    struct cJSON *tree;
} Message;

void message_clear(Message *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Message, message_clear)

/* Fills @message from the @size bytes of one text message; @limits may be NULL for the defaults.
 * FALSE with @error set (MESSAGE_ERROR) for what the dialect does not allow.  @message must then be
 * cleared all the same: its type, type_name and ref are set as far as they could be read, for the
 * reply.  A client ignores MESSAGE_ERROR_UNKNOWN_TYPE: a newer server may say more. */
gboolean message_parse(Message *message, MessageDirection direction, const char *text, gsize size,
                       const MessageLimits *limits, GError **error);

/* Whether @name may name a peer or a room: 1 to @max_bytes bytes of UTF-8, no control characters.
 */
gboolean message_is_name(const char *name, gsize max_bytes);

/* What a client sends.  Each returns a new string. */
char *message_build_register(const char *peer_name, const char *room, const char *token);
char *message_build_find_peer(const char *target_name);
char *message_build_description(const char *target_id, const char *type, const char *sdp);
char *message_build_candidate(const char *target_id, const char *candidate, const char *sdp_mid,
                              gint sdp_m_line_index, const char *username_fragment);
char *message_build_bye(const char *target_id);
char *message_build_heartbeat(void);

/* What the server sends.  Each returns a new string. */
char *message_build_register_success(const char *client_id, const MessageIceServer *servers,
                                     gsize n_servers, guint heartbeat_s, guint expires_s);
char *message_build_peer_not_found(const char *target_name);
char *message_build_heartbeat_ack(void);

/* @ref and @target_id may be NULL. */
char *message_build_error(MessageErrorCode code, const char *text, const char *ref,
                          const char *target_id);

/* The `peer_info` of a `register` message, as JSON text: all its fields but type, token and ref,
 * and the client_id that the server gave.  Takes @registration's tree apart. */
char *message_take_peer_info(Message *registration, const char *client_id);

/* Messages about a peer whose @peer_info came from message_take_peer_info(). */
char *message_build_peer_found(const char *peer_info);
char *message_build_peer_joined(const char *peer_info, gboolean present);
char *message_build_peer_left(const char *peer_info);

/* The message as its target gets it: target_id gone, from_id set (whatever the sender wrote there),
 * the type spelt our way, all else untouched; numbers as a double holds them.  Takes @message's
 * tree apart. */
char *message_take_relayed(Message *message, const char *from_id);
