#include "datachannel/path-mtu.h"

#define LEAST 1188
#define MINUTES (60 * G_TIME_SPAN_SECOND)

typedef struct {
    PathMtu mtu;
    gsize path; /* what it really takes */
    gint64 now_us;
    guint probes;
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
    path_mtu_init(&f->mtu, LEAST);
    f->now_us = 5 * MINUTES;
}

/* Lets time pass until nothing is awaited any more; probes that fit arrive at once. */
static void
settle(Fixture *f)
{
    f->probes = 0;
    while (f->mtu.probed != 0) {
        g_assert_cmpint(f->mtu.deadline_us, !=, PATH_MTU_NEVER);
        f->now_us = MAX(f->now_us, f->mtu.deadline_us);
        for (gsize size; (size = path_mtu_poll(&f->mtu, f->now_us)) > 0;) {
            f->probes++;
            g_assert_cmpuint(f->probes, <, 100);
            if (size <= f->path)
                path_mtu_arrived(&f->mtu, size, f->now_us);
        }
    }
}

static void
test_nothing_before_begin(Fixture *f, gconstpointer data)
{
    g_assert_cmpuint(path_mtu_poll(&f->mtu, G_MAXINT64 - 1), ==, 0);
    g_assert_cmpuint(f->mtu.bytes, ==, LEAST);
}

static void
test_the_links_size_takes_one_probe(Fixture *f, gconstpointer data)
{
    f->path = 16384;
    path_mtu_begin(&f->mtu, 16384, f->now_us);
    settle(f);
    g_assert_cmpuint(f->mtu.bytes, ==, 16384);
    g_assert_cmpuint(f->probes, ==, 1);
    g_assert_cmpint(f->mtu.deadline_us, ==, PATH_MTU_NEVER);
}

static const struct {
    gsize most, path, found;
} searches[] = {
    { 1415, 1415, 1415 },   { 1415, 1414, 1412 }, { 1415, 1390, 1372 },  { 1415, 1207, LEAST },
    { 1415, 500, LEAST },   { 8915, 1415, 1412 }, { 16384, 8915, 8912 }, { 16384, 1415, 1412 },
    { LEAST, 9000, LEAST }, { 500, 9000, LEAST }, { 16384, 1300, 1288 },
};

static void
test_search(Fixture *f, gconstpointer data)
{
    for (gsize i = 0; i < G_N_ELEMENTS(searches); i++) {
        f->path = searches[i].path;
        path_mtu_begin(&f->mtu, searches[i].most, f->now_us);
        settle(f);
        g_assert_cmpuint(f->mtu.bytes, ==, searches[i].found);
        g_assert_cmpuint(f->probes, <=, 3 * 6);
    }
}

static void
test_a_wider_path_is_found_later(Fixture *f, gconstpointer data)
{
    f->path = 1300;
    path_mtu_begin(&f->mtu, 1415, f->now_us);
    settle(f);
    f->path = 1500;
    g_assert_cmpint(f->mtu.deadline_us - f->now_us, ==, 10 * MINUTES);
    g_assert_cmpuint(path_mtu_poll(&f->mtu, f->mtu.deadline_us - 1), ==, 0);
    f->now_us = f->mtu.deadline_us;
    g_assert_cmpuint(path_mtu_poll(&f->mtu, f->now_us), ==, 1415);
    path_mtu_arrived(&f->mtu, 1415, f->now_us);
    g_assert_cmpuint(f->mtu.bytes, ==, 1415);
}

static void
test_a_doubt_that_is_unfounded(Fixture *f, gconstpointer data)
{
    f->path = 1415;
    path_mtu_begin(&f->mtu, 1415, f->now_us);
    settle(f);
    path_mtu_doubt(&f->mtu, f->now_us);
    g_assert_cmpuint(f->mtu.probed, ==, 0); /* just seen to arrive */
    f->now_us += MINUTES;
    path_mtu_doubt(&f->mtu, f->now_us);
    g_assert_cmpuint(f->mtu.probed, ==, 1415);
    settle(f);
    g_assert_cmpuint(f->mtu.bytes, ==, 1415);
    g_assert_cmpuint(f->probes, ==, 1);
}

