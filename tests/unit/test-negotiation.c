/* Descriptions, restarts and failures between two connections in one process, in a namespace of
 * their own. */
#include "tests/support/netns.h"
#include "tests/support/peer-pair.h"

#include <string.h>

typedef struct {
    PeerPair pair;
    PierceDataChannel *sender;
    PierceDataChannel *receiver;
    guint received;
    guint sent;
    guint opened;
    gboolean is_sending;
} Fixture;

static void
on_message(PierceDataChannel *channel, PierceMessageType type, const guint8 *data, gsize size,
           gpointer user_data)
{
    Fixture *f = user_data;
    guint number;
    g_assert_cmpuint(size, ==, sizeof number);
    memcpy(&number, data, sizeof number);
    g_assert_cmpuint(number, ==, f->received); /* in order, none lost */
    f->received++;
}

static void
on_open(PierceDataChannel *channel, Fixture *f)
{
    f->opened++;
}

static void
on_channel(PiercePeerConnection *connection, PierceDataChannel *channel, Fixture *f)
{
    g_set_object(&f->receiver, channel);
    pierce_data_channel_set_message_func(channel, on_message, f, NULL);
}

static void
fixture_init(Fixture *f, PierceConfiguration *configuration)
{
    *f = (Fixture){ 0 };
    peer_pair_init(&f->pair, configuration, configuration);
    g_signal_connect(f->pair.answerer, "data-channel", G_CALLBACK(on_channel), f);
    f->sender = pierce_peer_connection_create_data_channel(f->pair.offerer, "chat", NULL, NULL);
    g_signal_connect(f->sender, "open", G_CALLBACK(on_open), f);
}

static void
setup(Fixture *f, gconstpointer data)
{
    fixture_init(f, NULL);
    peer_pair_negotiate(&f->pair, f->pair.offerer);
    wait_until(f->opened == 1 && f->receiver);
}

static void
teardown(Fixture *f, gconstpointer data)
{
    f->is_sending = FALSE;
    while (g_source_remove_by_user_data(f))
        ;
    g_clear_object(&f->sender);
    g_clear_object(&f->receiver);
    peer_pair_clear(&f->pair);
}

static gboolean
send_next(gpointer data)
{
    Fixture *f = data;
    g_assert_true(
        pierce_data_channel_send(f->sender, (const guint8 *) &f->sent, sizeof f->sent, NULL));
    f->sent++;
    return f->is_sending;
}

static void
start_sending(Fixture *f)
{
    f->is_sending = TRUE;
    g_timeout_add(1, send_next, f);
}

static char *
get_remote_address(PiercePeerConnection *connection)
{
    g_autoptr(PierceStats) stats = pierce_peer_connection_get_stats(connection);
    return g_strdup(pierce_stats_get_remote_address(stats));
}

static gboolean
has_other_remote_address(PiercePeerConnection *connection, const char *address)
{
    g_autofree char *now = get_remote_address(connection);
    return g_strcmp0(now, address) != 0;
}

/* ---- restarts ---- */

static void
restart_from(Fixture *f, PiercePeerConnection *from)
{
    g_autofree char *before = get_remote_address(f->pair.offerer);
    g_autofree char *before_there = get_remote_address(f->pair.answerer);
    guint sent = f->sent;

    pierce_peer_connection_restart_ice(from);
    peer_pair_negotiate(&f->pair, from);
    wait_until(has_other_remote_address(f->pair.offerer, before) &&
               has_other_remote_address(f->pair.answerer, before_there));
    wait_until(f->sent > sent + 20 && f->received == f->sent);
    g_assert_cmpint(pierce_peer_connection_get_connection_state(f->pair.offerer), ==,
                    PIERCE_PEER_CONNECTION_STATE_CONNECTED);
}

static void
test_a_restart_moves_the_path_and_loses_nothing(Fixture *f, gconstpointer data)
{
    start_sending(f);
    wait_until(f->received > 5);
    restart_from(f, f->pair.offerer);
    restart_from(f, f->pair.answerer);
    restart_from(f, f->pair.offerer);
}

static void
on_negotiation_needed(PiercePeerConnection *connection, guint *count)
{
    (*count)++;
}

static void
test_negotiation_is_needed_for_the_first_channel_and_for_restarts(void)
{
    Fixture f;
    guint needed = 0;
    fixture_init(&f, NULL);
    g_signal_connect(f.pair.offerer, "negotiation-needed", G_CALLBACK(on_negotiation_needed),
                     &needed);
    g_object_unref(
        pierce_peer_connection_create_data_channel(f.pair.offerer, "second", NULL, NULL));
    wait_until(needed == 1);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    wait_until(f.opened == 1);
    g_object_unref(pierce_peer_connection_create_data_channel(f.pair.offerer, "third", NULL, NULL));
    pierce_peer_connection_restart_ice(f.pair.offerer);
    wait_until(needed == 2);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    g_assert_cmpuint(needed, ==, 2);
    teardown(&f, NULL);
}

