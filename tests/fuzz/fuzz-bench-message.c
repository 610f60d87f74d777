/* Feeds text to the parser of bench's control protocol.  What is accepted and known is written
 * again and parsed to the same; what parameters come out are within the limits. */
#include "apps/pierce/bench-message.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    BenchMessage message, again, answer;
    BenchParameters parameters;

    if (!bench_message_parse(&message, (const char *) bytes, size) || message.verb == BENCH_UNKNOWN)
        return 0;
    g_autofree char *text = bench_message_print(&message);
    g_assert_true(bench_message_parse(&again, text, strlen(text)));
    g_assert_true(memcmp(&again, &message, sizeof again) == 0);
    if (!bench_message_get_parameters(&message, &parameters, &answer)) {
        g_assert_true(answer.verb == BENCH_REFUSED && answer.present);
        return 0;
    }
    g_assert_true(parameters.size_bytes >= 1 && parameters.size_bytes <= BENCH_MAX_SIZE_BYTES);
    g_assert_true(parameters.seconds >= 1 && parameters.seconds <= BENCH_MAX_SECONDS);
    g_assert_true(parameters.channels >= 1 && parameters.channels <= BENCH_MAX_CHANNELS);
    g_assert_true(parameters.max_retransmits >= -1 && parameters.max_retransmits <= 65535);
    return 0;
}
