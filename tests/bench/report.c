/* Prints, decides nothing. */
#include "tests/bench/report.h"

#include <math.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The processor's name, as Linux knows it. */
static char *
processor_name(void)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL))
        return g_strdup("unknown");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        char *colon = strchr(lines[i], ':');
        if (colon && g_str_has_prefix(lines[i], "model name"))
            return g_strdup(g_strstrip(colon + 1));
    }
    return g_strdup("unknown");
}

static char *
machine_line(void)
{
    struct utsname system = { 0 };
    g_autofree char *processor = processor_name();
    uname(&system);
    return g_strdup_printf("%s, %ld cores, %s %s", processor, sysconf(_SC_NPROCESSORS_ONLN),
                           system.sysname, system.release);
}

/* ---- for people ---- */

static void
add_number(GString *text, double value)
{
    if (isnan(value))
        g_string_append(text, " - |");
    else
        g_string_append_printf(text,
                               value < 10    ? " %.2f |"
                               : value < 100 ? " %.1f |"
                                             : " %.0f |",
                               value);
}

static void
add_row(GString *text, const Report *report, guint workload, guint metric)
{
    const Metric *described = &workloads[workload].metrics[metric];
    gint rival = results_get_best_rival(report->results, workload, metric);
    g_string_append_printf(text, "| %s: %s, %s (%s is better) |", workloads[workload].title,
                           described->name, described->unit,
                           described->better == BETTER_MORE ? "more" : "less");
    for (guint i = 0; i < report->contestants->len; i++)
        add_number(text, results_get_median(report->results, workload, metric, i));
    add_number(text, results_get_ratio(report->results, workload, metric));
    if (rival >= 0) {
        Contestant *best = g_ptr_array_index(report->contestants, rival);
        g_string_append_printf(text, " %s |\n", best->name);
    } else {
        g_string_append(text, " - |\n");
    }
}

char *
report_as_table(const Report *report)
{
    GString *text = g_string_new(NULL);
    g_autofree char *machine = machine_line();
    g_string_append_printf(text, "%s\nmedian of %u rounds, %g s each, %u connections\n\n| figure |",
                           machine, report->rounds, report->options.seconds,
                           report->options.connections);
    for (guint i = 0; i < report->contestants->len; i++) {
        Contestant *contestant = g_ptr_array_index(report->contestants, i);
        g_string_append_printf(text, " %s %s |", contestant->name,
                               contestant->version ? contestant->version : "");
    }
    g_string_append(text, " pierce / best rival | best rival |\n|---|");
    for (guint i = 0; i < report->contestants->len + 2; i++)
        g_string_append(text, "---|");
    g_string_append_c(text, '\n');
    for (guint workload = 0; workload < n_workloads; workload++) {
        if (results_get_count(report->results, workload, 0) == 0)
            continue;
        for (guint metric = 0; metric < workloads[workload].n_metrics; metric++)
            add_row(text, report, workload, metric);
    }
    for (guint i = 0; i < report->missing->len; i++)
        g_string_append_printf(text, "\n%s\n",
                               (const char *) g_ptr_array_index(report->missing, i));
    return g_string_free(text, FALSE);
}

/* ---- for programs ---- */

static void
add_json_string(GString *text, const char *string)
{
    g_string_append_c(text, '"');
    for (const char *at = string; *at; at++) {
        if (*at == '"' || *at == '\\')
            g_string_append_c(text, '\\');
        g_string_append_c(text, g_ascii_iscntrl(*at) ? ' ' : *at);
    }
    g_string_append_c(text, '"');
}

static void
add_json_number(GString *text, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    if (isfinite(value))
        g_string_append(text, g_ascii_formatd(digits, sizeof digits, "%.6g", value));
    else
        g_string_append(text, "null");
}

static void
add_json_values(GString *text, const Report *report, guint workload, guint metric, guint contestant)
{
    guint rounds = results_get_count(report->results, workload, contestant);
    add_json_string(text,
                    ((Contestant *) g_ptr_array_index(report->contestants, contestant))->name);
    g_string_append(text, ":{\"median\":");
    add_json_number(text, results_get_median(report->results, workload, metric, contestant));
    g_string_append(text, ",\"rounds\":[");
    for (guint round = 0; round < rounds; round++) {
        g_string_append(text, round > 0 ? "," : "");
        add_json_number(text, results_get(report->results, workload, metric, contestant, round));
    }
    g_string_append(text, "]}");
}

static void
add_json_figure(GString *text, const Report *report, guint workload, guint metric)
{
    const Metric *described = &workloads[workload].metrics[metric];
    gint rival = results_get_best_rival(report->results, workload, metric);
    g_string_append_printf(text,
                           "{\"name\":\"%s\",\"title\":\"%s\",\"metric\":\"%s\",\"unit\":\"%s\","
                           "\"better\":\"%s\",\"may_be_zero\":%s,\"rtt_ms\":%u,\"loss_percent\":",
                           workloads[workload].name, workloads[workload].title, described->name,
                           described->unit, described->better == BETTER_MORE ? "more" : "less",
                           described->may_be_zero ? "true" : "false", workloads[workload].rtt_ms);
    add_json_number(text, workloads[workload].loss_ppm / 1e4);
    g_string_append(text, ",\"values\":{");
    for (guint i = 0; i < report->contestants->len; i++) {
        g_string_append(text, i > 0 ? "," : "");
        add_json_values(text, report, workload, metric, i);
    }
    g_string_append(text, "},\"best_rival\":");
    if (rival >= 0)
        add_json_string(text, ((Contestant *) g_ptr_array_index(report->contestants, rival))->name);
    else
        g_string_append(text, "null");
    g_string_append(text, ",\"ratio\":");
    add_json_number(text, results_get_ratio(report->results, workload, metric));
    g_string_append_c(text, '}');
}

static void
add_json_contestants(GString *text, const Report *report)
{
    for (guint i = 0; i < report->contestants->len; i++) {
        Contestant *contestant = g_ptr_array_index(report->contestants, i);
        g_string_append(text, i > 0 ? ",{\"name\":" : "{\"name\":");
        add_json_string(text, contestant->name);
        g_string_append(text, ",\"version\":");
        add_json_string(text, contestant->version ? contestant->version : "unknown");
        g_string_append_c(text, '}');
    }
}

char *
report_as_json(const Report *report)
{
    GString *text = g_string_new("{\"machine\":");
    g_autofree char *machine = machine_line();
    const char *separator = "";
    add_json_string(text, machine);
    g_string_append(text, ",\"seconds\":");
    add_json_number(text, report->options.seconds);
    g_string_append_printf(text, ",\"rounds\":%u,\"connections\":%u,\"peers\":[", report->rounds,
                           report->options.connections);
    add_json_contestants(text, report);
    g_string_append(text, "],\"missing\":[");
    for (guint i = 0; i < report->missing->len; i++) {
        g_string_append(text, i > 0 ? "," : "");
        add_json_string(text, g_ptr_array_index(report->missing, i));
    }
    g_string_append(text, "],\"figures\":[");
    for (guint workload = 0; workload < n_workloads; workload++) {
        gboolean has_run = results_get_count(report->results, workload, 0) > 0;
        for (guint metric = 0; has_run && metric < workloads[workload].n_metrics; metric++) {
            g_string_append(text, separator);
            add_json_figure(text, report, workload, metric);
            separator = ",";
        }
    }
    g_string_append(text, "]}\n");
    return g_string_free(text, FALSE);
}
