/* Contexts inside another one, run by running the outer one only. */
#include "ice/inner-loop.h"

#include <glib-unix.h>
#include <fcntl.h>
#include <unistd.h>

#define DEADLINE_SECONDS 10
#define MANY 200

typedef struct {
    GMainContext *outer;
    InnerLoop *loop;
    int pipe[2];
    guint runs;
    gboolean ends_loop;
    gboolean runs_outer;
} Fixture;

static void
setup(Fixture *f, gconstpointer data)
{
    f->outer = g_main_context_new();
    f->loop = inner_loop_new(f->outer);
    g_assert_true(g_unix_open_pipe(f->pipe, FD_CLOEXEC, NULL));
}

static void
teardown(Fixture *f, gconstpointer data)
{
    g_clear_pointer(&f->loop, inner_loop_unref);
    g_main_context_unref(f->outer);
    close(f->pipe[0]);
    close(f->pipe[1]);
}

static gboolean
on_deadline(gpointer unused)
{
    g_error("nothing ran within %d s", DEADLINE_SECONDS);
    return G_SOURCE_REMOVE;
}

static void
run_until(Fixture *f, guint runs)
{
    g_autoptr(GSource) deadline = g_timeout_source_new_seconds(DEADLINE_SECONDS);
    g_source_set_callback(deadline, on_deadline, NULL, NULL);
    g_source_attach(deadline, f->outer);
    while (f->runs < runs)
        g_main_context_iteration(f->outer, TRUE);
    g_source_destroy(deadline);
}

static gboolean
on_time(gpointer user_data)
{
    Fixture *f = user_data;
    f->runs++;
    if (f->ends_loop)
        g_clear_pointer(&f->loop, inner_loop_unref);
    return f->ends_loop ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
on_byte(gint fd, GIOCondition condition, gpointer user_data)
{
    Fixture *f = user_data;
    char byte;
    g_assert_cmpint(read(fd, &byte, 1), ==, 1);
    f->runs++;
    if (f->runs_outer) {
        f->runs_outer = FALSE;
        run_until(f, f->runs + 1);
    }
    return G_SOURCE_CONTINUE;
}

static void
add_timer(Fixture *f, guint time_ms)
{
    g_autoptr(GSource) timer = g_timeout_source_new(time_ms);
    g_source_set_callback(timer, on_time, f, NULL);
    g_source_attach(timer, inner_loop_get_context(f->loop));
}

static GSource *
add_reader(Fixture *f, InnerLoop *loop, int fd)
{
    GSource *reader = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_callback(reader, G_SOURCE_FUNC(on_byte), f, NULL);
    g_source_attach(reader, inner_loop_get_context(loop));
    return reader;
}

static void
send_byte(int fd)
{
    g_assert_cmpint(write(fd, "x", 1), ==, 1);
}

static void
test_a_timer_runs(Fixture *f, gconstpointer data)
{
    add_timer(f, 1);
    run_until(f, 3);
}

static void
test_an_earlier_timer_is_not_missed(Fixture *f, gconstpointer data)
{
    add_timer(f, DEADLINE_SECONDS * 2000);
    g_main_context_iteration(f->outer, FALSE);
    add_timer(f, 1);
    run_until(f, 1);
}

static void
test_a_descriptor_is_read(Fixture *f, gconstpointer data)
{
    g_autoptr(GSource) reader = add_reader(f, f->loop, f->pipe[0]);
    for (guint i = 1; i <= 3; i++) {
        send_byte(f->pipe[1]);
        run_until(f, i);
    }
    g_source_destroy(reader);
}

static void
test_a_source_that_is_gone_does_not_run(Fixture *f, gconstpointer data)
{
    g_autoptr(GSource) reader = add_reader(f, f->loop, f->pipe[0]);
    send_byte(f->pipe[1]);
    g_source_destroy(reader);
    add_timer(f, 1);
    run_until(f, 1);
}

/* The number is free once it is closed, and the next one to open gets it. */
static void
test_a_descriptor_may_pass_to_another_loop(Fixture *f, gconstpointer data)
{
    g_autoptr(InnerLoop) other = inner_loop_new(f->outer);
    g_autoptr(GSource) reader = add_reader(f, f->loop, f->pipe[0]);
    g_main_context_iteration(f->outer, FALSE);
    int closed = f->pipe[0];
    g_source_destroy(reader);
    close(f->pipe[0]);
    close(f->pipe[1]);
    g_assert_true(g_unix_open_pipe(f->pipe, FD_CLOEXEC, NULL));
    g_assert_cmpint(f->pipe[0], ==, closed);
    g_autoptr(GSource) next = add_reader(f, other, f->pipe[0]);
    while (g_main_context_iteration(f->outer, FALSE))
        ;
    send_byte(f->pipe[1]);
    run_until(f, 1);
    g_source_destroy(next);
}

static void
test_a_loop_may_end_in_its_own_callback(Fixture *f, gconstpointer data)
{
    f->ends_loop = TRUE;
    add_timer(f, 1);
    run_until(f, 1);
    g_assert_false(g_main_context_iteration(f->outer, FALSE));
}

static void
test_a_callback_may_run_the_outer_loop(Fixture *f, gconstpointer data)
{
    g_autoptr(InnerLoop) other = inner_loop_new(f->outer);
    g_autoptr(GSource) reader = add_reader(f, f->loop, f->pipe[0]);
    g_autoptr(GSource) timer = g_timeout_source_new(1);
    g_source_set_callback(timer, on_time, f, NULL);
    g_source_attach(timer, inner_loop_get_context(other));
    f->runs_outer = TRUE;
    send_byte(f->pipe[1]);
    run_until(f, 3);
    g_source_destroy(reader);
}

static void
test_all_of_many_run(Fixture *f, gconstpointer data)
{
    InnerLoop *loops[MANY];
    GSource *readers[MANY];
    int pipes[MANY][2];
    for (guint i = 0; i < MANY; i++) {
        loops[i] = inner_loop_new(f->outer);
        g_assert_true(g_unix_open_pipe(pipes[i], FD_CLOEXEC, NULL));
        readers[i] = add_reader(f, loops[i], pipes[i][0]);
    }
    for (guint i = 0; i < MANY; i++)
        send_byte(pipes[i][1]);
    run_until(f, MANY);
    for (guint i = 0; i < MANY; i++) {
        g_source_destroy(readers[i]);
        g_source_unref(readers[i]);
        inner_loop_unref(loops[i]);
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

#define add_case(name, func) g_test_add("/inner-loop/" name, Fixture, NULL, setup, func, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_case("a-timer-runs", test_a_timer_runs);
    add_case("an-earlier-timer-is-not-missed", test_an_earlier_timer_is_not_missed);
    add_case("a-descriptor-is-read", test_a_descriptor_is_read);
    add_case("a-source-that-is-gone-does-not-run", test_a_source_that_is_gone_does_not_run);
    add_case("a-descriptor-may-pass-to-another-loop", test_a_descriptor_may_pass_to_another_loop);
    add_case("a-loop-may-end-in-its-own-callback", test_a_loop_may_end_in_its_own_callback);
    add_case("a-callback-may-run-the-outer-loop", test_a_callback_may_run_the_outer_loop);
    add_case("all-of-many-run", test_all_of_many_run);
    return g_test_run();
}
