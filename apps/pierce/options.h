/* What the peer commands are told, on the command line and by the environment. */
#pragma once

#include "bench-message.h"

#include <glib.h>

/* Exit codes: a contract with scripts. */
typedef enum {
    EXIT_OK = 0,
    EXIT_NOT_CONNECTED = 1,
    EXIT_USAGE = 2,
} ExitCode;

typedef struct {
    char *server;
    char *name;
    char *to;
    char *room;
    char *token; /* secret */
    char **stun;
    char **turn;
    char *turn_username;
    char *turn_credential; /* secret */
    gboolean relay_only, no_relay;
    gboolean json;
    gboolean stay;
    int timeout_s;
    int count;       /* 0 for no end */
    int interval_ms; /* 0: as soon as the last is answered */
    int size_bytes;
    gboolean listen;
    gboolean no_ping;
    BenchParameters bench;
    gboolean is_bench_set; /* by the command line */
} Options;

/* The options that only some commands take. */
typedef enum {
    OPTION_TO = 1 << 0,
    OPTION_ROOM = 1 << 1,
    OPTION_STAY = 1 << 2,
    OPTION_PING = 1 << 3,
    OPTION_BENCH = 1 << 4,
} OptionSet;

typedef struct {
    const char *name;
    const char *parameters; /* for the first line of the help */
    const char *summary;
    const char *examples;
    OptionSet options;
} CommandHelp;

/* Parses @argv, whose first is the command's name.  FALSE after a usage error was told on standard
 * error.  Ends the program after --help. */
gboolean options_parse(Options *self, const CommandHelp *help, int argc, char **argv);

void options_clear(Options *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)