static void
test_a_path_that_shrinks_is_noticed(Fixture *f, gconstpointer data)
{
    f->path = 1415;
    path_mtu_begin(&f->mtu, 1415, f->now_us);
    settle(f);
    f->path = 1300;
    f->now_us += MINUTES;
    gint64 start_us = f->now_us;
    path_mtu_doubt(&f->mtu, f->now_us);
    while (f->mtu.bytes == 1415) {
        path_mtu_doubt(&f->mtu, f->now_us); /* further ones change nothing */
        path_mtu_poll(&f->mtu, f->now_us);
        f->now_us = f->mtu.deadline_us;
    }
    g_assert_cmpuint(f->mtu.bytes, ==, LEAST);
    g_assert_cmpint(f->now_us - start_us, <=, G_TIME_SPAN_SECOND);
    settle(f);
    g_assert_cmpuint(f->mtu.bytes, ==, 1288);
}

static void
test_a_refused_probe_is_not_repeated(Fixture *f, gconstpointer data)
{
    f->path = 1415;
    path_mtu_begin(&f->mtu, 16384, f->now_us);
    g_assert_cmpuint(path_mtu_poll(&f->mtu, f->now_us), ==, 16384);
    path_mtu_refused(&f->mtu, 16384, f->now_us);
    g_assert_cmpuint(f->mtu.probed, <, 16384);
    settle(f);
    g_assert_cmpuint(f->mtu.bytes, ==, 1412);
}

/* One lost probe, or an answer that comes when it is no more awaited, is no failure. */
static void
test_late_answers_count(Fixture *f, gconstpointer data)
{
    path_mtu_begin(&f->mtu, 1415, f->now_us);
    for (guint i = 0; i < 3; i++) {
        g_assert_cmpuint(path_mtu_poll(&f->mtu, f->now_us), ==, 1415);
        f->now_us = f->mtu.deadline_us;
    }
    g_assert_cmpuint(path_mtu_poll(&f->mtu, f->now_us), <, 1415);
    path_mtu_arrived(&f->mtu, 1415, f->now_us);
    g_assert_cmpuint(f->mtu.bytes, ==, 1415);
    g_assert_cmpuint(f->mtu.probed, ==, 0);
}

static void
test_answers_that_make_no_sense(Fixture *f, gconstpointer data)
{
    path_mtu_begin(&f->mtu, 1415, f->now_us);
    path_mtu_arrived(&f->mtu, 1416, f->now_us);
    path_mtu_arrived(&f->mtu, 0, f->now_us);
    path_mtu_refused(&f->mtu, 1300, f->now_us);
    g_assert_cmpuint(f->mtu.bytes, ==, LEAST);
    g_assert_cmpuint(f->mtu.probed, ==, 1415);
}

#define ADD(name, function) g_test_add("/path-mtu/" name, Fixture, NULL, set_up, function, NULL)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("nothing-before-begin", test_nothing_before_begin);
    ADD("the-links-size-takes-one-probe", test_the_links_size_takes_one_probe);
    ADD("search", test_search);
    ADD("a-wider-path-is-found-later", test_a_wider_path_is_found_later);
    ADD("a-doubt-that-is-unfounded", test_a_doubt_that_is_unfounded);
    ADD("a-path-that-shrinks-is-noticed", test_a_path_that_shrinks_is_noticed);
    ADD("a-refused-probe-is-not-repeated", test_a_refused_probe_is_not_repeated);
    ADD("late-answers-count", test_late_answers_count);
    ADD("answers-that-make-no-sense", test_answers_that_make_no_sense);
    return g_test_run();
}