/* ---- glare and rollback ---- */

static void
test_glare_ends_with_the_polite_side_giving_way(void)
{
    Fixture f;
    g_autoptr(GError) error = NULL;
    fixture_init(&f, NULL);
    g_autoptr(PierceDataChannel) other =
        pierce_peer_connection_create_data_channel(f.pair.answerer, "other", NULL, NULL);
    g_signal_connect(other, "open", G_CALLBACK(on_open), &f);

    g_assert_true(pierce_peer_connection_set_local_description(f.pair.answerer, NULL, &error));
    g_assert_cmpint(pierce_peer_connection_get_signaling_state(f.pair.answerer), ==,
                    PIERCE_SIGNALING_STATE_HAVE_LOCAL_OFFER);
    peer_pair_negotiate(&f.pair, f.pair.offerer); /* rolls the answerer's own offer back */
    wait_until(f.opened == 2);
    teardown(&f, NULL);
}

static void
test_a_restart_that_is_rolled_back_leaves_the_path(Fixture *f, gconstpointer data)
{
    g_autofree char *before = get_remote_address(f->pair.offerer);
    g_autoptr(PierceSessionDescription) rollback =
        pierce_session_description_new(PIERCE_SDP_TYPE_ROLLBACK, NULL);
    pierce_peer_connection_restart_ice(f->pair.offerer);
    g_assert_true(pierce_peer_connection_set_local_description(f->pair.offerer, NULL, NULL));
    g_assert_true(pierce_peer_connection_set_local_description(f->pair.offerer, rollback, NULL));
    g_assert_cmpint(pierce_peer_connection_get_signaling_state(f->pair.offerer), ==,
                    PIERCE_SIGNALING_STATE_STABLE);

    start_sending(f);
    wait_until(f->received > 20);
    g_assert_false(has_other_remote_address(f->pair.offerer, before));
    restart_from(f, f->pair.answerer);
}

static void
test_descriptions_cannot_be_edited_or_set_out_of_turn(void)
{
    Fixture f;
    g_autoptr(GError) edited_error = NULL, turn_error = NULL, syntax_error = NULL;
    fixture_init(&f, NULL);
    g_autoptr(PierceSessionDescription) offer =
        pierce_peer_connection_create_offer(f.pair.offerer, NULL);
    g_autofree char *text = g_strconcat(pierce_session_description_get_sdp(offer), "a=x\r\n", NULL);
    g_autoptr(PierceSessionDescription) edited =
        pierce_session_description_new(PIERCE_SDP_TYPE_OFFER, text);
    g_autoptr(PierceSessionDescription) answer =
        pierce_session_description_new(PIERCE_SDP_TYPE_ANSWER, text);
    g_autoptr(PierceSessionDescription) nonsense =
        pierce_session_description_new(PIERCE_SDP_TYPE_OFFER, "nonsense");

    g_assert_false(
        pierce_peer_connection_set_local_description(f.pair.offerer, edited, &edited_error));
    g_assert_error(edited_error, PIERCE_ERROR, PIERCE_ERROR_INVALID_ARGUMENT);
    g_assert_false(
        pierce_peer_connection_set_remote_description(f.pair.offerer, answer, &turn_error));
    g_assert_error(turn_error, PIERCE_ERROR, PIERCE_ERROR_INVALID_STATE);
    g_assert_false(
        pierce_peer_connection_set_remote_description(f.pair.offerer, nonsense, &syntax_error));
    g_assert_error(syntax_error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX);
    g_assert_cmpint(pierce_peer_connection_get_signaling_state(f.pair.offerer), ==,
                    PIERCE_SIGNALING_STATE_STABLE);
    teardown(&f, NULL);
}

/* ---- candidates ---- */

static void
add_candidate(PiercePeerConnection *connection, const char *text, const char *ufrag)
{
    g_autoptr(PierceIceCandidate) candidate = pierce_ice_candidate_new(text, "0", 0, ufrag);
    g_assert_true(pierce_peer_connection_add_ice_candidate(connection, candidate, NULL));
}

static void
test_early_candidates_wait_and_others_are_dropped(void)
{
    static const char line[] = "candidate:1 1 udp 2015363327 192.0.2.99 1234 typ host";
    Fixture f;
    g_autoptr(GError) error = NULL;
    fixture_init(&f, NULL);
    add_candidate(f.pair.answerer, line, NULL);
    add_candidate(f.pair.answerer, line, "none");
    g_autoptr(PierceIceCandidate) bad = pierce_ice_candidate_new("candidate:x", "0", 0, NULL);
    g_assert_false(pierce_peer_connection_add_ice_candidate(f.pair.answerer, bad, &error));
    g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX);

    f.pair.drops_candidates = TRUE; /* what follows is only what descriptions carry */
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    g_autofree char *report = pierce_peer_connection_get_report(f.pair.answerer);
    g_test_message("%s", report);
    g_assert_nonnull(strstr(report, ", 3 remote")); /* two of the offer, and the early one */
    wait_until(f.opened == 1);
    teardown(&f, NULL);
}

