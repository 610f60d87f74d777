/* Owns the options of the peer commands: their names, their defaults, the environment variables
 * that stand in for them, and the files that hold secrets, which are never arguments because other
 * users of a machine see those. */
#include "options.h"

#include <errno.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>

#define DEFAULT_SERVER "ws://localhost:8765/"
#define DEFAULT_TIMEOUT_S 30
#define DEFAULT_INTERVAL_MS 1000
#define DEFAULT_SIZE_BYTES 64
/* Room for the number and the time that find a ping's answer again. */
#define MIN_SIZE_BYTES 16
#define MAX_SIZE_BYTES 65536
#define DEFAULT_BENCH_SIZE_BYTES 65536
#define DEFAULT_BENCH_SECONDS 10
#define DEFAULT_BENCH_CHANNELS 1
#define MAX_RETRANSMITS 65535
#define MAX_SECRET_BYTES 4096
#define UNSET G_MININT
#define MAX_ENTRIES 24

/* What is parsed, before it is checked. */
typedef struct {
    Options *options;
    char *turn_credentials_file;
    char *token_file;
    char *interval;
    char *size;
    int seconds, channels, max_retransmits;
    GOptionEntry entries[MAX_ENTRIES];
    guint n_entries;
} Parser;

static gboolean
usage_error(const CommandHelp *help, const char *text)
{
    fprintf(stderr, "pierce %s: %s\nTry \"pierce %s --help\".\n", help->name, text, help->name);
    return FALSE;
}

static void
add(Parser *parser, GOptionEntry entry)
{
    g_assert(parser->n_entries < MAX_ENTRIES - 1);
    parser->entries[parser->n_entries++] = entry;
}

static void
add_common(Parser *parser)
{
    Options *o = parser->options;

    /* FILENAME takes the bytes as they are; STRING would convert them from the locale. */
    add(parser, (GOptionEntry){ "server", 's', 0, G_OPTION_ARG_FILENAME, &o->server,
                                "The signalling server (default " DEFAULT_SERVER ")", "URL" });
    add(parser, (GOptionEntry){ "name", 'n', 0, G_OPTION_ARG_FILENAME, &o->name,
                                "The name to register", "NAME" });
    add(parser, (GOptionEntry){ "stun", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->stun,
                                "A STUN server, stun:host[:port] (repeatable)", "URI" });
    add(parser, (GOptionEntry){ "turn", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->turn,
                                "A TURN server, turn:host[:port] (repeatable)", "URI" });
    add(parser, (GOptionEntry){
                    "turn-credentials", 0, 0, G_OPTION_ARG_FILENAME, &parser->turn_credentials_file,
                    "A file with two lines, the TURN servers' user name and password", "FILE" });
    add(parser, (GOptionEntry){ "token-file", 0, 0, G_OPTION_ARG_FILENAME, &parser->token_file,
                                "A file with the token that the server asks for", "FILE" });
    add(parser, (GOptionEntry){ "relay-only", 0, 0, G_OPTION_ARG_NONE, &o->relay_only,
                                "Connect through TURN servers only", NULL });
    add(parser, (GOptionEntry){ "no-relay", 0, 0, G_OPTION_ARG_NONE, &o->no_relay,
                                "Never connect through TURN servers", NULL });
    add(parser, (GOptionEntry){ "timeout", 't', 0, G_OPTION_ARG_INT, &o->timeout_s,
                                "How long to try to reach the server and the peer (default 30)",
                                "SECONDS" });
    add(parser, (GOptionEntry){ "json", 'j', 0, G_OPTION_ARG_NONE, &o->json,
                                "Print events, one JSON object a line", NULL });
}

static void
add_ping(Parser *parser)
{
    Options *o = parser->options;

    add(parser, (GOptionEntry){ "count", 'c', 0, G_OPTION_ARG_INT, &o->count,
                                "How many to send (default: until interrupted)", "N" });
    add(parser, (GOptionEntry){ "interval", 'i', 0, G_OPTION_ARG_STRING, &parser->interval,
                                "The time between two, 0 for as fast as they return (default 1)",
                                "SECONDS" });
    add(parser, (GOptionEntry){ "size", 0, 0, G_OPTION_ARG_STRING, &parser->size,
                                "The size of each message, 16 to 64k (default 64)", "BYTES" });
}

