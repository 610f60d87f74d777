/* Credentials for a TURN server that shares a secret with us: coturn's `use-auth-secret`, the TURN
 * REST API of draft-uberti-behave-turn-rest-00 section 2.2. */
#pragma once

#include <glib.h>

/* `<when it ends, in Unix time>:<client_id>` */
char *turn_credential_username(const char *client_id, gint64 now_unix_s, guint ttl_s);

/* The password that goes with @username. */
char *turn_credential_password(const char *secret, const char *username);
