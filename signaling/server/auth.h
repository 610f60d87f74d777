/* Who may register: a list of tokens, or everybody where there is none. */
#pragma once

#include <glib.h>

typedef struct Auth Auth;

/* @tokens: separated by commas, blanks or line ends, may be NULL.  Lines starting with `#` are
 * comments. */
Auth *auth_new(const char *tokens);
void auth_free(Auth *auth);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Auth, auth_free)

/* Whether tokens are asked for at all. */
gboolean auth_is_on(const Auth *auth);

/* Whether @token, which may be NULL, lets its bearer in.  The time that this takes tells nothing
 * about the tokens. */
gboolean auth_check(const Auth *auth, const char *token);
