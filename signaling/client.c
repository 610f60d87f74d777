/* Owns a peer's registration at the server: when to connect is client-state's decision, how is
 * ws-client's, what the text means is message's.  Never knows about peer connections. */
#include "signaling/client.h"

#include "signaling/client-signals.h"
#include "signaling/client-state.h"
#include "signaling/message.h"
#include "signaling/outbox.h"
#include "signaling/ws-client.h"

#include <string.h>

/* How long a goodbye may take on its way out. */
#define GOODBYE_MS 1000
#define MAX_NAME_BYTES 128

static const MessageLimits limits = {
    .max_bytes = WS_CLIENT_MAX_MESSAGE,
    .max_depth = 16,
    .max_name_bytes = MAX_NAME_BYTES,
};

struct _PierceSignalingClient {
    GObject parent_instance;
    WsClient *ws;
    GMainContext *context;
    ClientState machine;
    gboolean is_leaving; /* closed, but the goodbye is still on its way */
    PierceSignalingClientState notified_state;
    char *peer_name, *room, *token;
    Message registration; /* the last register_success: our id, and the ICE servers */
    Outbox outbox;
    GSource *timer;        /* for the machine's deadline, or the goodbye */
    GSource *outbox_timer; /* for more credit */
};

enum { PROP_STATE = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(PierceSignalingClient, pierce_signaling_client, G_TYPE_OBJECT)

static void advance(PierceSignalingClient *self, ClientEvent event, const GError *reason);
static gboolean on_more_credit(gpointer user_data);

static void
stop_source(GSource **source)
{
    if (*source)
        g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static void
start_source(PierceSignalingClient *self, GSource **source, const char *name, gint64 delay_us,
             GSourceFunc func)
{
    gint64 delay_ms = CLAMP((delay_us + 999) / 1000, 0, G_MAXINT);

    stop_source(source);
    *source = g_timeout_source_new((guint) delay_ms);
    g_source_set_static_name(*source, name);
    g_source_set_callback(*source, func, self, NULL);
    g_source_attach(*source, self->context);
}

static gboolean
on_deadline(gpointer user_data)
{
    PierceSignalingClient *self = user_data;

    stop_source(&self->timer);
    advance(self, CLIENT_EVENT_TICK, NULL);
    return G_SOURCE_REMOVE;
}

static void
notify_state(PierceSignalingClient *self)
{
    PierceSignalingClientState state = pierce_signaling_client_get_state(self);

    if (state == self->notified_state)
        return;
    g_info("%s: signalling is %d, was %d", self->peer_name, state, self->notified_state);
    self->notified_state = state;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_STATE]);
}

static void
emit_disconnected(PierceSignalingClient *self, ClientAction action, const GError *reason)
{
    g_autofree char *silent = g_strdup_printf("%s does not answer; is pierced running there?",
                                              ws_client_get_url(self->ws));

    client_emit_disconnected(self,
                             action == CLIENT_ACTION_DROP || !reason ? silent : reason->message);
}

/* The only place that changes the machine.  Emits last. */
static void
advance(PierceSignalingClient *self, ClientEvent event, const GError *reason)
{
    G_GNUC_UNUSED g_autoptr(PierceSignalingClient) alive = g_object_ref(self);
    ClientPhase before = self->machine.phase;
    gint64 now_us = g_get_monotonic_time();
    ClientAction action = client_state_handle(&self->machine, event, now_us, g_random_int());

    switch (action) {
    case CLIENT_ACTION_NONE:
        break;
    case CLIENT_ACTION_CONNECT:
        ws_client_connect(self->ws);
        break;
    case CLIENT_ACTION_REGISTER: {
        g_autofree char *text = message_build_register(self->peer_name, self->room, self->token);
        ws_client_send(self->ws, text);
        break;
    }
    case CLIENT_ACTION_HEARTBEAT: {
        g_autofree char *text = message_build_heartbeat();
        ws_client_send(self->ws, text);
        break;
    }
    case CLIENT_ACTION_DROP:
        ws_client_drop(self->ws);
        break;
    }

    stop_source(&self->timer);
    if (self->machine.deadline_us != CLIENT_STATE_NEVER)
        start_source(self, &self->timer, "pierce signalling deadline",
                     self->machine.deadline_us - now_us, on_deadline);
    if (self->machine.phase != CLIENT_PHASE_REGISTERED)
        stop_source(&self->outbox_timer);
    notify_state(self);
    if (self->machine.phase == CLIENT_PHASE_WAITING && before != CLIENT_PHASE_WAITING)
        emit_disconnected(self, action, reason);
}

