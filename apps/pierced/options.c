/* Owns the list of pierced's options: one table gives the parser, the environment and --help.
 * Never opens a socket.  What is secret comes from files or the environment, never from argv. */
#include "apps/pierced/options.h"

#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    OPTION_FLAG,   /* a gboolean */
    OPTION_TEXT,   /* a const char * */
    OPTION_LIST,   /* a char **, repeatable; blanks or commas between them in the environment */
    OPTION_NUMBER, /* a guint */
    OPTION_FILE,   /* a const char *, what is in the named file */
    OPTION_GROUP,  /* a title in --help */
} OptionKind;

typedef struct {
    OptionKind kind;
    const char *name;
    const char *value; /* what --help calls it */
    gsize offset;      /* in Options */
    guint least, most; /* of a number */
    const char *help;
} Option;

#define IN_CONFIG(field) (G_STRUCT_OFFSET(Options, config) + G_STRUCT_OFFSET(ServerConfig, field))

static const Option table[] = {
    { OPTION_GROUP, "Where to listen", NULL, 0, 0, 0, NULL },
    { OPTION_TEXT, "listen", "ADDR:PORT", IN_CONFIG(listen), 0, 0,
      "where signalling and the page are served (127.0.0.1:8765);\nport 0 picks a free one" },
    { OPTION_FLAG, "open", NULL, IN_CONFIG(is_open), 0, 0,
      "allow --listen beyond this machine although no tokens are set" },
    { OPTION_TEXT, "tls-cert", "FILE", IN_CONFIG(tls_certificate), 0, 0,
      "PEM certificate chain: serve https: and wss:" },
    { OPTION_TEXT, "tls-key", "FILE", IN_CONFIG(tls_key), 0, 0, "its PEM private key" },
    { OPTION_TEXT, "web-dir", "DIR", IN_CONFIG(web_directory), 0, 0,
      "the page's files, read once at the start" },

    { OPTION_GROUP, "Who may come in", NULL, 0, 0, 0, NULL },
    { OPTION_LIST, "allow-origin", "ORIGIN", IN_CONFIG(allowed_origins), 0, 0,
      "let pages of another origin in, such as https://example.org;\nrepeatable, * for all" },
    { OPTION_FILE, "token-file", "FILE", IN_CONFIG(tokens), 0, 0,
      "tokens of which `register` must carry one, one a line\n(or in the environment: "
      "PIERCE_TOKENS)" },

    { OPTION_GROUP, "STUN and TURN", NULL, 0, 0, 0, NULL },
    { OPTION_TEXT, "stun", "ADDR:PORT", IN_CONFIG(stun), 0, 0,
      "where to answer STUN, by UDP (where --listen is)" },
    { OPTION_TEXT, "stun-other", "ADDR", IN_CONFIG(stun_other), 0, 0,
      "a second address of this machine: answer RFC 5780's\nquestions about NAT behaviour" },
    { OPTION_FLAG, "no-stun", NULL, IN_CONFIG(no_stun), 0, 0, "do not answer STUN" },
    { OPTION_TEXT, "public-host", "HOST", IN_CONFIG(public_host), 0, 0,
      "what clients call this machine, for the STUN URI that they get" },
    { OPTION_LIST, "turn-uri", "URI", IN_CONFIG(turn_uris), 0, 0,
      "a TURN server to hand out credentials for; repeatable" },
    { OPTION_FILE, "turn-secret-file", "FILE", IN_CONFIG(turn_secret), 0, 0,
      "its static-auth-secret (or in the environment:\nPIERCE_TURN_SECRET)" },
    { OPTION_NUMBER, "turn-ttl", "SECONDS", IN_CONFIG(turn_ttl_s), 60, 30 * 24 * 60 * 60,
      "how long such a credential is good (86400)" },

    { OPTION_GROUP, "Limits", NULL, 0, 0, 0, NULL },
    { OPTION_NUMBER, "expiry", "SECONDS", IN_CONFIG(expiry_s), 1, 24 * 60 * 60,
      "a registration lasts so long after its last message (300)" },
    { OPTION_NUMBER, "max-message", "BYTES", IN_CONFIG(max_message_bytes), 1024, 16 << 20,
      "of one message (65536)" },
    { OPTION_NUMBER, "max-depth", "N", IN_CONFIG(max_depth), 4, 64,
      "of objects and arrays inside each other (16)" },
    { OPTION_NUMBER, "max-name", "BYTES", IN_CONFIG(max_name_bytes), 16, 1024,
      "of names of peers and rooms (128)" },
    { OPTION_NUMBER, "max-info", "BYTES", IN_CONFIG(max_info_bytes), 512, 65536,
      "of what a peer says about itself (8192)" },
    { OPTION_NUMBER, "max-queue", "BYTES", IN_CONFIG(max_queue_bytes), 4096, 64 << 20,
      "waiting for a client that reads slowly (262144)" },
    { OPTION_NUMBER, "max-rate", "N", IN_CONFIG(max_messages_per_s), 1, 100000,
      "messages a second of one client (100)" },
    { OPTION_NUMBER, "max-connections", "N", IN_CONFIG(max_connections), 1, 1000000,
      "open at once (16000)" },
    { OPTION_NUMBER, "max-per-address", "N", IN_CONFIG(max_per_address), 1, 1000000,
      "of them from one IPv4 address or IPv6 /64, this machine\nnot counted (1000)" },
    { OPTION_NUMBER, "max-peers", "N", IN_CONFIG(max_peers), 1, 1000000,
      "registered at once (10000)" },
    { OPTION_NUMBER, "max-room", "N", IN_CONFIG(max_room_peers), 2, 10000, "in one room (64)" },
    { OPTION_NUMBER, "drain", "SECONDS", IN_CONFIG(drain_s), 0, 3600,
      "wait so long for clients to leave on SIGTERM (5)" },

    { OPTION_GROUP, "Output", NULL, 0, 0, 0, NULL },
    { OPTION_FLAG, "json", NULL, G_STRUCT_OFFSET(Options, json), 0, 0,
      "one JSON object a line on standard output" },
    { OPTION_FLAG, "version", NULL, G_STRUCT_OFFSET(Options, version), 0, 0,
      "print the version and end" },
};

