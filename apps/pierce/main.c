/* Owns the table of subcommands. */
#include "commands.h"
#include "options.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    { "bench", command_bench, "measure how fast data channels to a peer are" },
    { "chat", command_chat, "talk with a peer, or with everyone in a room" },
    { "echo", command_echo, "send back whatever peers send" },
    { "ping", command_ping, "measure round trips to a peer that echoes" },
};

static void
print_help(void)
{
    printf(
        "Usage: pierce COMMAND [OPTION...]\n"
        "\n"
        "Connects to peers, native programs and browsers, directly wherever the networks between\n"
        "allow it.  A server (pierced) introduces the peers to each other; what they say does not\n"
        "pass through it, and open connections outlive it.\n"
        "\n"
        "Commands:\n");
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        printf("  %-8s %s\n", commands[i].name, commands[i].summary);
    printf(
        "\n"
        "Try it on one machine, in three terminals:\n"
        "  pierced\n"
        "  pierce chat --name ann --room lobby\n"
        "  pierce chat --name bob --room lobby\n"
        "\n"
        "or open the address that pierced prints in a browser.\n"
        "\n"
        "\"pierce COMMAND --help\" tells more.  Each option may also come from the environment:\n"
        "--server from PIERCE_SERVER, --relay-only from PIERCE_RELAY_ONLY=1, and so on.  Secrets\n"
        "come from there (PIERCE_TOKEN, PIERCE_TURN_USERNAME, PIERCE_TURN_CREDENTIAL) or from\n"
        "files, never from the command line.\n"
        "\n"
        "Exit codes: 0 ok, 1 could not connect, 2 wrong usage.\n");
}

int
main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    /* Standard output belongs to events and messages. */
    g_log_writer_default_set_use_stderr(TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help();
        return EXIT_OK;
    }
    if (strcmp(name, "--version") == 0) {
        printf("pierce %s\n", PIERCE_VERSION);
        return EXIT_OK;
    }
    if (*name)
        fprintf(stderr, "pierce: there is no command \"%s\"; try \"pierce --help\"\n", name);
    else
        fprintf(stderr, "pierce: which command?  Try \"pierce --help\"\n");
    return EXIT_USAGE;
}
