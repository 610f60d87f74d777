/* Needs root.  Uses ip(8), so that nothing of netlink has to be spoken here.  The interface is not
 * called veth0 because libnice leaves out interfaces of such names. */
#include "tests/support/netns.h"

#include <gio/gio.h>
#include <sched.h>

static const char *const commands[] = {
    "link set lo up",
    "link add eth0 type veth peer name eth1",
    "address add 192.0.2.1/24 dev eth0",
    "-6 address add 2001:db8::1/64 dev eth0 nodad",
    "link set eth0 up",
    "link set eth1 up",
    "route add 224.0.0.0/4 dev eth0",
};

static gboolean
run_ip(const char *arguments)
{
    g_autofree char *command = g_strconcat("ip ", arguments, NULL);
    gint status = -1;
    return g_spawn_command_line_sync(command, NULL, NULL, &status, NULL) &&
           g_spawn_check_wait_status(status, NULL);
}

void
netns_ip(const char *arguments)
{
    g_assert_true(run_ip(arguments));
}

gboolean
netns_enter(const char **why)
{
    if (unshare(CLONE_NEWNET) != 0) {
        *why = "needs root, to make a network namespace";
        return FALSE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (!run_ip(commands[i])) {
            *why = "ip(8) could not set the namespace up";
            return FALSE;
        }
    }
    return TRUE;
}