static void
print_option(const Option *option)
{
    g_autofree char *left =
        g_strdup_printf("--%s %s", option->name, option->value ? option->value : "");
    g_auto(GStrv) lines = g_strsplit(option->help, "\n", -1);

    printf("  %-28s %s\n", left, lines[0]);
    for (char **line = lines + 1; *line; line++)
        printf("  %-28s %s\n", "", *line);
}

static void
print_help(void)
{
    printf("Usage: pierced [OPTION...]\n\n"
           "Helps peers find each other: serves signalling over WebSocket and the web page on one\n"
           "port, answers STUN on the same port by UDP, and hands out TURN credentials.\n");
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].kind == OPTION_GROUP)
            printf("\n%s:\n", table[i].name);
        else
            print_option(&table[i]);
    }
    printf("  %-28s print this and end\n\n"
           "Each option may also come from the environment: PIERCED_LISTEN for --listen,\n"
           "PIERCED_MAX_RATE for --max-rate, and so on; flags are set by 1.\n\n"
           "Examples:\n"
           "  pierced\n"
           "      for this machine alone; open http://127.0.0.1:8765/ in two windows\n"
           "  pierced --listen 0.0.0.0:8765 --open --public-host peers.example.org\n"
           "      for everybody who can reach port 8765, by TCP and UDP\n"
           "  pierced --listen '[::]:443' --tls-cert chain.pem --tls-key key.pem \\\n"
           "          --token-file tokens\n"
           "      encrypted, for those who know a token\n"
           "  pierced --turn-uri turn:turn.example.org --turn-secret-file secret\n"
           "      with a coturn that has use-auth-secret and the same static-auth-secret\n\n"
           "SIGHUP makes it read the certificate anew.\n"
           "Ends with 0 on SIGTERM or SIGINT, 1 if it cannot listen, 2 if an option is wrong.\n"
           "More: man pierced\n",
           "--help");
}

static gboolean
fail(GError **error, const Option *option, const char *value, const char *what)
{
    g_set_error(error, SERVER_ERROR, SERVER_ERROR_USAGE, "--%s \"%s\": %s", option->name, value,
                what);
    return FALSE;
}

static const char *
own(Options *options, char *text)
{
    g_ptr_array_add(options->owned, text);
    return text;
}

static void
append(Options *options, char ***list, const char *value)
{
    guint n = *list ? g_strv_length(*list) : 0;
    char **longer = g_new0(char *, n + 2);

    if (n > 0)
        memcpy(longer, *list, n * sizeof *longer);
    longer[n] = (char *) own(options, g_strdup(value));
    own(options, (char *) longer);
    *list = longer;
}

static gboolean
set_number(const Option *option, guint *field, const char *value, GError **error)
{
    guint64 number = 0;

    if (g_ascii_string_to_unsigned(value, 10, option->least, option->most, &number, NULL)) {
        *field = (guint) number;
        return TRUE;
    }
    g_autofree char *what =
        g_strdup_printf("must be a number from %u to %u", option->least, option->most);
    return fail(error, option, value, what);
}

static gboolean
set_from_file(Options *options, const Option *option, const char **field, const char *name,
              GError **error)
{
    g_autoptr(GError) cause = NULL;
    char *contents = NULL;

    if (!g_file_get_contents(name, &contents, NULL, &cause))
        return fail(error, option, name, cause->message);
    *field = own(options, g_strstrip(contents));
    return TRUE;
}

