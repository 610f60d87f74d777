/* Real OpenSSL handshakes in memory, each record through the filter. */
#include "datachannel/dtls-filter.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

#define RECORD(type, epoch, size) type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 7, 0, size
#define MESSAGE(type, size) type, 0, 0, size, 0, 1, 0, 0, 0, 0, 0, size
#define MAX_STEPS 1000 /* a handshake that goes nowhere ends here */

typedef struct {
    const char *name;
    gboolean is_rsa;
    long mtu;
    gboolean has_cookie, has_ticket;
    const char *groups;
} Setting;

static const Setting settings[] = {
    { "ecdsa", FALSE, 1200, FALSE, FALSE, "X25519:P-256" },
    { "rsa", TRUE, 1200, FALSE, FALSE, "P-256" },
    { "small-fragments", TRUE, 256, FALSE, FALSE, "X25519:P-256" },
    { "cookie", FALSE, 1200, TRUE, FALSE, "X25519:P-256" },
    { "ticket", FALSE, 1200, FALSE, TRUE, "X25519:P-256" },
};

/* What an attacker puts in front of each honest record. */
static const guint8 attacks[][40] = {
    { RECORD(21, 0, 2), 2, 40 },                /* fatal alert */
    { RECORD(21, 0, 2), 1, 0 },                 /* close notify */
    { RECORD(22, 0, 13), MESSAGE(1, 1), 0xfe }, /* ClientHello of one byte */
    { RECORD(22, 0, 13), MESSAGE(2, 1), 0xfe }, /* ServerHello of one byte */
    { RECORD(22, 0, 12), MESSAGE(0, 0) },       /* HelloRequest */
    { RECORD(22, 0, 12), MESSAGE(20, 0) },      /* Finished */
    { RECORD(20, 0, 2), 1, 1 },
    { RECORD(23, 0, 1), 1 },
    /* These two pass: with the highest number there is, and as junk that no key opens. */
    { 20, 0xfe, 0xfd, 0, 0, 255, 255, 255, 255, 255, 255, 0, 1, 1 },
    { RECORD(22, 1, 25) },
};

typedef struct {
    SSL *ssl;
    BIO *in, *out;
    DtlsFilterRole role;
    gboolean is_established;
    guint32 next_sequence;
    guint n_judged;
} Side;

static int
accept_any_certificate(int preverified, X509_STORE_CTX *context)
{
    return 1;
}

static int
make_cookie(SSL *ssl, unsigned char *cookie, unsigned int *size)
{
    memset(cookie, 7, 20);
    *size = 20;
    return 1;
}

static int
check_cookie(SSL *ssl, const unsigned char *cookie, unsigned int size)
{
    return size == 20 && cookie[0] == 7;
}

static X509 *
make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const guint8 *) "test", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    g_assert_cmpint(X509_sign(certificate, key, EVP_sha256()), >, 0);
    return certificate;
}