static void
add_bench(Parser *parser)
{
    BenchParameters *bench = &parser->options->bench;

    add(parser, (GOptionEntry){ "listen", 'l', 0, G_OPTION_ARG_NONE, &parser->options->listen,
                                "Serve callers, one after another", NULL });
    add(parser, (GOptionEntry){ "size", 0, 0, G_OPTION_ARG_STRING, &parser->size,
                                "The size of each message, 1 to 256k (default 64k)", "BYTES" });
    add(parser, (GOptionEntry){ "seconds", 0, 0, G_OPTION_ARG_INT, &parser->seconds,
                                "For how long to send, 1 to 3600 (default 10)", "SECONDS" });
    add(parser, (GOptionEntry){ "channels", 0, 0, G_OPTION_ARG_INT, &parser->channels,
                                "On how many channels at once, 1 to 64 (default 1)", "N" });
    add(parser, (GOptionEntry){ "reverse", 'R', 0, G_OPTION_ARG_NONE, &bench->is_reverse,
                                "The listener sends, and this end receives", NULL });
    add(parser, (GOptionEntry){ "unordered", 'u', 0, G_OPTION_ARG_NONE, &bench->is_unordered,
                                "Messages may arrive in any order", NULL });
    add(parser, (GOptionEntry){ "no-ping", 0, 0, G_OPTION_ARG_NONE, &parser->options->no_ping,
                                "Measure no round trips beside the load", NULL });
    add(parser, (GOptionEntry){ "max-retransmits", 0, 0, G_OPTION_ARG_INT, &parser->max_retransmits,
                                "Give a message up after this many losses (default: never)", "N" });
}

static void
add_special(Parser *parser, OptionSet set)
{
    Options *o = parser->options;

    if (set & OPTION_TO)
        add(parser, (GOptionEntry){ "to", 0, 0, G_OPTION_ARG_FILENAME, &o->to,
                                    "The name of the peer to connect to", "NAME" });
    if (set & OPTION_ROOM)
        add(parser, (GOptionEntry){ "room", 'r', 0, G_OPTION_ARG_FILENAME, &o->room,
                                    "The room to join", "ROOM" });
    if (set & OPTION_STAY)
        add(parser, (GOptionEntry){ "stay", 0, 0, G_OPTION_ARG_NONE, &o->stay,
                                    "Stay after the end of standard input", NULL });
    if (set & OPTION_PING)
        add_ping(parser);
    if (set & OPTION_BENCH)
        add_bench(parser);
}

/* --turn-credentials is PIERCE_TURN_CREDENTIALS. */
static char *
variable_name(const char *option)
{
    g_autofree char *upper = g_ascii_strup(option, -1);

    return g_strconcat("PIERCE_", g_strdelimit(upper, "-", '_'), NULL);
}

static gboolean
take_number(const char *text, int *value, const char *name, const CommandHelp *help)
{
    gint64 number;
    g_autofree char *problem = g_strdup_printf("%s is \"%s\", which is not a number", name, text);

    if (!g_ascii_string_to_signed(text, 10, 0, G_MAXINT, &number, NULL))
        return usage_error(help, problem);
    *value = (int) number;
    return TRUE;
}

/* What the command line did not say, the environment may. */
static gboolean
take_environment(Parser *parser, const CommandHelp *help)
{
    const Options *o = parser->options;
    gboolean has_target = o->to || o->room || o->listen;

    for (guint i = 0; i < parser->n_entries; i++) {
        const GOptionEntry *entry = &parser->entries[i];
        g_autofree char *name = variable_name(entry->long_name);
        const char *value = g_getenv(name);
        char **text = entry->arg_data, ***list = entry->arg_data;
        int *number = entry->arg_data;

        if (!value || !*value)
            continue;
        /* A --to on the command line outweighs PIERCE_ROOM, and the other way round. */
        if (has_target && (entry->arg_data == &o->to || entry->arg_data == &o->room ||
                           entry->arg_data == &o->listen))
            continue;
        if (entry->arg == G_OPTION_ARG_NONE)
            *number |= strcmp(value, "0") != 0;
        else if (entry->arg == G_OPTION_ARG_FILENAME_ARRAY && !*list)
            *list = g_strsplit_set(value, ", ", -1);
        else if (entry->arg == G_OPTION_ARG_INT && *number == UNSET &&
                 !take_number(value, number, name, help))
            return FALSE;
        else if ((entry->arg == G_OPTION_ARG_FILENAME || entry->arg == G_OPTION_ARG_STRING) &&
                 !*text)
            *text = g_strdup(value);
    }
    return TRUE;
}

