/* Owns the rules of the signalling dialect's server side, docs/signaling-protocol.md: who is told
 * what.  Never sends; never keeps a peer, that is the registry's. */
#include "signaling/server/router.h"

#include "signaling/server/ws-frame.h"

#include <string.h>

struct Router {
    RouterConfig config;
    RouterCounts counts;
};

/* One message on its way through. */
typedef struct {
    Router *router;
    char *client_id;
    Message *message;
    gint64 now_us;
    GArray *deliveries;
} Step;

/* A peer's news for its room. */
typedef struct {
    const char *except_id;
    GBytes *text;
    GArray *deliveries;
} Broadcast;

static void
clear_delivery(gpointer data)
{
    Delivery *delivery = data;

    g_ref_string_release(delivery->client_id);
    g_bytes_unref(delivery->text);
}

GArray *
router_new_deliveries(void)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(Delivery));

    g_array_set_clear_func(list, clear_delivery);
    return list;
}

static void
deliver_bytes(GArray *deliveries, const char *client_id, GBytes *text)
{
    Delivery delivery = { .client_id = g_ref_string_acquire((char *) client_id),
                          .text = g_bytes_ref(text) };

    g_array_append_val(deliveries, delivery);
}

/* Takes @text. */
static void
deliver(GArray *deliveries, const char *client_id, char *text)
{
    g_autoptr(GBytes) bytes = g_bytes_new_take(text, strlen(text));

    deliver_bytes(deliveries, client_id, bytes);
}

static void
refuse(const Step *step, MessageErrorCode code, const char *text)
{
    const Message *message = step->message;
    const char *ref = message->ref;

    if (!ref && message->type != MESSAGE_UNKNOWN)
        ref = message->type_name;
    step->router->counts.n_refused++;
    deliver(step->deliveries, step->client_id,
            message_build_error(code, text, ref, message->target_id));
}

static void
end_connection(const Step *step, guint16 code, const char *reason)
{
    Delivery *last = &g_array_index(step->deliveries, Delivery, step->deliveries->len - 1);

    last->close_code = code;
    last->close_reason = reason;
}

static void
tell_member(const RegistryEntry *member, gpointer data)
{
    Broadcast *broadcast = data;

    if (strcmp(member->client_id, broadcast->except_id) != 0)
        deliver_bytes(broadcast->deliveries, member->client_id, broadcast->text);
}

/* Takes @text. */
static void
tell_room(Registry *registry, const RegistryEntry *about, char *text, GArray *deliveries)
{
    g_autoptr(GBytes) bytes = g_bytes_new_take(text, strlen(text));
    Broadcast broadcast = { .except_id = about->client_id,
                            .text = bytes,
                            .deliveries = deliveries };

    if (about->room)
        registry->funcs->foreach_in_room(registry, about->room, tell_member, &broadcast);
}

static void
tell_newcomer(const RegistryEntry *member, gpointer data)
{
    const Step *step = data;

    if (strcmp(member->client_id, step->client_id) != 0)
        deliver(step->deliveries, step->client_id,
                message_build_peer_joined(member->peer_info, TRUE));
}

static void
welcome(const Step *step, const RegistryEntry *entry)
{
    const RouterConfig *config = &step->router->config;
    Registry *registry = config->registry;
    g_autoptr(GArray) servers = g_array_new(FALSE, FALSE, sizeof(MessageIceServer));
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);

    if (config->ice_servers)
        config->ice_servers(step->client_id, servers, strings, config->ice_servers_data);
    deliver(step->deliveries, step->client_id,
            message_build_register_success(step->client_id, (MessageIceServer *) servers->data,
                                           servers->len, config->heartbeat_s, config->expires_s));
    if (!entry->room)
        return;
    registry->funcs->foreach_in_room(registry, entry->room, tell_newcomer, (gpointer) step);
    tell_room(registry, entry, message_build_peer_joined(entry->peer_info, FALSE),
              step->deliveries);
}

static void
on_register(const Step *step)
{
    const RouterConfig *config = &step->router->config;
    Registry *registry = config->registry;
    g_autofree char *name = g_strdup(step->message->peer_name);
    g_autofree char *room = g_strdup(step->message->room);

    if (registry->funcs->find(registry, step->client_id)) {
        refuse(step, MESSAGE_ERROR_ALREADY_REGISTERED,
               "this connection is registered; open another one for another name");
        return;
    }
    if (!auth_check(config->auth, step->message->token)) {
        refuse(step, MESSAGE_ERROR_UNAUTHORIZED, "this server asks for a token that it knows");
        end_connection(step, WS_CLOSE_POLICY, "unauthorized");
        return;
    }
    g_autofree char *ref = g_strdup(step->message->ref);
    g_autofree char *info = message_take_peer_info(step->message, step->client_id);
    step->message->type = MESSAGE_REGISTER; /* for a refusal */
    step->message->type_name = "register";
    step->message->ref = ref;
    if (strlen(info) > config->max_info_bytes) {
        g_autofree char *text = g_strdup_printf("the registration's fields have %" G_GSIZE_FORMAT
                                                " bytes, at most %" G_GSIZE_FORMAT " are allowed",
                                                strlen(info), config->max_info_bytes);
        refuse(step, MESSAGE_ERROR_TOO_LARGE, text);
        return;
    }

    RegistryEntry entry = { step->client_id, name, room, info };
    switch (registry->funcs->add(registry, &entry, step->now_us)) {
    case REGISTRY_ADDED:
        welcome(step, &entry);
        return;
    case REGISTRY_FULL:
        refuse(step, MESSAGE_ERROR_SERVER_FULL, "the server has as many peers as it takes");
        return;
    case REGISTRY_ROOM_FULL:
        refuse(step, MESSAGE_ERROR_ROOM_FULL, "the room has as many peers as it takes");
        return;
    }
}

