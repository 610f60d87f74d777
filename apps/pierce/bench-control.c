/* Owns the sending on a control channel; what comes in is parsed where it is acted on. */
#include "bench-control.h"

gboolean
bench_control_send(PierceDataChannel *channel, const BenchMessage *message)
{
    g_autofree char *text = bench_message_print(message);

    return pierce_data_channel_send_text(channel, text, NULL);
}

gboolean
bench_control_send_verb(PierceDataChannel *channel, BenchVerb verb)
{
    return bench_control_send(channel, &(BenchMessage){ .verb = verb });
}

gboolean
bench_control_send_counts(PierceDataChannel *channel, BenchVerb verb, const BenchCounts *counts)
{
    BenchMessage message = bench_message_counts(verb, counts);

    return bench_control_send(channel, &message);
}