static gboolean
set(Options *options, const Option *option, const char *value, GError **error)
{
    gpointer field = (char *) options + option->offset;

    switch (option->kind) {
    case OPTION_FLAG:
        *(gboolean *) field = TRUE;
        return TRUE;
    case OPTION_TEXT:
        *(const char **) field = own(options, g_strdup(value));
        return TRUE;
    case OPTION_LIST:
        append(options, field, value);
        return TRUE;
    case OPTION_NUMBER:
        return set_number(option, field, value, error);
    case OPTION_FILE:
        return set_from_file(options, option, field, value, error);
    case OPTION_GROUP:
        break;
    }
    return TRUE;
}

static gboolean
set_from_environment(Options *options, const Option *option, GError **error)
{
    g_autofree char *upper = g_ascii_strup(option->name, -1);
    g_autofree char *name = g_strconcat("PIERCED_", g_strdelimit(upper, "-", '_'), NULL);
    const char *value = g_getenv(name);

    if (!value || !*value)
        return TRUE;
    if (option->kind == OPTION_FLAG) {
        *(gboolean *) (gpointer) ((char *) options + option->offset) = strcmp(value, "0") != 0;
        return TRUE;
    }
    if (option->kind != OPTION_LIST)
        return set(options, option, value, error);
    g_auto(GStrv) items = g_strsplit_set(value, " ,", -1);
    for (char **item = items; *item; item++) {
        if (**item && !set(options, option, *item, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_environment(Options *options, GError **error)
{
    const char *tokens = g_getenv("PIERCE_TOKENS"), *secret = g_getenv("PIERCE_TURN_SECRET");

    if (tokens)
        options->config.tokens = own(options, g_strdup(tokens));
    if (secret && *secret)
        options->config.turn_secret = own(options, g_strdup(secret));
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].kind != OPTION_GROUP && !set_from_environment(options, &table[i], error))
            return FALSE;
    }
    return TRUE;
}

static const Option *
find_option(const char *argument, gsize size)
{
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].kind != OPTION_GROUP && strlen(table[i].name) == size &&
            strncmp(table[i].name, argument, size) == 0)
            return &table[i];
    }
    return NULL;
}

/* Takes the argument at argv[*i] and perhaps its value after it. */
static gboolean
parse_argument(Options *options, int argc, char **argv, int *i, GError **error)
{
    const char *argument = argv[*i];
    const char *name = g_str_has_prefix(argument, "--") ? argument + 2 : "";
    gsize size = strcspn(name, "=");
    const Option *option = find_option(name, size);
    const char *value = name[size] == '=' ? name + size + 1 : NULL;

    if (!option) {
        g_set_error(error, SERVER_ERROR, SERVER_ERROR_USAGE, "there is no option \"%s\"", argument);
        return FALSE;
    }
    if (option->kind == OPTION_FLAG && value)
        return fail(error, option, value, "takes no value");
    if (option->kind != OPTION_FLAG && !value && *i + 1 < argc)
        value = argv[++*i];
    if (option->kind != OPTION_FLAG && !value)
        return fail(error, option, "", "needs a value");
    return set(options, option, value, error);
}

/* A list on the command line replaces the one of the environment. */
static void
drop_lists_of_environment(Options *options, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *name = g_str_has_prefix(argv[i], "--") ? argv[i] + 2 : "";
        const Option *option = find_option(name, strcspn(name, "="));
        if (option && option->kind == OPTION_LIST)
            *(char ***) (gpointer) ((char *) options + option->offset) = NULL;
    }
}

/* Where the page lies: beside the installed program wherever its tree was moved to, where it was
 * installed, or in the sources. */
static const char *
default_web_directory(Options *options)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *bin = g_path_get_dirname(program ? program : ".");
    const char *beside = own(options, g_build_filename(bin, "..", PIERCE_WEB_FROM_BIN, NULL));
    const char *places[] = { beside, PIERCE_WEB_DIR, PIERCE_WEB_SOURCE_DIR };

    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        if (g_file_test(places[i], G_FILE_TEST_IS_DIR))
            return places[i];
    }
    return NULL;
}

gboolean
options_parse(Options *options, int argc, char **argv, GError **error)
{
    *options = (Options){ .owned = g_ptr_array_new_with_free_func(g_free) };
    server_config_init(&options->config);
    options->config.web_directory = default_web_directory(options);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help();
            exit(EXIT_SUCCESS);
        }
    }
    if (!read_environment(options, error))
        return FALSE;
    drop_lists_of_environment(options, argc, argv);
    for (int i = 1; i < argc; i++) {
        if (!parse_argument(options, argc, argv, &i, error))
            return FALSE;
    }
    return TRUE;
}

void
options_clear(Options *options)
{
    g_clear_pointer(&options->owned, g_ptr_array_unref);
}
