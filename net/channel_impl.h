/* SPDX-License-Identifier: MIT
 *
 * net/channel_impl.h: what tls.c makes and channel.c uses.
 */
#ifndef AKT_NET_CHANNEL_IMPL_H
#define AKT_NET_CHANNEL_IMPL_H

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "net/channel.h"

#define AKT_TLS_KEY_BYTES 32 /* of SHA-256 */

/* Never changed once it is made. */
struct akt_tls {
    SSL_CTX *ctx;
    BIO_METHOD *bio; /* channel.c's */
    bool by_secret;
    uint32_t rekey;
    unsigned char key[AKT_TLS_KEY_BYTES]; /* of the secret */
};

/* NULL: out of memory. */
BIO_METHOD *akt_channel_bio(void);

#endif