static void
test_ipv6_alone_is_enough(void)
{
    Fixture f;
    g_autoptr(PierceConfiguration) configuration = pierce_configuration_new();
    g_assert_true(pierce_configuration_add_local_address(configuration, "2001:db8::1", NULL));
    fixture_init(&f, configuration);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    wait_until(f.opened == 1);
    g_autofree char *address = get_remote_address(f.pair.offerer);
    g_assert_true(g_str_has_prefix(address, "[2001:db8::1]:"));
    teardown(&f, NULL);
}

/* ---- failures ---- */

static char *
replace_fingerprint(const char *sdp)
{
    char *changed = g_strdup(sdp);
    char *at = strstr(changed, "a=fingerprint:sha-256 ") + strlen("a=fingerprint:sha-256 ");
    at[0] = at[0] == 'A' ? 'B' : 'A';
    return changed;
}

static void
test_a_wrong_fingerprint_ends_the_connection(void)
{
    Fixture f;
    fixture_init(&f, NULL);
    g_assert_true(pierce_peer_connection_set_local_description(f.pair.offerer, NULL, NULL));
    g_autoptr(PierceSessionDescription) offer =
        pierce_peer_connection_get_local_description(f.pair.offerer);
    g_autofree char *changed = replace_fingerprint(pierce_session_description_get_sdp(offer));
    g_autoptr(PierceSessionDescription) forged =
        pierce_session_description_new(PIERCE_SDP_TYPE_OFFER, changed);
    g_assert_true(pierce_peer_connection_set_remote_description(f.pair.answerer, forged, NULL));
    g_assert_true(pierce_peer_connection_set_local_description(f.pair.answerer, NULL, NULL));
    g_autoptr(PierceSessionDescription) answer =
        pierce_peer_connection_get_local_description(f.pair.answerer);
    g_assert_true(pierce_peer_connection_set_remote_description(f.pair.offerer, answer, NULL));

    wait_until(pierce_peer_connection_get_connection_state(f.pair.answerer) ==
               PIERCE_PEER_CONNECTION_STATE_FAILED);
    g_assert_error(pierce_peer_connection_get_error(f.pair.answerer), PIERCE_ERROR,
                   PIERCE_ERROR_DTLS_FINGERPRINT);
    g_assert_null(f.receiver);
    teardown(&f, NULL);
}

static void
test_the_kept_certificate_is_the_one_shown(void)
{
    Fixture f;
    g_autoptr(PierceConfiguration) configuration = pierce_configuration_new();
    g_autoptr(PierceCertificate) made = pierce_certificate_generate(NULL);
    g_autofree char *pem = pierce_certificate_to_pem(made);
    g_autoptr(PierceCertificate) kept = pierce_certificate_new_from_pem(pem, NULL);
    g_assert_cmpstr(pierce_certificate_get_fingerprint(kept), ==,
                    pierce_certificate_get_fingerprint(made));
    pierce_configuration_set_certificate(configuration, kept);
    fixture_init(&f, configuration);
    peer_pair_negotiate(&f.pair, f.pair.offerer);
    wait_until(f.opened == 1);
    g_autoptr(PierceSessionDescription) remote =
        pierce_peer_connection_get_remote_description(f.pair.offerer);
    g_assert_nonnull(strstr(pierce_session_description_get_sdp(remote),
                            pierce_certificate_get_fingerprint(made)));
    teardown(&f, NULL);
}

static void
test_pem_that_cannot_be_used_says_why(void)
{
    g_autoptr(PierceCertificate) made = pierce_certificate_generate(NULL);
    g_autofree char *pem = pierce_certificate_to_pem(made);
    const char *const bad[] = { "", "nonsense", strstr(pem, "-----BEGIN CERTIFICATE") };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(pierce_certificate_new_from_pem(bad[i], &error));
        g_assert_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX);
    }
}

/* ---- life ---- */

static gsize
count_descriptors(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    gsize count = 0;
    while (g_dir_read_name(dir))
        count++;
    return count;
}

static gsize
get_resident_kib(void)
{
    g_autofree char *text = NULL;
    g_file_get_contents("/proc/self/statm", &text, NULL, NULL);
    g_auto(GStrv) fields = g_strsplit(text, " ", 0);
    return g_ascii_strtoull(fields[1], NULL, 10) * 4;
}

