/* A network of the test's own: a fresh namespace whose only way out is a veth pair that leads
 * nowhere. */
#pragma once

#include <glib.h>

/* Moves the process into a new network namespace with 192.0.2.1/24 and 2001:db8::1/64 on one end of
 * a veth pair.  FALSE with @why set where that is not allowed; the test then skips. */
gboolean netns_enter(const char **why);

/* Runs one ip(8) command there, without "ip"; fails the test where it fails. */
void netns_ip(const char *arguments);
