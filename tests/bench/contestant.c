/* Knows where install-peers puts things, and looks nowhere else. */
#include "tests/bench/contestant.h"

#define HERE PIERCE_BENCH_DIRECTORY "/"
#define NODE_PEER HERE "peers/node/peer.mjs"
#define PION_PEER HERE "peers/pion/pion-peer"

static const struct {
    const char *name;
    const char *needs; /* the file that is there once it is installed */
    const char *arguments[4];
} known[] = {
    { "pierce", "/proc/self/exe", { "/proc/self/exe", "--as-peer" } },
    { "node-datachannel",
      HERE "node_modules/node-datachannel/package.json",
      { "node", NODE_PEER, "node-datachannel" } },
    { "wrtc", HERE "node_modules/@roamhq/wrtc/package.json", { "node", NODE_PEER, "wrtc" } },
    { "pion", PION_PEER, { PION_PEER } },
};

static void
contestant_free(gpointer data)
{
    Contestant *contestant = data;
    for (guint i = 0; contestant->arguments[i]; i++)
        g_free(contestant->arguments[i]);
    g_free(contestant->version);
    g_free(contestant);
}

static Contestant *
contestant_new(gsize index)
{
    Contestant *contestant = g_new0(Contestant, 1);
    contestant->name = known[index].name;
    for (guint i = 0; i < G_N_ELEMENTS(known[index].arguments); i++)
        contestant->arguments[i] = g_strdup(known[index].arguments[i]);
    return contestant;
}

static gboolean
check_names(char **names, GError **error)
{
    for (guint i = 0; names && names[i]; i++) {
        gboolean is_known = FALSE;
        for (gsize k = 0; k < G_N_ELEMENTS(known); k++)
            is_known |= g_str_equal(names[i], known[k].name);
        if (!is_known) {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                        "--peers: there is no \"%s\"; take pierce, node-datachannel, wrtc or pion",
                        names[i]);
            return FALSE;
        }
    }
    return TRUE;
}

GPtrArray *
contestants_find(const char *names, GPtrArray *missing, GError **error)
{
    g_auto(GStrv) wanted = names ? g_strsplit(names, ",", -1) : NULL;
    if (!check_names(wanted, error))
        return NULL;
    GPtrArray *found = g_ptr_array_new_with_free_func(contestant_free);
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (wanted && !g_strv_contains((const char *const *) wanted, known[i].name))
            continue;
        if (g_file_test(known[i].needs, G_FILE_TEST_EXISTS))
            g_ptr_array_add(found, contestant_new(i));
        else
            g_ptr_array_add(missing, g_strdup_printf("%s is not installed; "
                                                     "tests/bench/install-peers installs it",
                                                     known[i].name));
    }
    return found;
}
