/* Feeds a candidate line to its parser.  What is accepted is the same after a round trip. */
#include "ice/candidate.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check_address(const char *text, gsize size)
{
    Address address, again;

    if (!address_parse(&address, text, size))
        return;
    g_autofree char *printed = address_to_string(&address);
    g_assert_true(address_parse(&again, printed, strlen(printed)));
    g_assert_true(address_equal(&address, &again));
    g_assert_cmpint(address_classify(&address), ==, address_classify(&again));
}

static void
check_same(const Candidate *a, const Candidate *b)
{
    g_assert_cmpstr(a->foundation, ==, b->foundation);
    g_assert_cmpuint(a->component, ==, b->component);
    g_assert_cmpint(a->transport, ==, b->transport);
    g_assert_cmpuint(a->priority, ==, b->priority);
    g_assert_cmpstr(a->host, ==, b->host);
    g_assert_true(address_equal(&a->address, &b->address));
    g_assert_cmpint(a->type, ==, b->type);
    g_assert_cmpint(a->tcp_type, ==, b->tcp_type);
    g_assert_cmpint(a->has_related, ==, b->has_related);
    g_assert_true(!a->has_related || address_equal(&a->related, &b->related));
    g_assert_cmpstr(a->ufrag, ==, b->ufrag);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autofree char *text = g_strndup((const char *) bytes, size);
    g_auto(Candidate) candidate = { 0 }, again = { 0 };
    g_autoptr(GError) error = NULL;

    check_address((const char *) bytes, size);
    gboolean parsed = candidate_parse(&candidate, text, &error);
    g_assert_true(parsed == (error == NULL));
    if (!parsed) {
        g_assert_true(!candidate.host && !candidate.ufrag && strlen(error->message) < 512);
        return 0;
    }
    g_assert_true(candidate.host ? candidate.address.family == 0
                                 : address_is_unicast(&candidate.address));
    g_assert_true(candidate.address.port > 0 && candidate.priority > 0);
    g_assert_true((candidate.transport == CANDIDATE_TCP) ==
                  (candidate.tcp_type != CANDIDATE_TCP_NONE));
    g_autofree char *printed = candidate_print(&candidate);
    g_assert_true(candidate_parse(&again, printed, NULL));
    check_same(&candidate, &again);
    return 0;
}
