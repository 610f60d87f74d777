/* pierce-bench: measures pierce and, in turn with it, whoever else is installed.  Makes a network
 * namespace of its own, so that nothing else is on the wire; that needs root. */
#include "tests/bench/link.h"
#include "tests/bench/pierce-peer.h"
#include "tests/bench/report.h"
#include "tests/support/netns.h"

#include <math.h>

#define EXIT_SKIPPED 77
#define DEFAULT_ROUNDS 3
#define DEFAULT_SECONDS 2
#define DEFAULT_CONNECTIONS 100
#define FAIR_BUFFER_BYTES 4194304
#define MOST_SECONDS 600
#define MOST_COUNT 10000

typedef struct {
    Report report;
    char **only;
    char *peers;
    gboolean prints_json;
    gboolean is_peer;
} Bench;

static gboolean
is_wanted(const Bench *bench, const Workload *workload)
{
    return !bench->only || g_strv_contains((const char *const *) bench->only, workload->name);
}

static gboolean
check_only(const Bench *bench, GError **error)
{
    for (guint i = 0; bench->only && bench->only[i]; i++) {
        gboolean is_known = FALSE;
        for (guint w = 0; w < n_workloads; w++)
            is_known |= g_str_equal(bench->only[i], workloads[w].name);
        if (!is_known) {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                        "--only: there is no figure \"%s\"; see --help", bench->only[i]);
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- measuring ---- */

static void
ask_version(Contestant *contestant)
{
    Link *link = link_new((const char *const *) contestant->arguments, NULL, NULL);
    if (!link)
        return;
    contestant->version = g_strdup(link_get_version(link));
    link_free(link);
}

/* pierce is the first of them, if it is one. */
static gboolean
may_run(const Bench *bench, const Workload *workload, guint index)
{
    Contestant *contestant = g_ptr_array_index(bench->report.contestants, index);
    return is_wanted(bench, workload) &&
           (!workload->is_for_pierce_alone || g_str_equal(contestant->name, "pierce"));
}

static void
run_one(Bench *bench, guint round, guint workload, guint index)
{
    const Workload *described = &workloads[workload];
    Contestant *contestant = g_ptr_array_index(bench->report.contestants, index);
    double values[MAX_METRICS] = { 0 };
    g_autoptr(GError) error = NULL;
    gboolean is_done = described->run(described, (const char *const *) contestant->arguments,
                                      &bench->report.options, values, &error);
    results_add(bench->report.results, workload, index, is_done ? values : NULL);
    g_printerr("round %u of %u, %s, %s:", round + 1, bench->report.rounds, described->title,
               contestant->name);
    if (!is_done)
        g_printerr(" failed: %s", error ? error->message : "for no known reason");
    for (guint i = 0; is_done && i < described->n_metrics; i++)
        g_printerr(" %s %.4g %s%s", described->metrics[i].name, values[i],
                   described->metrics[i].unit, i + 1 < described->n_metrics ? "," : "");
    g_printerr("\n");
}

/* Who begins changes from round to round, so that a drift of the machine favours nobody. */
static void
run_all(Bench *bench)
{
    guint count = bench->report.contestants->len;
    for (guint i = 0; i < count; i++)
        ask_version(g_ptr_array_index(bench->report.contestants, i));
    for (guint round = 0; round < bench->report.rounds; round++) {
        for (guint workload = 0; workload < n_workloads; workload++) {
            for (guint i = 0; i < count; i++) {
                guint index = (i + round) % count;
                if (may_run(bench, &workloads[workload], index))
                    run_one(bench, round, workload, index);
            }
        }
    }
}

/* Whether pierce itself gave every figure that was asked for. */
static gboolean
has_all_figures(const Bench *bench)
{
    for (guint workload = 0; workload < n_workloads; workload++) {
        gboolean is_there = !isnan(results_get_median(bench->report.results, workload, 0, 0));
        if (is_wanted(bench, &workloads[workload]) && !is_there)
            return FALSE;
    }
    return TRUE;
}

/* The others cannot ask for larger socket buffers, and a namespace cannot have a default of its
 * own.
 */
static void
note_buffers(void)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/sys/net/core/rmem_default", &text, NULL, NULL) ||
        g_ascii_strtod(text, NULL) < FAIR_BUFFER_BYTES)
        g_printerr(
            "note: wrtc and pion lose packets with small socket buffers; to be fair to them: "
            "sysctl -w net.core.rmem_default=%d net.core.wmem_default=%d\n",
            FAIR_BUFFER_BYTES, FAIR_BUFFER_BYTES);
}

