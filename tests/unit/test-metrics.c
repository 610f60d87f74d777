#include "signaling/server/metrics.h"

#include <string.h>

static const Metrics metrics = {
    .uptime_s = 7, .n_peers = 2, .n_rooms = 1, .n_relayed = 1234567890123
};

static void
test_text(void)
{
    g_autofree char *text = metrics_to_text(&metrics);

    g_assert_nonnull(strstr(text, "# TYPE pierced_peers gauge\npierced_peers 2\n"));
    g_assert_nonnull(strstr(text, "# TYPE pierced_relayed_total counter\n"
                                  "pierced_relayed_total 1234567890123\n"));
}

static void
test_health(void)
{
    g_autofree char *text = metrics_to_health(&metrics);

    g_assert_cmpstr(text, ==,
                    "{\"status\":\"ok\",\"peers\":2,\"rooms\":1,\"version\":\"" PIERCE_VERSION
                    "\",\"uptime_s\":7}\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/text", test_text);
    g_test_add_func("/metrics/health", test_health);
    return g_test_run();
}