static gboolean on_more_credit(gpointer user_data);

static void
flush_outbox(PierceSignalingClient *self)
{
    gint64 now_us = g_get_monotonic_time();

    if (self->machine.phase != CLIENT_PHASE_REGISTERED)
        return;
    for (char *text; (text = outbox_pop(&self->outbox, now_us)); g_free(text))
        ws_client_send(self->ws, text);
    if (outbox_next_us(&self->outbox) != G_MAXINT64 && !self->outbox_timer)
        start_source(self, &self->outbox_timer, "pierce signalling outbox",
                     outbox_next_us(&self->outbox) - now_us, on_more_credit);
}

static gboolean
on_more_credit(gpointer user_data)
{
    PierceSignalingClient *self = user_data;

    stop_source(&self->outbox_timer);
    flush_outbox(self);
    return G_SOURCE_REMOVE;
}

/* Takes @text. */
static void
send_text(PierceSignalingClient *self, char *text)
{
    if (self->machine.phase == CLIENT_PHASE_CLOSED) {
        g_free(text);
        return;
    }
    if (!outbox_push(&self->outbox, text))
        g_message("%s: %d messages wait for the signalling server already, one is dropped",
                  self->peer_name, OUTBOX_MAX_QUEUED);
    flush_outbox(self);
}

static void
take_registration(PierceSignalingClient *self, Message *message)
{
    message_clear(&self->registration);
    self->registration = *message;
    *message = (Message){ 0 }; /* handed over */
    message = &self->registration;
    if (message->heartbeat_s)
        client_state_set_heartbeat(&self->machine, message->heartbeat_s * G_TIME_SPAN_SECOND);
    advance(self, CLIENT_EVENT_REGISTERED, NULL);
    client_emit_registered(self, message->client_id);
    flush_outbox(self);
}

/* The server's `error`.  Before it registered us, it refuses the registration; later it may have
 * forgotten us, and then a new connection registers again. */
static void
take_error(PierceSignalingClient *self, const Message *message)
{
    const char *code = message->error_code ? message->error_code : "error";
    gboolean is_registered = self->machine.phase == CLIENT_PHASE_REGISTERED;
    gboolean is_target = strcmp(code, message_error_name(MESSAGE_ERROR_UNKNOWN_TARGET)) == 0;
    gboolean is_forgotten = strcmp(code, message_error_name(MESSAGE_ERROR_EXPIRED)) == 0 ||
                            strcmp(code, message_error_name(MESSAGE_ERROR_NOT_REGISTERED)) == 0;
    g_autofree char *text =
        g_strdup_printf("%s %s: %s (%s)", ws_client_get_url(self->ws),
                        is_registered ? "refused a message" : "refused the registration",
                        message->error_message ? message->error_message : "no reason given", code);

    if (is_registered && is_target && message->target_id)
        client_emit_peer_unknown(self, message->target_id);
    client_emit_error(
        self, is_target ? PIERCE_SIGNALING_ERROR_PEER_NOT_FOUND : PIERCE_SIGNALING_ERROR_REFUSED,
        text);
    if (is_registered && !is_forgotten)
        return;
    g_autoptr(GError) reason =
        g_error_new_literal(PIERCE_SIGNALING_ERROR, PIERCE_SIGNALING_ERROR_REFUSED, text);
    ws_client_drop(self->ws);
    advance(self, CLIENT_EVENT_LOST, reason);
}

static void
take_message(PierceSignalingClient *self, Message *message)
{
    if (message->type == MESSAGE_ERROR_REPLY)
        take_error(self, message);
    else if (message->type != MESSAGE_REGISTER_SUCCESS)
        client_emit_message(self, message);
    else if (self->machine.phase == CLIENT_PHASE_REGISTERING)
        take_registration(self, message);
}

static void
on_open(gpointer user_data)
{
    advance(user_data, CLIENT_EVENT_OPENED, NULL);
}

