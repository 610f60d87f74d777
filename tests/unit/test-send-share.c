#include "datachannel/send-share.h"

#define KIB 1024u
#define MS G_TIME_SPAN_MILLISECOND
#define SHARE (1024 * KIB)
#define NOW G_TIME_SPAN_SECOND
#define SOON (NOW + 20 * G_TIME_SPAN_MILLISECOND)
#define LATE (NOW + 2 * G_TIME_SPAN_SECOND)

typedef struct {
    gsize inside, total, size;
    gboolean is_admitted;
} AdmissionCase;

static const AdmissionCase admission_cases[] = {
    { 0, 0, 256 * KIB, TRUE },
    { 512 * KIB, 512 * KIB, 512 * KIB, TRUE },
    { 512 * KIB, 512 * KIB, 512 * KIB + 1, FALSE }, /* the share is full */
    { 1024 * KIB, 1024 * KIB, 1, FALSE },
    { 0, 1024 * KIB, 64, TRUE }, /* but not for who has little there */
    { 0, 1024 * KIB, 256 * KIB, TRUE },
    { 16 * KIB, 1100 * KIB, 64, TRUE },
    { 16 * KIB + 1, 1100 * KIB, 64, FALSE },
};

static void
test_a_full_channel_leaves_room_for_others(void)
{
    SendShare share;
    send_share_init(&share, SHARE);
    for (gsize i = 0; i < G_N_ELEMENTS(admission_cases); i++) {
        const AdmissionCase *c = &admission_cases[i];
        g_assert_true(send_share_admits(&share, c->inside, c->total, c->size) == c->is_admitted);
    }
}

static void
test_only_a_sparse_channel_before_full_ones_is_in_a_hurry(void)
{
    SendShare share;
    send_share_init(&share, SHARE);
    g_assert_false(send_share_has_to_be_quick(&share, 0)); /* nobody is in the way */
    for (guint i = 0; i < 100; i++)
        send_share_move(&share, 0, 10 * KIB); /* all have little */
    g_assert_false(send_share_has_to_be_quick(&share, 0));
    send_share_move(&share, 0, 512 * KIB);
    g_assert_true(send_share_has_to_be_quick(&share, 0));
    g_assert_false(send_share_has_to_be_quick(&share, 512 * KIB)); /* it is the full one */
    send_share_move(&share, 512 * KIB, 10 * KIB);
    g_assert_false(send_share_has_to_be_quick(&share, 0));
    g_assert_cmpuint(share.full_bytes, ==, 0);
}

static void
test_the_window_is_bounded_for_a_while(void)
{
    SendShare share;
    send_share_init(&share, SHARE);
    g_assert_false(send_share_is_due(&share, NOW));
    g_assert_true(send_share_be_quick(&share, NOW));
    g_assert_true(send_share_is_due(&share, NOW));
    g_assert_true(send_share_set_rtt(&share, MS / 5, NOW));
    g_assert_cmpuint(share.window, >, 0);
    g_assert_false(send_share_be_quick(&share, NOW)); /* is no news */
    g_assert_false(send_share_is_due(&share, NOW + 1));
    g_assert_true(send_share_is_due(&share, SOON));
    g_assert_false(send_share_set_rtt(&share, MS / 5, SOON)); /* is the same */
    g_assert_true(send_share_set_rtt(&share, MS / 5, LATE));
    g_assert_cmpuint(share.window, ==, 0);
    g_assert_false(send_share_is_due(&share, LATE + NOW));
    g_assert_true(send_share_be_quick(&share, LATE + NOW));
}

static void
test_the_window_follows_what_the_path_carries(void)
{
    SendShare share;
    send_share_init(&share, SHARE);
    send_share_be_quick(&share, NOW);
    send_share_set_rtt(&share, 2 * MS, NOW);
    guint32 least = share.window;
    send_share_on_arrived(&share, 20 * 100 * KIB); /* 100 KiB in a millisecond */
    send_share_set_rtt(&share, 2 * MS, SOON);
    g_assert_cmpuint(share.window, >=, least + 2 * 100 * KIB); /* more than a round trip carries */
    g_assert_cmpuint(share.window, <=, least + 10 * 100 * KIB);
}

static void
test_a_long_path_keeps_its_window(void)
{
    SendShare share;
    send_share_init(&share, SHARE);
    send_share_be_quick(&share, NOW);
    g_assert_false(send_share_set_rtt(&share, 5 * MS, NOW));
    g_assert_cmpuint(share.window, ==, 0);
    g_assert_false(send_share_set_rtt(&share, G_MAXINT64, SOON)); /* not known */
    g_assert_cmpuint(share.window, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/send-share/a-full-channel-leaves-room-for-others",
                    test_a_full_channel_leaves_room_for_others);
    g_test_add_func("/send-share/only-a-sparse-channel-before-full-ones-is-in-a-hurry",
                    test_only_a_sparse_channel_before_full_ones_is_in_a_hurry);
    g_test_add_func("/send-share/the-window-is-bounded-for-a-while",
                    test_the_window_is_bounded_for_a_while);
    g_test_add_func("/send-share/the-window-follows-what-the-path-carries",
                    test_the_window_follows_what_the_path_carries);
    g_test_add_func("/send-share/a-long-path-keeps-its-window", test_a_long_path_keeps_its_window);
    return g_test_run();
}