static SSL_CTX *
make_context(const Setting *setting)
{
    SSL_CTX *context = SSL_CTX_new(DTLS_method());
    EVP_PKEY *key = setting->is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key);

    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU |
                                     (setting->has_ticket ? 0 : SSL_OP_NO_TICKET) |
                                     (setting->has_cookie ? SSL_OP_COOKIE_EXCHANGE : 0));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       accept_any_certificate);
    SSL_CTX_set_cookie_generate_cb(context, make_cookie);
    SSL_CTX_set_cookie_verify_cb(context, check_cookie);
    g_assert_cmpint(SSL_CTX_set1_groups_list(context, setting->groups), ==, 1);
    g_assert_cmpint(SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AES128_CM_SHA1_80"), ==, 0);
    g_assert_cmpint(SSL_CTX_use_certificate(context, certificate), ==, 1);
    g_assert_cmpint(SSL_CTX_use_PrivateKey(context, key), ==, 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

static void
side_init(Side *side, SSL_CTX *context, DtlsFilterRole role, long mtu)
{
    *side = (Side){ .ssl = SSL_new(context), .role = role };
    side->in = BIO_new(BIO_s_mem());
    side->out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(side->in, -1);
    SSL_set_bio(side->ssl, side->in, side->out);
    SSL_set_mtu(side->ssl, mtu);
    if (role == DTLS_FILTER_CLIENT)
        SSL_set_connect_state(side->ssl);
    else
        SSL_set_accept_state(side->ssl);
}

static void
side_advance(Side *side)
{
    guint8 bytes[64];

    if (!side->is_established && SSL_do_handshake(side->ssl) == 1)
        side->is_established = TRUE;
    if (side->is_established)
        SSL_read(side->ssl, bytes, sizeof bytes);
    ERR_clear_error();
}

static gboolean
side_receive(Side *side, const guint8 *bytes, gsize size)
{
    g_autofree guint8 *record = g_memdup2(bytes, size);

    side->n_judged++;
    if (!dtls_filter_record(side->role, side->is_established, record, size))
        return FALSE;
    dtls_filter_renumber(record, size, &side->next_sequence);
    BIO_write(side->in, record, (int) size);
    side_advance(side);
    return TRUE;
}

static void
attack(Side *side)
{
    for (gsize i = 0; i < G_N_ELEMENTS(attacks); i++)
        side_receive(side, attacks[i], dtls_filter_next_record(attacks[i], sizeof attacks[i]));
}

/* Moves what @from has written, record by record; all of it must pass. */
static gboolean
deliver(Side *from, Side *to, gboolean is_attacked)
{
    char *data = NULL;
    long size = BIO_get_mem_data(from->out, &data);
    g_autofree guint8 *flight = g_memdup2(data, (gsize) size);
    gsize left = (gsize) size;

    BIO_reset(from->out);
    for (const guint8 *at = flight; left > 0;) {
        gsize record = dtls_filter_next_record(at, left);
        g_assert_cmpuint(record, >, 0);
        if (is_attacked)
            attack(to);
        g_assert_true(side_receive(to, at, record));
        at += record;
        left -= record;
    }
    return size > 0;
}

static void
run_handshake(const Setting *setting, gboolean is_attacked)
{
    SSL_CTX *client_context = make_context(setting), *server_context = make_context(setting);
    Side client, server;

    side_init(&client, client_context, DTLS_FILTER_CLIENT, setting->mtu);
    side_init(&server, server_context, DTLS_FILTER_SERVER, setting->mtu);
    side_advance(&client);
    for (guint i = 0; i < MAX_STEPS; i++)
        if (!deliver(&client, &server, is_attacked) && !deliver(&server, &client, is_attacked))
            break;
    g_assert_true(client.is_established && server.is_established);

    g_assert_cmpint(SSL_write(client.ssl, "hello", 5), ==, 5);
    deliver(&client, &server, is_attacked);
    SSL_shutdown(server.ssl);
    deliver(&server, &client, is_attacked);
    g_assert_cmpint(SSL_get_shutdown(client.ssl), ==, SSL_RECEIVED_SHUTDOWN);
    g_assert_cmpuint(client.n_judged + server.n_judged, >, 10);

    SSL_free(client.ssl);
    SSL_free(server.ssl);
    SSL_CTX_free(client_context);
    SSL_CTX_free(server_context);
}

static void
test_an_honest_handshake_passes_whole(gconstpointer setting)
{
    run_handshake(setting, FALSE);
}

static void
test_a_handshake_survives_forged_records(gconstpointer setting)
{
    run_handshake(setting, TRUE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        g_autofree char *honest =
            g_strconcat("/dtls-filter-handshake/honest/", settings[i].name, NULL);
        g_autofree char *forged =
            g_strconcat("/dtls-filter-handshake/attacked/", settings[i].name, NULL);
        g_test_add_data_func(honest, &settings[i], test_an_honest_handshake_passes_whole);
        g_test_add_data_func(forged, &settings[i], test_a_handshake_survives_forged_records);
    }
    return g_test_run();
}