static int
bench_run(Bench *bench, GError **error)
{
    Report *report = &bench->report;
    const char *why = NULL;
    report->missing = g_ptr_array_new_with_free_func(g_free);
    report->contestants = contestants_find(bench->peers, report->missing, error);
    if (!report->contestants || !check_only(bench, error))
        return 2;
    for (guint i = 0; i < report->missing->len; i++)
        g_printerr("%s\n", (const char *) g_ptr_array_index(report->missing, i));
    if (report->contestants->len == 0) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--peers: nobody is left");
        return 2;
    }
    if (!netns_enter(&why)) {
        g_printerr("pierce-bench: skipped: %s\n", why);
        return EXIT_SKIPPED;
    }
    if (report->contestants->len > 1)
        note_buffers();
    report->results = results_new(report->contestants);
    run_all(bench);
    g_autofree char *text = bench->prints_json ? report_as_json(report) : report_as_table(report);
    g_print("%s", text);
    return has_all_figures(bench) ? 0 : 1;
}

/* ---- the command line ---- */

static char *
list_figures(void)
{
    GString *text = g_string_new("Figures for --only:\n");
    for (guint i = 0; i < n_workloads; i++)
        g_string_append_printf(text, "  %-12s %s\n", workloads[i].name, workloads[i].title);
    return g_string_free(text, FALSE);
}

static gboolean
parse(Bench *bench, int *argc, char ***argv, GError **error)
{
    WorkloadOptions *options = &bench->report.options;
    g_autofree char *only = NULL, *figures = list_figures();
    gint rounds = DEFAULT_ROUNDS, connections = DEFAULT_CONNECTIONS;
    options->seconds = DEFAULT_SECONDS;
    const GOptionEntry entries[] = {
        { "only", 0, 0, G_OPTION_ARG_STRING, &only, "Measure only these", "FIGURE,..." },
        { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options->seconds, "Time per figure (2)", "S" },
        { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "How often everything is measured (3)", "N" },
        { "connections", 0, 0, G_OPTION_ARG_INT, &connections,
          "For set-up and memory, how many connections (100)", "N" },
        { "peers", 0, 0, G_OPTION_ARG_STRING, &bench->peers,
          "Of pierce, node-datachannel, wrtc and pion (all that are installed)", "NAME,..." },
        { "json", 0, 0, G_OPTION_ARG_NONE, &bench->prints_json, "Print JSON", NULL },
        { "as-peer", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &bench->is_peer, NULL, NULL },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- measures peers beside each other");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context, figures);
    if (!g_option_context_parse(context, argc, argv, error))
        return FALSE;
    if (!(options->seconds > 0 && options->seconds <= MOST_SECONDS) || rounds < 1 ||
        rounds > MOST_COUNT || connections < 1 || connections > MOST_COUNT) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--seconds takes up to %d, --rounds and --connections 1 to %d", MOST_SECONDS,
                    MOST_COUNT);
        return FALSE;
    }
    bench->only = only ? g_strsplit(only, ",", -1) : NULL;
    bench->report.rounds = (guint) rounds;
    options->connections = (guint) connections;
    return TRUE;
}

static void
bench_clear(Bench *bench)
{
    g_clear_pointer(&bench->report.results, results_free);
    g_clear_pointer(&bench->report.contestants, g_ptr_array_unref);
    g_clear_pointer(&bench->report.missing, g_ptr_array_unref);
    g_strfreev(bench->only);
    g_free(bench->peers);
}

int
main(int argc, char **argv)
{
    Bench bench = { 0 };
    g_autoptr(GError) error = NULL;
    int code = 2;
    if (parse(&bench, &argc, &argv, &error))
        code = bench.is_peer ? pierce_peer_run() : bench_run(&bench, &error);
    if (error)
        g_printerr("pierce-bench: %s\n", error->message);
    bench_clear(&bench);
    return code;
}