/* Reads the lines of a file that holds a secret. */
static char **
read_secret(const char *path, const CommandHelp *help)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    struct stat info;
    gsize size;

    if (!g_file_get_contents(path, &text, &size, &error)) {
        usage_error(help, error->message);
        return NULL;
    }
    if (size > MAX_SECRET_BYTES || !g_utf8_validate_len(text, size, NULL)) {
        g_autofree char *problem =
            g_strdup_printf("%s is not a text file of up to %d bytes", path, MAX_SECRET_BYTES);
        usage_error(help, problem);
        return NULL;
    }
    if (stat(path, &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)))
        fprintf(stderr, "pierce: other users may read the secret in %s: chmod 600 %s\n", path,
                path);
    char **lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        g_strchomp(lines[i]);
    return lines;
}

static gboolean
take_secrets(Parser *parser, const CommandHelp *help)
{
    Options *o = parser->options;

    o->token = g_strdup(g_getenv("PIERCE_TOKEN"));
    o->turn_username = g_strdup(g_getenv("PIERCE_TURN_USERNAME"));
    o->turn_credential = g_strdup(g_getenv("PIERCE_TURN_CREDENTIAL"));
    if (parser->token_file) {
        g_auto(GStrv) lines = read_secret(parser->token_file, help);
        if (!lines)
            return FALSE;
        g_free(o->token);
        o->token = g_strdup(lines[0]);
    }
    if (parser->turn_credentials_file) {
        g_auto(GStrv) lines = read_secret(parser->turn_credentials_file, help);
        if (!lines)
            return FALSE;
        if (g_strv_length(lines) < 2)
            return usage_error(help, "the file of --turn-credentials needs two lines, the user "
                                     "name and the password");
        g_free(o->turn_username);
        g_free(o->turn_credential);
        o->turn_username = g_strdup(lines[0]);
        o->turn_credential = g_strdup(lines[1]);
    }
    if (o->turn && (!o->turn_username || !o->turn_credential))
        return usage_error(help, "--turn needs a user name and a password: set "
                                 "PIERCE_TURN_USERNAME and PIERCE_TURN_CREDENTIAL, or give "
                                 "--turn-credentials FILE");
    return TRUE;
}

static gboolean
take_interval(Parser *parser, const CommandHelp *help)
{
    char *end = NULL;

    parser->options->interval_ms = DEFAULT_INTERVAL_MS;
    if (!parser->interval)
        return TRUE;
    double seconds = g_ascii_strtod(parser->interval, &end);
    if (end == parser->interval || *end || !(seconds >= 0 && seconds <= 3600))
        return usage_error(help, "--interval takes 0 to 3600 seconds, for example 0.2");
    parser->options->interval_ms = (int) (seconds * 1000);
    return TRUE;
}

/* A number of bytes, or of KiB with a `k` behind it. */
static gboolean
take_size(Parser *parser, const CommandHelp *help)
{
    gboolean is_bench = (help->options & OPTION_BENCH) != 0;
    guint64 most = is_bench ? BENCH_MAX_SIZE_BYTES : MAX_SIZE_BYTES;
    guint64 least = is_bench ? 1 : MIN_SIZE_BYTES, size;
    char *end = NULL;

    parser->options->size_bytes = DEFAULT_SIZE_BYTES;
    parser->options->bench.size_bytes = DEFAULT_BENCH_SIZE_BYTES;
    if (!parser->size)
        return TRUE;
    size = g_ascii_strtoull(parser->size, &end, 10);
    if (end != parser->size && (*end == 'k' || *end == 'K') && size <= most) {
        size *= 1024;
        end++;
    }
    if (!g_ascii_isdigit(*parser->size) || *end || size < least || size > most) {
        g_autofree char *problem =
            g_strdup_printf("--size is \"%s\"; it takes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                            " bytes, for example 1000 or 16k",
                            parser->size, least, most);
        return usage_error(help, problem);
    }
    parser->options->size_bytes = (int) size;
    parser->options->bench.size_bytes = (guint) size;
    return TRUE;
}

