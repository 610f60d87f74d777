/* Owns a P-256 key pair and its self-signed certificate.  RFC 8827 section 6.5, RFC 8122. */

/* A key made by the older calls is put into a certificate as it is.  Where EVP_EC_gen made it,
 * OpenSSL 3.0 writes and parses it for that, which takes ten times as long as making it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "datachannel/certificate-key.h"
#include "datachannel/error.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#define VALID_DAYS 30
/* A peer whose clock is slow must not find the certificate to be from its future. */
#define BACKDATED_SECONDS (24 * 60 * 60)
#define SERIAL_BYTES 8

struct _PierceCertificate {
    GObject parent_instance;
    X509 *x509;
    EVP_PKEY *key;
    char *fingerprint;
};

G_DEFINE_FINAL_TYPE(PierceCertificate, pierce_certificate, G_TYPE_OBJECT)

static PierceCertificate *
take(X509 *x509, EVP_PKEY *key)
{
    PierceCertificate *self = g_object_new(PIERCE_TYPE_CERTIFICATE, NULL);
    self->x509 = x509;
    self->key = key;
    self->fingerprint = certificate_digest(x509, "sha-256");
    return self;
}

static gboolean
set_random_serial(X509 *x509)
{
    guint8 bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return FALSE;
    bytes[0] &= 0x7f; /* serial numbers are positive, RFC 5280 section 4.1.2.2 */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    gboolean is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
    BN_free(number);
    return is_set;
}

static gboolean
fill_and_sign(X509 *x509, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(x509);
    return X509_set_version(x509, X509_VERSION_3) && set_random_serial(x509) &&
           X509_gmtime_adj(X509_getm_notBefore(x509), -BACKDATED_SECONDS) &&
           X509_gmtime_adj(X509_getm_notAfter(x509), VALID_DAYS * 24 * 60 * 60) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const guint8 *) "pierce", -1, -1,
                                      0) &&
           X509_set_issuer_name(x509, name) && X509_set_pubkey(x509, key) &&
           X509_sign(x509, key, EVP_sha256());
}

static EVP_PKEY *
make_key(void)
{
    EVP_PKEY *key = EVP_PKEY_new();
    EC_KEY *pair = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    if (key && pair && EC_KEY_generate_key(pair) && EVP_PKEY_set1_EC_KEY(key, pair)) {
        EC_KEY_free(pair);
        return key;
    }
    EVP_PKEY_free(key);
    EC_KEY_free(pair);
    return NULL;
}

PierceCertificate *
pierce_certificate_generate(GError **error)
{
    EVP_PKEY *key = make_key();
    X509 *x509 = X509_new();
    if (key && x509 && fill_and_sign(x509, key))
        return take(x509, key);

    EVP_PKEY_free(key);
    X509_free(x509);
    g_set_error_literal(error, PIERCE_ERROR, PIERCE_ERROR_OPERATION,
                        "certificate: OpenSSL could not make a P-256 key; is its random source "
                        "or its configuration broken?");
    return NULL;
}

/* Each search starts at the beginning, so that key and certificate may come in either order. */
static BIO *
open_pem(const char *pem)
{
    return BIO_new_mem_buf(pem, -1);
}

/* Asks for no pass phrase: a prompt would block the program. */
static int
no_pass_phrase(char *buffer, int size, int is_writing, void *user_data)
{
    return -1;
}

PierceCertificate *
pierce_certificate_new_from_pem(const char *pem, GError **error)
{
    g_return_val_if_fail(pem, NULL);
    BIO *key_bio = open_pem(pem), *x509_bio = open_pem(pem);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_bio, NULL, no_pass_phrase, NULL);
    X509 *x509 = PEM_read_bio_X509(x509_bio, NULL, no_pass_phrase, NULL);
    BIO_free(key_bio);
    BIO_free(x509_bio);

    const char *wrong = !key    ? "it holds no private key without a pass phrase"
                        : !x509 ? "it holds no certificate"
                        : X509_check_private_key(x509, key) != 1
                            ? "the private key is not the certificate's"
                            : NULL;
    if (!wrong)
        return take(x509, key);

    g_set_error(error, PIERCE_ERROR, PIERCE_ERROR_SYNTAX, "certificate from PEM: %s", wrong);
    EVP_PKEY_free(key);
    X509_free(x509);
    return NULL;
}

char *
pierce_certificate_to_pem(PierceCertificate *self)
{
    g_return_val_if_fail(PIERCE_IS_CERTIFICATE(self), NULL);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, self->key, NULL, NULL, 0, NULL, NULL);
    PEM_write_bio_X509(bio, self->x509);
    char *text;
    long size = BIO_get_mem_data(bio, &text);
    char *pem = g_strndup(text, (gsize) size);
    BIO_free(bio);
    return pem;
}

const char *
pierce_certificate_get_fingerprint(PierceCertificate *self)
{
    g_return_val_if_fail(PIERCE_IS_CERTIFICATE(self), "");
    return self->fingerprint;
}

X509 *
certificate_get_x509(PierceCertificate *self)
{
    return self->x509;
}

EVP_PKEY *
certificate_get_key(PierceCertificate *self)
{
    return self->key;
}

char *
certificate_digest(X509 *x509, const char *algorithm)
{
    const EVP_MD *md = g_ascii_strcasecmp(algorithm, "sha-256") == 0   ? EVP_sha256()
                       : g_ascii_strcasecmp(algorithm, "sha-384") == 0 ? EVP_sha384()
                       : g_ascii_strcasecmp(algorithm, "sha-512") == 0 ? EVP_sha512()
                                                                       : NULL;
    guint8 digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!md || !X509_digest(x509, md, digest, &size))
        return NULL;
    GString *text = g_string_sized_new(3 * size);
    for (unsigned int i = 0; i < size; i++)
        g_string_append_printf(text, i ? ":%02X" : "%02X", digest[i]);
    return g_string_free(text, FALSE);
}

static void
pierce_certificate_finalize(GObject *object)
{
    PierceCertificate *self = PIERCE_CERTIFICATE(object);
    X509_free(self->x509);
    EVP_PKEY_free(self->key);
    g_free(self->fingerprint);
    G_OBJECT_CLASS(pierce_certificate_parent_class)->finalize(object);
}

static void
pierce_certificate_class_init(PierceCertificateClass *class)
{
    G_OBJECT_CLASS(class)->finalize = pierce_certificate_finalize;
}

static void
pierce_certificate_init(PierceCertificate *self)
{
}
