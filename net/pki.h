/* SPDX-License-Identifier: MIT
 *
 * net/pki.h: the certificates of a cluster: an authority of its own, and one
 * certificate for each node (aktvm pki).
 *
 *     authority  subject O = cluster, CN = "aktvm authority"
 *     node       subject O = cluster, OU = role (each), CN = the node's name;
 *                for both sides of TLS, and nothing else
 *
 * Keys are ECDSA P-256, signatures SHA-256, serial numbers random.
 *
 * Ownership: the caller's buffers; keys are wiped by akt_pki_pem_fini.
 * Threads:   any; plain functions.
 */
#ifndef AKT_NET_PKI_H
#define AKT_NET_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/key_file.h"
#include "vm/base/buf.h"

#define AKT_PKI_CA_DAYS 3650
#define AKT_PKI_NODE_DAYS 365
#define AKT_PKI_DAYS_MAX 36500
#define AKT_PKI_ROLES_MAX 16
#define AKT_PKI_TEXT_MAX 64 /* bytes of a cluster's, node's or role's name */

/* Two PEM texts. */
struct akt_pki_pem {
    struct akt_buf cert, key;
};

struct akt_pki_request {
    const char *name;         /* of the cluster, or of the node */
    const char *const *roles; /* of a node */
    size_t roles_len;
    int64_t from_s, until_s; /* since 1970 */
};

/* Letters, digits and _ - . only, as names go into files and subjects. */
bool akt_pki_name_ok(const char *name);
/* An authority for the cluster r->name. */
bool akt_pki_make_ca(const struct akt_pki_request *r, struct akt_pki_pem *out,
                     const struct akt_key_error *error);
/* A certificate for the node r->name by this authority; it does not outlast
 * the authority's own. */
bool akt_pki_issue(const struct akt_pki_pem *ca,
                   const struct akt_pki_request *r, struct akt_pki_pem *out,
                   const struct akt_key_error *error);
void akt_pki_pem_fini(struct akt_pki_pem *p);

#endif