static gboolean
take_bench(Parser *parser, const CommandHelp *help)
{
    BenchParameters *bench = &parser->options->bench;
    int seconds = parser->seconds == UNSET ? DEFAULT_BENCH_SECONDS : parser->seconds;
    int channels = parser->channels == UNSET ? DEFAULT_BENCH_CHANNELS : parser->channels;
    int retransmits = parser->max_retransmits;

    if (seconds < 1 || seconds > BENCH_MAX_SECONDS)
        return usage_error(help, "--seconds takes 1 to 3600");
    if (channels < 1 || channels > BENCH_MAX_CHANNELS)
        return usage_error(help, "--channels takes 1 to 64");
    if (retransmits != UNSET && (retransmits < 0 || retransmits > MAX_RETRANSMITS))
        return usage_error(help, "--max-retransmits takes 0 to 65535");
    if (parser->options->listen && parser->options->to)
        return usage_error(help, "--listen and --to exclude each other");
    bench->seconds = (guint) seconds;
    bench->channels = (guint) channels;
    bench->max_retransmits = retransmits == UNSET ? -1 : retransmits;
    return TRUE;
}

static gboolean
check(Parser *parser, const CommandHelp *help)
{
    Options *o = parser->options;

    if (o->timeout_s == UNSET)
        o->timeout_s = DEFAULT_TIMEOUT_S;
    if (o->count == UNSET)
        o->count = 0;
    if (!o->server)
        o->server = g_strdup(DEFAULT_SERVER);
    if (o->timeout_s < 1 || o->timeout_s > 86400)
        return usage_error(help, "--timeout takes 1 to 86400 seconds");
    if (o->count < 0)
        return usage_error(help, "--count takes 1 or more, or 0 for no end");
    if (o->relay_only && o->no_relay)
        return usage_error(help, "--relay-only and --no-relay exclude each other");
    if (o->to && o->room)
        return usage_error(help, "--to and --room exclude each other");
    return take_interval(parser, help) && take_size(parser, help) && take_bench(parser, help);
}

static gboolean
is_bench_set(const Parser *parser)
{
    const BenchParameters *bench = &parser->options->bench;

    return parser->size || parser->seconds != UNSET || parser->channels != UNSET ||
           parser->max_retransmits != UNSET || bench->is_reverse || bench->is_unordered ||
           parser->options->no_ping;
}

static gboolean
parse_arguments(Parser *parser, const CommandHelp *help, int argc, char **argv)
{
    g_autofree char *program = g_strdup_printf("pierce %s", help->name);
    g_autoptr(GOptionContext) context = g_option_context_new(help->parameters);
    g_autoptr(GError) error = NULL;

    g_set_prgname(program);
    g_option_context_set_summary(context, help->summary);
    g_option_context_set_description(context, help->examples);
    g_option_context_add_main_entries(context, parser->entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return usage_error(help, error->message);
    if (argc > 1) {
        g_autofree char *problem = g_strdup_printf("\"%s\" is not expected here", argv[1]);
        return usage_error(help, problem);
    }
    parser->options->is_bench_set = is_bench_set(parser);
    return TRUE;
}

gboolean
options_parse(Options *self, const CommandHelp *help, int argc, char **argv)
{
    Parser parser = {
        .options = self, .seconds = UNSET, .channels = UNSET, .max_retransmits = UNSET
    };

    *self = (Options){ .timeout_s = UNSET, .count = UNSET };
    add_common(&parser);
    add_special(&parser, help->options);
    gboolean is_good = parse_arguments(&parser, help, argc, argv) &&
                       take_environment(&parser, help) && take_secrets(&parser, help) &&
                       check(&parser, help);
    g_free(parser.turn_credentials_file);
    g_free(parser.token_file);
    g_free(parser.interval);
    g_free(parser.size);
    return is_good;
}

void
options_clear(Options *self)
{
    g_free(self->server);
    g_free(self->name);
    g_free(self->to);
    g_free(self->room);
    g_free(self->token);
    g_strfreev(self->stun);
    g_strfreev(self->turn);
    g_free(self->turn_username);
    g_free(self->turn_credential);
    *self = (Options){ 0 };
}
