/* Owns the names and parameters of PierceSignalingClient's signals.  Never changes the client. */
#include "signaling/client-signals.h"

#define MAX_PARAMETERS 5

static const struct {
    const char *name;
    guint n_parameters;
    GType parameters[MAX_PARAMETERS];
} definitions[] = {
    { "registered", 1, { G_TYPE_STRING } },
    { "peer-found", 2, { G_TYPE_STRING, G_TYPE_STRING } },
    { "peer-not-found", 1, { G_TYPE_STRING } },
    { "peer-joined", 3, { G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN } },
    { "peer-left", 2, { G_TYPE_STRING, G_TYPE_STRING } },
    { "peer-unknown", 1, { G_TYPE_STRING } },
    { "description", 3, { G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING } },
    { "candidate", 5, { G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_INT, G_TYPE_STRING } },
    { "bye", 1, { G_TYPE_STRING } },
};

/* Their one parameter is a #GError, whose type is not a constant. */
static const char *const error_signals[] = { "disconnected", "error" };

void
client_signals_install(GType type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(definitions); i++) {
        GType parameters[MAX_PARAMETERS];
        for (guint j = 0; j < definitions[i].n_parameters; j++)
            parameters[j] = definitions[i].parameters[j];
        g_signal_newv(definitions[i].name, type, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL,
                      G_TYPE_NONE, definitions[i].n_parameters, parameters);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(error_signals); i++)
        g_signal_new(error_signals[i], type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                     G_TYPE_ERROR);
}

static void
emit_error(PierceSignalingClient *client, const char *signal, PierceSignalingError code,
           const char *text)
{
    g_autoptr(GError) error = g_error_new_literal(PIERCE_SIGNALING_ERROR, (gint) code, text);

    g_signal_emit_by_name(client, signal, error);
}

void
client_emit_registered(PierceSignalingClient *client, const char *client_id)
{
    g_signal_emit_by_name(client, "registered", client_id);
}

void
client_emit_disconnected(PierceSignalingClient *client, const char *text)
{
    emit_error(client, "disconnected", PIERCE_SIGNALING_ERROR_CONNECT, text);
}

void
client_emit_error(PierceSignalingClient *client, PierceSignalingError code, const char *text)
{
    emit_error(client, "error", code, text);
}

void
client_emit_peer_unknown(PierceSignalingClient *client, const char *client_id)
{
    g_signal_emit_by_name(client, "peer-unknown", client_id);
}

void
client_emit_message(PierceSignalingClient *client, const Message *message)
{
    const char *name = message->peer_name ? message->peer_name : "";

    switch (message->type) {
    case MESSAGE_PEER_FOUND:
        g_signal_emit_by_name(client, "peer-found", message->client_id, name);
        return;
    case MESSAGE_PEER_NOT_FOUND:
        g_signal_emit_by_name(client, "peer-not-found", message->target_name);
        return;
    case MESSAGE_PEER_JOINED:
        g_signal_emit_by_name(client, "peer-joined", message->client_id, name, message->present);
        return;
    case MESSAGE_PEER_LEFT:
        g_signal_emit_by_name(client, "peer-left", message->client_id, name);
        return;
    case MESSAGE_OFFER:
        g_signal_emit_by_name(client, "description", message->from_id, "offer", message->sdp);
        return;
    case MESSAGE_ANSWER:
        g_signal_emit_by_name(client, "description", message->from_id, "answer", message->sdp);
        return;
    case MESSAGE_ICE_CANDIDATE:
        g_signal_emit_by_name(client, "candidate", message->from_id, message->candidate,
                              message->sdp_mid, message->sdp_m_line_index,
                              message->username_fragment);
        return;
    case MESSAGE_BYE:
        g_signal_emit_by_name(client, "bye", message->from_id);
        return;
    case MESSAGE_REGISTER_SUCCESS:
    case MESSAGE_ERROR_REPLY:
    case MESSAGE_HEARTBEAT_ACK:
    case MESSAGE_HEARTBEAT:
    case MESSAGE_REGISTER:
    case MESSAGE_FIND_PEER:
    case MESSAGE_UNKNOWN:
        return;
    }
}
