/* SPDX-License-Identifier: MIT */
#include "net/pki.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define SERIAL_BYTES 16

static bool complain(const struct akt_key_error *e, const char *what)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());
    snprintf(e->text, e->len, "%s%s%s", what, why ? ": " : "", why ? why : "");
    ERR_clear_error();
    return false;
}

bool akt_pki_name_ok(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
    return len > 0 && len <= AKT_PKI_TEXT_MAX && !name[len] && name[0] != '.' &&
           name[0] != '-';
}

/* ---- a certificate ---- */

static bool add_entry(X509_NAME *name, const char *field, const char *text)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      (const unsigned char *)text, -1, -1,
                                      0) == 1;
}

static bool add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

/* Random, positive, and never the same twice. */
static bool set_serial(X509 *x)
{
    unsigned char bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
    BN_free(n);
    return ok;
}

/* What all have: version 3, a serial number, times, the key. */
static X509 *new_cert(const struct akt_pki_request *r, EVP_PKEY *key)
{
    X509 *x = X509_new();
    if (x && X509_set_version(x, X509_VERSION_3) && set_serial(x) &&
        ASN1_TIME_set(X509_getm_notBefore(x), (time_t)r->from_s) &&
        ASN1_TIME_set(X509_getm_notAfter(x), (time_t)r->until_s) &&
        X509_set_pubkey(x, key))
        return x;
    X509_free(x);
    return NULL;
}

static bool fill_ca(X509 *x, const struct akt_pki_request *r)
{
    X509_NAME *name = X509_get_subject_name(x);
    return add_entry(name, "O", r->name) &&
           add_entry(name, "CN", "aktvm authority") &&
           X509_set_issuer_name(x, name) &&
           add_extension(x, x, NID_basic_constraints,
                         "critical,CA:TRUE,pathlen:0") &&
           add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_extension(x, x, NID_subject_key_identifier, "hash");
}

/* The cluster's name comes from the authority. */
static bool fill_subject(X509 *x, X509 *ca, const struct akt_pki_request *r)
{
    X509_NAME *name = X509_get_subject_name(x);
    char cluster[AKT_PKI_TEXT_MAX + 1];
    bool ok = X509_NAME_get_text_by_NID(X509_get_subject_name(ca),
                                        NID_organizationName, cluster,
                                        sizeof cluster) <= 0 ||
              add_entry(name, "O", cluster);
    for (size_t i = 0; ok && i < r->roles_len; i++)
        ok = add_entry(name, "OU", r->roles[i]);
    return ok && add_entry(name, "CN", r->name);
}

static bool fill_node(X509 *x, X509 *ca, const struct akt_pki_request *r)
{
    return fill_subject(x, ca, r) &&
           X509_set_issuer_name(x, X509_get_subject_name(ca)) &&
           add_extension(x, ca, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x, ca, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x, ca, NID_ext_key_usage, "serverAuth,clientAuth") &&
           add_extension(x, ca, NID_subject_key_identifier, "hash") &&
           add_extension(x, ca, NID_authority_key_identifier, "keyid:always");
}

/* ---- PEM ---- */

static bool take_bio(BIO *bio, struct akt_buf *out)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    if (n > 0)
        akt_buf_add(out, p, (size_t)n);
    return n > 0;
}

static bool write_pem(X509 *x, EVP_PKEY *key, struct akt_pki_pem *out)
{
    /* of secure memory: wiped when it is freed */
    BIO *cert = BIO_new(BIO_s_mem()), *secret = BIO_new(BIO_s_secmem());
    bool ok =
        cert && secret && PEM_write_bio_X509(cert, x) &&
        PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) &&
        take_bio(cert, &out->cert) && take_bio(secret, &out->key);
    BIO_free(cert);
    BIO_free(secret);
    if (!ok)
        akt_pki_pem_fini(out);
    return ok;
}

void akt_pki_pem_fini(struct akt_pki_pem *p)
{
    akt_buf_fini(&p->cert);
    akt_key_file_wipe(&p->key);
}

/* ---- the two kinds ---- */

static bool check_request(const struct akt_pki_request *r,
                          const struct akt_key_error *e)
{
    const char *bad = akt_pki_name_ok(r->name) ? NULL : r->name;
    for (size_t i = 0; i < r->roles_len; i++)
        if (!akt_pki_name_ok(r->roles[i]))
            bad = r->roles[i];
    if (bad)
        snprintf(e->text, e->len,
                 "'%.80s' is no name: 1 to %d letters, digits, _ - and .", bad,
                 AKT_PKI_TEXT_MAX);
    return !bad;
}

bool akt_pki_make_ca(const struct akt_pki_request *r, struct akt_pki_pem *out,
                     const struct akt_key_error *error)
{
    if (!check_request(r, error))
        return false;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = key ? new_cert(r, key) : NULL;
    bool ok = x && fill_ca(x, r) && X509_sign(x, key, EVP_sha256()) > 0 &&
              write_pem(x, key, out);
    if (!ok)
        complain(error, "the authority cannot be made");
    X509_free(x);
    EVP_PKEY_free(key);
    return ok;
}

static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
    return -1;
}

static X509 *read_cert(const struct akt_buf *b)
{
    BIO *bio = BIO_new_mem_buf(b->data, (int)b->len);
    X509 *x = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    return x;
}

static EVP_PKEY *read_key(const struct akt_buf *b)
{
    BIO *bio = BIO_new_mem_buf(b->data, (int)b->len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    return key;
}

/* Why this authority cannot sign that; NULL: it can. */
static const char *fault_of(X509 *ca, EVP_PKEY *key,
                            const struct akt_pki_request *r)
{
    time_t until = (time_t)r->until_s;
    if (!ca || !key)
        return "the authority's certificate or key cannot be read";
    if (X509_check_private_key(ca, key) != 1)
        return "the authority's key is not that of its certificate";
    if (X509_check_ca(ca) != 1)
        return "that certificate is no authority";
    if (X509_cmp_time(X509_get0_notAfter(ca), &until) < 0)
        return "the authority's certificate ends before that: fewer days";
    return NULL;
}

static bool sign(X509 *ca, EVP_PKEY *ca_key, const struct akt_pki_request *r,
                 struct akt_pki_pem *out)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = key ? new_cert(r, key) : NULL;
    bool ok = x && fill_node(x, ca, r) &&
              X509_sign(x, ca_key, EVP_sha256()) > 0 && write_pem(x, key, out);
    X509_free(x);
    EVP_PKEY_free(key);
    return ok;
}

bool akt_pki_issue(const struct akt_pki_pem *ca,
                   const struct akt_pki_request *r, struct akt_pki_pem *out,
                   const struct akt_key_error *error)
{
    if (!check_request(r, error))
        return false;
    X509 *by = read_cert(&ca->cert);
    EVP_PKEY *key = read_key(&ca->key);
    const char *fault = fault_of(by, key, r);
    bool ok = !fault && sign(by, key, r, out);
    if (fault)
        snprintf(error->text, error->len, "%s", fault);
    else if (!ok)
        complain(error, "the certificate cannot be made");
    ERR_clear_error();
    X509_free(by);
    EVP_PKEY_free(key);
    return ok;
}