static void
on_candidate(PiercePeerConnection *connection, PierceIceCandidate *candidate, guint *count)
{
    g_assert_cmpstr(pierce_ice_candidate_get_sdp_mid(candidate), ==, "data");
    g_assert_cmpint(pierce_ice_candidate_get_sdp_m_line_index(candidate), ==, 1);
    (*count)++;
}

/* For peers that go by the index. */
static void
test_candidates_name_the_section_of_the_data_channels(void)
{
    g_autoptr(PierceSessionDescription) offer = pierce_session_description_new(
        PIERCE_SDP_TYPE_OFFER,
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:audio\r\n"
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:data\r\na=ice-ufrag:abcd\r\n"
        "a=ice-pwd:0123456789abcdefghijkl\r\na=setup:actpass\r\na=fingerprint:sha-256 "
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"
        "EE:FF\r\n");
    g_autoptr(PiercePeerConnection) connection = pierce_peer_connection_new(NULL);
    g_autoptr(GError) error = NULL;
    guint count = 0;

    g_signal_connect(connection, "ice-candidate", G_CALLBACK(on_candidate), &count);
    g_assert_true(pierce_peer_connection_set_remote_description(connection, offer, &error));
    g_assert_true(pierce_peer_connection_set_local_description(connection, NULL, &error));
    wait_until(count >= 2 && pierce_peer_connection_get_ice_gathering_state(connection) ==
                                 PIERCE_ICE_GATHERING_STATE_COMPLETE);
    pierce_peer_connection_close(connection);
}

static void
open_and_close_pairs(guint count)
{
    for (guint i = 0; i < count; i++) {
        Fixture f;
        setup(&f, NULL);
        teardown(&f, NULL);
    }
}

/* What grows with each connection would be seen: 900 of them may add 2 MiB in all, 2 KiB each. */
static void
test_a_thousand_connections_leave_nothing_behind(void)
{
    open_and_close_pairs(100);
    wait_until(count_descriptors() < 64);
    gsize descriptors = count_descriptors(), resident_kib = get_resident_kib();
    open_and_close_pairs(900);
    wait_until(count_descriptors() <= descriptors);
    g_test_message("resident: %" G_GSIZE_FORMAT " KiB after 100, %" G_GSIZE_FORMAT
                   " KiB after 1000",
                   resident_kib, get_resident_kib());
    if (g_getenv("PIERCE_TEST_MEMORY_IS_CHECKED")) /* a sanitizer's quarantine grows by design */
        g_assert_cmpuint(get_resident_kib(), <, resident_kib + 2048);
}

#define add(name, func) g_test_add("/negotiation/" name, Fixture, NULL, setup, func, teardown)

int
main(int argc, char **argv)
{
    const char *why = NULL;
    g_test_init(&argc, &argv, NULL);
    if (!netns_enter(&why)) {
        g_print("1..0 # SKIP %s\n", why);
        return 77;
    }
    wait_until_enable();
    add("a-restart-moves-the-path-and-loses-nothing",
        test_a_restart_moves_the_path_and_loses_nothing);
    g_test_add_func("/negotiation/needed-for-the-first-channel-and-for-restarts",
                    test_negotiation_is_needed_for_the_first_channel_and_for_restarts);
    g_test_add_func("/negotiation/glare-ends-with-the-polite-side-giving-way",
                    test_glare_ends_with_the_polite_side_giving_way);
    add("a-restart-that-is-rolled-back-leaves-the-path",
        test_a_restart_that_is_rolled_back_leaves_the_path);
    g_test_add_func("/negotiation/descriptions-cannot-be-edited-or-set-out-of-turn",
                    test_descriptions_cannot_be_edited_or_set_out_of_turn);
    g_test_add_func("/negotiation/early-candidates-wait-and-others-are-dropped",
                    test_early_candidates_wait_and_others_are_dropped);
    g_test_add_func("/negotiation/candidates-name-the-section-of-the-data-channels",
                    test_candidates_name_the_section_of_the_data_channels);
    g_test_add_func("/negotiation/ipv6-alone-is-enough", test_ipv6_alone_is_enough);
    g_test_add_func("/negotiation/a-wrong-fingerprint-ends-the-connection",
                    test_a_wrong_fingerprint_ends_the_connection);
    g_test_add_func("/negotiation/the-kept-certificate-is-the-one-shown",
                    test_the_kept_certificate_is_the_one_shown);
    g_test_add_func("/negotiation/pem-that-cannot-be-used-says-why",
                    test_pem_that_cannot_be_used_says_why);
    g_test_add_func("/negotiation/a-thousand-connections-leave-nothing-behind",
                    test_a_thousand_connections_leave_nothing_behind);
    return g_test_run();
}
