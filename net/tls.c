/* SPDX-License-Identifier: MIT
 *
 * The contexts of net/channel.h: files, and what is asked of the other side.
 */
#include "net/channel_impl.h"

#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/core_names.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "net/key_file.h"
#include "vm/base/alloc.h"

/* Both with SHA-256, which the key of a secret is bound to. */
#define SUITES "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
#define GROUPS "X25519:P-256"
#define IDENTITY "aktvm" /* of the one secret there is */
#define CONTEXT_ID "aktvm link"

/* What OpenSSL says, or `otherwise`. */
static bool complain(const struct akt_key_error *e, const char *path,
                     const char *otherwise)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    if (reason)
        snprintf(e->text, e->len, "%s: %s (%s)", path, otherwise, reason);
    else
        snprintf(e->text, e->len, "%s: %s", path, otherwise);
    ERR_clear_error();
    return false;
}

/* ---- a secret ---- */

static SSL_SESSION *session_of(SSL *ssl)
{
    /* TLS 1.3 takes the hash from it; any suite of that hash is fine */
    static const unsigned char suite[] = {0x13, 0x01};
    const struct akt_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, suite);
    SSL_SESSION *s = SSL_SESSION_new();
    if (s && cipher && SSL_SESSION_set_cipher(s, cipher) &&
        SSL_SESSION_set1_master_key(s, tls->key, sizeof tls->key) &&
        SSL_SESSION_set1_id_context(s, (const unsigned char *)CONTEXT_ID,
                                    strlen(CONTEXT_ID)) &&
        SSL_SESSION_set_protocol_version(s, TLS1_3_VERSION))
        return s;
    SSL_SESSION_free(s);
    return NULL;
}

static int on_use_secret(SSL *ssl, const EVP_MD *md, const unsigned char **id,
                         size_t *id_len, SSL_SESSION **s)
{
    *s = NULL;
    if (md && !EVP_MD_is_a(md, "SHA256"))
        return 1; /* without: it will fail */
    *s = session_of(ssl);
    *id = (const unsigned char *)IDENTITY;
    *id_len = strlen(IDENTITY);
    return *s != NULL;
}

static int on_find_secret(SSL *ssl, const unsigned char *id, size_t id_len,
                          SSL_SESSION **s)
{
    bool ours = id_len == strlen(IDENTITY) && memcmp(id, IDENTITY, id_len) == 0;
    *s = ours ? session_of(ssl) : NULL;
    return !ours || *s;
}

/* HKDF with SHA-256: the secret need not be of one length, but must be hard to
 * guess, as what is heard on the wire can be tried against guesses. */
static bool derive(struct akt_tls *tls, const struct akt_buf *secret)
{
    char salt[] = "aktvm cluster secret", info[] = "aktvm tls 1.3 psk 1";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(
                               OSSL_KDF_PARAM_DIGEST, (char[]){"SHA256"}, 0),
                           OSSL_PARAM_construct_octet_string(
                               OSSL_KDF_PARAM_KEY, secret->data, secret->len),
                           OSSL_PARAM_construct_octet_string(
                               OSSL_KDF_PARAM_SALT, salt, sizeof salt - 1),
                           OSSL_PARAM_construct_octet_string(
                               OSSL_KDF_PARAM_INFO, info, sizeof info - 1),
                           OSSL_PARAM_construct_end()};
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *k = EVP_KDF_CTX_new(kdf);
    bool ok = k && EVP_KDF_derive(k, tls->key, sizeof tls->key, params) == 1;
    EVP_KDF_CTX_free(k);
    EVP_KDF_free(kdf);
    return ok;
}

/* Editors and echo put a newline behind it. */
static void trim(struct akt_buf *b)
{
    while (b->len && strchr(" \t\r\n", b->data[b->len - 1]))
        b->len--;
}

static bool load_secret(struct akt_tls *tls, const char *path,
                        const struct akt_key_error *e)
{
    struct akt_buf b = AKT_BUF_INIT;
    bool ok = akt_key_file_read(path, true, &b, e);
    if (!ok)
        return false;
    trim(&b);
    ok = b.len >= AKT_SECRET_MIN && b.len <= AKT_SECRET_MAX;
    if (!ok)
        snprintf(e->text, e->len, "%s: a secret has %d to %d bytes, not %zu",
                 path, AKT_SECRET_MIN, AKT_SECRET_MAX, b.len);
    else if (!(ok = derive(tls, &b)))
        complain(e, path, "no key can be made of it");
    akt_key_file_wipe(&b);
    if (!ok)
        return false;
    tls->by_secret = true;
    SSL_CTX_set_psk_use_session_callback(tls->ctx, on_use_secret);
    SSL_CTX_set_psk_find_session_callback(tls->ctx, on_find_secret);
    return true;
}

/* ---- certificates ---- */

/* A passphrase would be asked for on the terminal; there is none. */
static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
    return -1;
}

static BIO *open_pem(const char *path, bool secret, struct akt_buf *b,
                     const struct akt_key_error *e)
{
    if (!akt_key_file_read(path, secret, b, e))
        return NULL;
    BIO *bio = BIO_new_mem_buf(b->data, (int)b->len);
    if (!bio)
        complain(e, path, "out of memory");
    return bio;
}

