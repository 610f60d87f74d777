#include "datachannel/certificate-spare.h"
#include "tests/support/peer-pair.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAKEN 20
#define FINGERPRINT_CHARS 95
#define CHILD_TIMEOUT_US (20 * G_TIME_SPAN_SECOND)

static void
wait_until_ready(void)
{
    g_autoptr(PierceCertificate) first = certificate_spare_take(NULL);
    g_assert_nonnull(first);
    wait_until(certificate_spare_count() == CERTIFICATE_SPARES);
}

static void
no_certificate_is_given_twice(void)
{
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_object_unref);
    for (guint i = 0; i < TAKEN; i++) {
        PierceCertificate *certificate = certificate_spare_take(NULL);
        g_assert_nonnull(certificate);
        const char *fingerprint = pierce_certificate_get_fingerprint(certificate);
        g_assert_true(g_hash_table_insert(seen, (gpointer) fingerprint, certificate));
    }
}

static void
one_is_made_for_each_that_was_taken(void)
{
    wait_until_ready();
    for (guint i = 0; i < CERTIFICATE_SPARES; i++) {
        g_autoptr(PierceCertificate) certificate = certificate_spare_take(NULL);
        g_assert_nonnull(certificate);
    }
    wait_until(certificate_spare_count() == CERTIFICATE_SPARES);
}

static void
tell_what_a_child_takes(int fd)
{
    PierceCertificate *certificate = certificate_spare_take(NULL);
    const char *fingerprint = pierce_certificate_get_fingerprint(certificate);
    _exit(write(fd, fingerprint, FINGERPRINT_CHARS) == FINGERPRINT_CHARS ? 0 : 1);
}

static void
a_child_takes_none_of_its_parent(void)
{
    char theirs[FINGERPRINT_CHARS + 1] = { 0 };
    int fds[2], status;
    wait_until_ready();
    g_assert_cmpint(pipe(fds), ==, 0);
    pid_t child = fork();
    if (child == 0)
        tell_what_a_child_takes(fds[1]);
    g_assert_cmpint(read(fds[0], theirs, FINGERPRINT_CHARS), ==, FINGERPRINT_CHARS);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    for (guint i = 0; i < CERTIFICATE_SPARES; i++) {
        g_autoptr(PierceCertificate) ours = certificate_spare_take(NULL);
        g_assert_cmpstr(pierce_certificate_get_fingerprint(ours), !=, theirs);
    }
    close(fds[0]);
    close(fds[1]);
}

static void
exiting_while_one_is_made_is_harmless(void)
{
    if (g_test_subprocess()) {
        g_autoptr(PierceCertificate) certificate = certificate_spare_take(NULL);
        exit(certificate ? 0 : 1);
    }
    for (guint i = 0; i < TAKEN; i++) {
        g_test_trap_subprocess(NULL, CHILD_TIMEOUT_US, 0);
        g_test_trap_assert_passed();
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    wait_until_enable();
    g_test_add_func("/certificate-spare/no-certificate-is-given-twice",
                    no_certificate_is_given_twice);
    g_test_add_func("/certificate-spare/one-is-made-for-each-that-was-taken",
                    one_is_made_for_each_that_was_taken);
    g_test_add_func("/certificate-spare/a-child-takes-none-of-its-parent",
                    a_child_takes_none_of_its_parent);
    g_test_add_func("/certificate-spare/exiting-while-one-is-made-is-harmless",
                    exiting_while_one_is_made_is_harmless);
    return g_test_run();
}