static void
on_text(const char *text, gsize size, gpointer user_data)
{
    g_autoptr(PierceSignalingClient) self = g_object_ref(user_data);
    g_autoptr(GError) error = NULL;
    g_auto(Message) message = { 0 };

    if (self->machine.phase == CLIENT_PHASE_CLOSED)
        return;
    advance(self, CLIENT_EVENT_ALIVE, NULL);
    if (message_parse(&message, MESSAGE_TO_CLIENT, text, size, &limits, &error)) {
        take_message(self, &message);
        return;
    }
    g_debug("%s: a message of the server is ignored: %s", self->peer_name, error->message);
    /* A newer server may say more than we know. */
    if (!g_error_matches(error, MESSAGE_ERROR, MESSAGE_ERROR_UNKNOWN_TYPE))
        client_emit_error(self, PIERCE_SIGNALING_ERROR_PROTOCOL, error->message);
}

static void
finish_leaving(PierceSignalingClient *self)
{
    stop_source(&self->timer);
    ws_client_drop(self->ws);
    self->is_leaving = FALSE;
    notify_state(self);
}

static gboolean
on_goodbye_timeout(gpointer user_data)
{
    finish_leaving(user_data);
    return G_SOURCE_REMOVE;
}

static void
on_closed(const GError *error, gpointer user_data)
{
    PierceSignalingClient *self = user_data;

    if (self->is_leaving)
        finish_leaving(self);
    else
        advance(self, CLIENT_EVENT_LOST, error);
}

static const WsClientEvents ws_events = {
    .on_open = on_open,
    .on_text = on_text,
    .on_closed = on_closed,
};

PierceSignalingClient *
pierce_signaling_client_new(const char *url, const char *peer_name, const char *room,
                            const char *token, GError **error)
{
    g_return_val_if_fail(url && peer_name, NULL);

    const char *bad_name = !message_is_name(peer_name, MAX_NAME_BYTES)      ? peer_name
                           : room && !message_is_name(room, MAX_NAME_BYTES) ? room
                                                                            : NULL;
    if (bad_name) {
        g_autofree char *shown =
            g_utf8_make_valid(bad_name, (gssize) strnlen(bad_name, MAX_NAME_BYTES));
        g_set_error(error, PIERCE_SIGNALING_ERROR, PIERCE_SIGNALING_ERROR_ADDRESS,
                    "\"%s\" cannot be the name of a peer or a room: 1 to %d bytes of UTF-8 without "
                    "control characters can",
                    shown, MAX_NAME_BYTES);
        return NULL;
    }
    g_autoptr(PierceSignalingClient) self = g_object_new(PIERCE_TYPE_SIGNALING_CLIENT, NULL);
    g_autoptr(GError) cause = NULL;
    self->ws = ws_client_new(url, &ws_events, self, &cause);
    if (!self->ws) {
        g_set_error_literal(error, PIERCE_SIGNALING_ERROR, PIERCE_SIGNALING_ERROR_ADDRESS,
                            cause->message);
        return NULL;
    }
    self->peer_name = g_strdup(peer_name);
    self->room = g_strdup(room);
    self->token = g_strdup(token);
    return g_steal_pointer(&self);
}

void
pierce_signaling_client_start(PierceSignalingClient *self)
{
    g_return_if_fail(PIERCE_IS_SIGNALING_CLIENT(self));
    advance(self, CLIENT_EVENT_START, NULL);
}

void
pierce_signaling_client_close(PierceSignalingClient *self)
{
    g_return_if_fail(PIERCE_IS_SIGNALING_CLIENT(self));
    if (self->machine.phase == CLIENT_PHASE_CLOSED)
        return;
    self->is_leaving = self->machine.phase == CLIENT_PHASE_REGISTERED;
    if (self->is_leaving) {
        /* The last messages matter more than the server's limit: they are goodbyes. */
        outbox_hurry(&self->outbox);
        flush_outbox(self);
        ws_client_close(self->ws);
    } else {
        ws_client_drop(self->ws);
    }
    advance(self, CLIENT_EVENT_CLOSE, NULL);
    if (self->is_leaving)
        start_source(self, &self->timer, "pierce signalling goodbye",
                     GOODBYE_MS * G_TIME_SPAN_MILLISECOND, on_goodbye_timeout);
}

