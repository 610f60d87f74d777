/* `pierce bench`: how fast data channels are between two machines, through real signalling and on
 * whatever path there is. */
#include "bench-ends.h"
#include "commands.h"

#include <stdio.h>

static const CommandHelp help = {
    .name = "bench",
    .parameters = "(--listen | --to NAME)",
    .summary =
        "Measures data channels to a peer: how much gets through and what it costs.  One end\n"
        "listens and serves one caller after another; the other calls it, says what to send,\n"
        "and prints a line a second and a summary.  The round trip is measured beside the\n"
        "load, on a channel of its own; on short paths small messages beside a load cost\n"
        "throughput, and --no-ping shows what there is without them.",
    .examples =
        "Examples:\n"
        "  pierce bench --listen --name mirror            at one end\n"
        "  pierce bench --to mirror                       at the other\n"
        "  pierce bench --to mirror --reverse             the other way round\n"
        "  pierce bench --to mirror --size 1k --unordered --max-retransmits 0\n"
        "  pierce bench --to mirror --json | tail -n 1    the summary only\n"
        "Interrupted, it sums up what it has; interrupted twice, it ends at once.  MB are 10^6\n"
        "bytes of messages that arrived.  Whoever reaches the server may call a listener.\n",
    .options = OPTION_TO | OPTION_BENCH,
};

/* The caller decides, so these are of no use to a listener. */
static void
warn_of_useless_options(const Options *options)
{
    if (options->is_bench_set)
        fprintf(stderr, "pierce bench: --size, --seconds, --channels, --reverse, --unordered, "
                        "--max-retransmits and --no-ping are the caller's to choose; a listener "
                        "ignores them\n");
}

int
command_bench(int argc, char **argv)
{
    g_auto(Options) options = { 0 };

    if (!options_parse(&options, &help, argc, argv))
        return EXIT_USAGE;
    if (!options.to && !options.listen) {
        fprintf(stderr, "pierce bench: whom?  Give --to NAME, or --listen to be called.\n"
                        "Try \"pierce bench --help\".\n");
        return EXIT_USAGE;
    }
    if (options.listen) {
        warn_of_useless_options(&options);
        if (!options.name)
            options.name = g_strdup("bench");
        return (int) bench_listen(&options);
    }
    if (!options.name)
        options.name = g_strdup_printf("bench-%08x", g_random_int());
    return (int) bench_call(&options);
}
