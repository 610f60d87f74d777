/* Owns the process: options, signals, what is printed.  Everything else is signaling/server's. */
#include "apps/pierced/options.h"
#include "signaling/server/server.h"

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum {
    EXIT_LISTEN = 1,
    EXIT_USAGE = 2,
};

typedef struct {
    GMainLoop *loop;
    Server *server;
} Process;

/* Each client is a descriptor: take as many as we may have. */
static void
raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void
on_drained(gpointer data)
{
    g_main_loop_quit(((Process *) data)->loop);
}

static gboolean
on_signal(gpointer data)
{
    Process *process = data;

    g_message("draining: no new connections, telling the clients");
    server_drain(process->server, on_drained, process);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_hang_up(gpointer data)
{
    g_autoptr(GError) error = NULL;

    if (server_reload_certificate(((Process *) data)->server, &error))
        g_message("the certificate was read anew");
    else
        g_warning("%s", error->message);
    return G_SOURCE_CONTINUE;
}

static void
announce(const Server *server, gboolean json)
{
    const char *url = server_get_url(server), *ws = server_get_ws_url(server);

    if (json)
        printf("{\"event\":\"listening\",\"url\":\"%s\",\"ws\":\"%s\"}\n", url, ws);
    else
        printf("pierced %s: the page is at %s, signalling at %s\n", PIERCE_VERSION, url, ws);
    fflush(stdout);
}

static int
run(const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Server) server = server_new(&options->config, &error);

    if (!server) {
        fprintf(stderr, "pierced: %s\n", error->message);
        return error->code == SERVER_ERROR_USAGE ? EXIT_USAGE : EXIT_LISTEN;
    }
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Process process = { loop, server };
    guint on_term = g_unix_signal_add(SIGTERM, on_signal, &process);
    guint on_int = g_unix_signal_add(SIGINT, on_signal, &process);
    guint on_hup = g_unix_signal_add(SIGHUP, on_hang_up, &process);
    announce(server, options->json);
    g_main_loop_run(loop);
    g_source_remove(on_term);
    g_source_remove(on_int);
    g_source_remove(on_hup);
    return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
    g_auto(Options) options = { 0 };
    g_autoptr(GError) error = NULL;

    if (!options_parse(&options, argc, argv, &error)) {
        fprintf(stderr, "pierced: %s\nTry pierced --help.\n", error->message);
        return EXIT_USAGE;
    }
    if (options.version) {
        printf("pierced %s\n", PIERCE_VERSION);
        return EXIT_SUCCESS;
    }
    raise_descriptor_limit();
    return run(&options);
}