PierceSignalingClientState
pierce_signaling_client_get_state(PierceSignalingClient *self)
{
    g_return_val_if_fail(PIERCE_IS_SIGNALING_CLIENT(self), PIERCE_SIGNALING_CLIENT_STATE_CLOSED);

    switch (self->machine.phase) {
    case CLIENT_PHASE_IDLE:
        return PIERCE_SIGNALING_CLIENT_STATE_IDLE;
    case CLIENT_PHASE_CONNECTING:
    case CLIENT_PHASE_REGISTERING:
    case CLIENT_PHASE_WAITING:
        return PIERCE_SIGNALING_CLIENT_STATE_CONNECTING;
    case CLIENT_PHASE_REGISTERED:
        return PIERCE_SIGNALING_CLIENT_STATE_REGISTERED;
    case CLIENT_PHASE_CLOSED:
        break;
    }
    return self->is_leaving ? PIERCE_SIGNALING_CLIENT_STATE_REGISTERED
                            : PIERCE_SIGNALING_CLIENT_STATE_CLOSED;
}

const char *
pierce_signaling_client_get_client_id(PierceSignalingClient *self)
{
    g_return_val_if_fail(PIERCE_IS_SIGNALING_CLIENT(self), NULL);
    return self->registration.client_id;
}

void
pierce_signaling_client_foreach_ice_server(PierceSignalingClient *self, PierceIceServerFunc func,
                                           gpointer user_data)
{
    g_return_if_fail(PIERCE_IS_SIGNALING_CLIENT(self) && func);
    const GArray *servers = self->registration.ice_servers;

    for (guint i = 0; servers && i < servers->len; i++) {
        const MessageIceServer *server = &g_array_index(servers, MessageIceServer, i);
        func(server->uri, server->username, server->credential, user_data);
    }
}

void
pierce_signaling_client_find_peer(PierceSignalingClient *self, const char *target_name)
{
    g_return_if_fail(PIERCE_IS_SIGNALING_CLIENT(self) && target_name);
    send_text(self, message_build_find_peer(target_name));
}

void
pierce_signaling_client_send_description(PierceSignalingClient *self, const char *client_id,
                                         const char *type, const char *sdp)
{
    g_return_if_fail(PIERCE_IS_SIGNALING_CLIENT(self) && client_id && type && sdp);
    send_text(self, message_build_description(client_id, type, sdp));
}

void
pierce_signaling_client_send_candidate(PierceSignalingClient *self, const char *client_id,
                                       const char *candidate, const char *sdp_mid,
                                       gint sdp_m_line_index, const char *username_fragment)
{
    g_return_if_fail(PIERCE_IS_SIGNALING_CLIENT(self) && client_id && candidate);
    send_text(self, message_build_candidate(client_id, candidate, sdp_mid, sdp_m_line_index,
                                            username_fragment));
}

void
pierce_signaling_client_send_bye(PierceSignalingClient *self, const char *client_id)
{
    g_return_if_fail(PIERCE_IS_SIGNALING_CLIENT(self) && client_id);
    send_text(self, message_build_bye(client_id));
}

static void
get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    if (id == PROP_STATE)
        g_value_set_enum(value,
                         (gint) pierce_signaling_client_get_state(PIERCE_SIGNALING_CLIENT(object)));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void
dispose(GObject *object)
{
    PierceSignalingClient *self = PIERCE_SIGNALING_CLIENT(object);

    stop_source(&self->timer);
    stop_source(&self->outbox_timer);
    g_clear_pointer(&self->ws, ws_client_free);
    G_OBJECT_CLASS(pierce_signaling_client_parent_class)->dispose(object);
}

static void
finalize(GObject *object)
{
    PierceSignalingClient *self = PIERCE_SIGNALING_CLIENT(object);

    outbox_clear(&self->outbox);
    message_clear(&self->registration);
    g_main_context_unref(self->context);
    g_free(self->peer_name);
    g_free(self->room);
    g_free(self->token);
    G_OBJECT_CLASS(pierce_signaling_client_parent_class)->finalize(object);
}

static void
pierce_signaling_client_init(PierceSignalingClient *self)
{
    self->context = g_main_context_ref_thread_default();
    client_state_init(&self->machine);
    outbox_init(&self->outbox, g_get_monotonic_time());
}

static void
pierce_signaling_client_class_init(PierceSignalingClientClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->get_property = get_property;
    object_class->dispose = dispose;
    object_class->finalize = finalize;

    properties[PROP_STATE] = g_param_spec_enum(
        "state", NULL, NULL, PIERCE_TYPE_SIGNALING_CLIENT_STATE, PIERCE_SIGNALING_CLIENT_STATE_IDLE,
        G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);

    client_signals_install(PIERCE_TYPE_SIGNALING_CLIENT);
}
