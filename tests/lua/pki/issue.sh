# Certificates of `aktvm pki` are what OpenSSL takes for both sides of TLS.
set -e
cd "$AKT_TEST_TMP"
"$AKTVM" pki init pki --cluster shop > out
grep -q "^pki/ca.pem  the authority" out
"$AKTVM" pki issue n1 --dir pki --role admin --role=worker > out
grep -q "^pki/n1.pem  the certificate, until" out
"$AKTVM" pki issue n2 --dir pki --days 10 > out

for purpose in sslserver sslclient; do
  for node in n1 n2; do
    openssl verify -x509_strict -purpose $purpose -CAfile pki/ca.pem \
      pki/$node.pem | grep -q ": OK$"
  done
done

# who it is
subject() { openssl x509 -in "pki/$1.pem" -noout -subject -nameopt RFC2253; }
[ "$(subject ca)" = "subject=CN=aktvm authority,O=shop" ]
[ "$(subject n1)" = "subject=CN=n1,OU=worker,OU=admin,O=shop" ]
[ "$(subject n2)" = "subject=CN=n2,O=shop" ]

# P-256, and the key is that of the certificate
openssl x509 -in pki/n1.pem -noout -text > text
grep -q "ASN1 OID: prime256v1" text
grep -q "CA:FALSE" text
grep -q "ecdsa-with-SHA256" text
[ "$(openssl x509 -in pki/n1.pem -noout -pubkey)" = \
  "$(openssl pkey -in pki/n1.key -pubout)" ]
[ "$(openssl x509 -in pki/n1.pem -noout -serial)" != \
  "$(openssl x509 -in pki/n2.pem -noout -serial)" ]

# how long: a node 365 days, an authority 3650
lasts() { # NAME DAYS, to the hour
  openssl x509 -in "pki/$1.pem" -noout -checkend $(($2 * 86400 - 3600)) &&
    ! openssl x509 -in "pki/$1.pem" -noout -checkend $(($2 * 86400 + 3600))
} > out
lasts n1 365
lasts n2 10
lasts ca 3650

# another authority of the same cluster is another one
"$AKTVM" pki init other --cluster shop > out
if openssl verify -CAfile other/ca.pem pki/n1.pem > out 2>&1; then exit 1; fi

# keys are ours only, whatever the umask; nothing else is left there
umask 000
"$AKTVM" pki issue n3 --dir pki > out
for key in ca n1 n2 n3; do [ "$(stat -c %a pki/$key.key)" = 600 ]; done
[ "$(stat -c %a pki)" = 700 ]
[ "$(ls -A pki | tr '\n' ' ')" = \
  "ca.key ca.pem n1.key n1.pem n2.key n2.pem n3.key n3.pem " ]