static bool load_key(struct akt_tls *tls, const char *path,
                     const struct akt_key_error *e)
{
    struct akt_buf b = AKT_BUF_INIT;
    BIO *bio = open_pem(path, true, &b, e);
    if (!bio)
        return false;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    bool ok = key && SSL_CTX_use_PrivateKey(tls->ctx, key) == 1;
    if (!ok)
        complain(e, path,
                 key ? "is not the key of the certificate"
                     : "holds no key in PEM, or one with a passphrase");
    EVP_PKEY_free(key);
    BIO_free(bio);
    akt_key_file_wipe(&b);
    return ok;
}

/* The end of a PEM file is an error in the queue, too. */
static X509 *next_cert(BIO *bio)
{
    X509 *x = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    if (!x && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
        ERR_clear_error();
    return x;
}

/* The node's certificate, and those between it and the authority. */
static bool load_cert(struct akt_tls *tls, const char *path,
                      const struct akt_key_error *e)
{
    struct akt_buf b = AKT_BUF_INIT;
    BIO *bio = open_pem(path, false, &b, e);
    if (!bio)
        return false;
    X509 *x = next_cert(bio);
    bool ok = x && SSL_CTX_use_certificate(tls->ctx, x) == 1;
    X509_free(x);
    while (ok && (x = next_cert(bio))) {
        ok = SSL_CTX_add1_chain_cert(tls->ctx, x) == 1;
        X509_free(x);
    }
    if (!ok || ERR_peek_error())
        ok = complain(e, path, "holds no certificate in PEM that can be used");
    BIO_free(bio);
    akt_buf_fini(&b);
    return ok;
}

static bool load_ca(struct akt_tls *tls, const char *path,
                    const struct akt_key_error *e)
{
    struct akt_buf b = AKT_BUF_INIT;
    BIO *bio = open_pem(path, false, &b, e);
    if (!bio)
        return false;
    X509_STORE *store = SSL_CTX_get_cert_store(tls->ctx);
    int n = 0;
    for (X509 *x; (x = next_cert(bio)); n++) {
        X509_STORE_add_cert(store, x);
        X509_free(x);
    }
    bool ok = n > 0 && !ERR_peek_error();
    if (!ok)
        complain(e, path, "holds no certificate in PEM that can be used");
    BIO_free(bio);
    akt_buf_fini(&b);
    return ok;
}

/* Nobody would accept it: better said now than by each of the others. */
static bool check_own(struct akt_tls *tls, const char *path,
                      const struct akt_key_error *e)
{
    X509_STORE_CTX *s = X509_STORE_CTX_new();
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(tls->ctx, &chain);
    bool ok = s &&
              X509_STORE_CTX_init(s, SSL_CTX_get_cert_store(tls->ctx),
                                  SSL_CTX_get0_certificate(tls->ctx), chain) &&
              X509_verify_cert(s) == 1;
    if (!ok)
        snprintf(
            e->text, e->len, "%s: %s", path,
            X509_verify_cert_error_string(s ? X509_STORE_CTX_get_error(s) : 0));
    X509_STORE_CTX_free(s);
    ERR_clear_error();
    return ok;
}

/* ---- both ---- */

static bool set_up(struct akt_tls *tls)
{
    SSL_CTX *ctx = tls->ctx;
    SSL_CTX_set_app_data(ctx, tls);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    /* an idle link keeps no buffers; a record's rest comes with the next one */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) &&
           SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) &&
           SSL_CTX_set_num_tickets(ctx, 0) &&
           SSL_CTX_set_max_early_data(ctx, 0) &&
           SSL_CTX_set_ciphersuites(ctx, SUITES) &&
           SSL_CTX_set1_groups_list(ctx, GROUPS) &&
           SSL_CTX_set_session_id_context(
               ctx, (const unsigned char *)CONTEXT_ID, strlen(CONTEXT_ID));
}

static bool load(struct akt_tls *tls, const struct akt_tls_config *c,
                 const struct akt_key_error *e)
{
    bool any = c->ca || c->cert || c->key;
    if (any && c->secret) {
        snprintf(e->text, e->len, "certificates or a secret, not both");
        return false;
    }
    if (c->secret)
        return load_secret(tls, c->secret, e);
    if (!c->ca || !c->cert || !c->key) {
        snprintf(e->text, e->len,
                 "TLS needs an authority, a certificate and its key");
        return false;
    }
    return load_ca(tls, c->ca, e) && load_cert(tls, c->cert, e) &&
           load_key(tls, c->key, e) && check_own(tls, c->cert, e);
}

struct akt_tls *akt_tls_create(const struct akt_tls_config *c, char *text,
                               size_t text_len)
{
    struct akt_key_error e = {text, text_len};
    struct akt_tls *tls = akt_calloc(sizeof *tls);
    ERR_clear_error();
    tls->rekey = c->rekey ? c->rekey : AKT_CHANNEL_REKEY;
    tls->ctx = SSL_CTX_new(TLS_method());
    tls->bio = akt_channel_bio();
    bool ok = tls->ctx && tls->bio && set_up(tls);
    if (!ok)
        complain(&e, "OpenSSL", "cannot be set up");
    if (ok && load(tls, c, &e))
        return tls;
    akt_tls_destroy(tls);
    return NULL;
}

void akt_tls_destroy(struct akt_tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->ctx);
    BIO_meth_free(tls->bio);
    OPENSSL_cleanse(tls->key, sizeof tls->key);
    akt_free(tls, sizeof *tls);
}