static void
on_find_peer(const Step *step)
{
    Registry *registry = step->router->config.registry;
    const char *name = step->message->target_name;
    const RegistryEntry *found = registry->funcs->find_by_name(registry, name, step->client_id);

    deliver(step->deliveries, step->client_id,
            found ? message_build_peer_found(found->peer_info)
                  : message_build_peer_not_found(name));
}

static void
on_relayed(const Step *step)
{
    Registry *registry = step->router->config.registry;
    const RegistryEntry *target = registry->funcs->find(registry, step->message->target_id);

    if (!target) {
        refuse(step, MESSAGE_ERROR_UNKNOWN_TARGET, "no peer of that target_id is registered");
        return;
    }
    step->router->counts.n_relayed++;
    deliver(step->deliveries, target->client_id,
            message_take_relayed(step->message, step->client_id));
}

static void
on_message(const Step *step)
{
    Registry *registry = step->router->config.registry;

    if (step->message->type == MESSAGE_REGISTER) {
        on_register(step);
        return;
    }
    if (!registry->funcs->find(registry, step->client_id)) {
        refuse(step, MESSAGE_ERROR_NOT_REGISTERED, "send register first");
        return;
    }
    registry->funcs->touch(registry, step->client_id, step->now_us);
    if (step->message->type == MESSAGE_FIND_PEER)
        on_find_peer(step);
    else if (step->message->type == MESSAGE_HEARTBEAT)
        deliver(step->deliveries, step->client_id, message_build_heartbeat_ack());
    else
        on_relayed(step);
}

void
router_receive(Router *router, char *client_id, const char *text, gsize size, gint64 now_us,
               GArray *deliveries)
{
    g_auto(Message) message = { 0 };
    g_autoptr(GError) error = NULL;
    Step step = { router, client_id, &message, now_us, deliveries };

    router->counts.n_messages++;
    if (message_parse(&message, MESSAGE_TO_SERVER, text, size, &router->config.message_limits,
                      &error)) {
        on_message(&step);
        return;
    }
    refuse(&step, (MessageErrorCode) error->code, error->message);
    if (error->code == MESSAGE_ERROR_NOT_UTF8) /* RFC 6455 section 8.1 */
        end_connection(&step, WS_CLOSE_NOT_UTF8, "not UTF-8");
}

static void
tell_of_leaving(const RegistryEntry *entry, gpointer data)
{
    const Step *step = data;

    tell_room(step->router->config.registry, entry, message_build_peer_left(entry->peer_info),
              step->deliveries);
}

void
router_disconnected(Router *router, char *client_id, GArray *deliveries)
{
    Registry *registry = router->config.registry;
    Step step = { .router = router, .client_id = client_id, .deliveries = deliveries };

    registry->funcs->remove(registry, client_id, tell_of_leaving, &step);
}

static void
on_expired(const RegistryEntry *entry, gpointer data)
{
    const Step *step = data;

    deliver(step->deliveries, entry->client_id,
            message_build_error(MESSAGE_ERROR_EXPIRED,
                                "no sign of life for too long: register again", NULL, NULL));
    tell_of_leaving(entry, data);
}

void
router_expire(Router *router, gint64 now_us, GArray *deliveries)
{
    Registry *registry = router->config.registry;
    Step step = { .router = router, .deliveries = deliveries };

    registry->funcs->expire(registry, now_us, on_expired, &step);
}

void
router_refuse(Router *router, char *client_id, MessageErrorCode code, const char *text,
              guint16 close_code, GArray *deliveries)
{
    Message none = { 0 };
    Step step = { router, client_id, &none, 0, deliveries };

    refuse(&step, code, text);
    if (close_code != 0)
        end_connection(&step, close_code, message_error_name(code));
}

const RouterCounts *
router_get_counts(const Router *router)
{
    return &router->counts;
}

Router *
router_new(const RouterConfig *config)
{
    Router *router = g_new0(Router, 1);

    router->config = *config;
    return router;
}

void
router_free(Router *router)
{
    g_free(router);
}
