/* The signals of PierceSignalingClient, and which message of the server becomes which. */
#pragma once

#include "signaling/client.h"
#include "signaling/message.h"

G_BEGIN_DECLS

void client_signals_install(GType type);

void client_emit_registered(PierceSignalingClient *client, const char *client_id);
void client_emit_disconnected(PierceSignalingClient *client, const char *text);
void client_emit_error(PierceSignalingClient *client, PierceSignalingError code, const char *text);

/* What other peers said, and news of them; registrations and errors are not among it. */
void client_emit_message(PierceSignalingClient *client, const Message *message);

/* The server could not deliver to @client_id. */
void client_emit_peer_unknown(PierceSignalingClient *client, const char *client_id);

G_END_DECLS
