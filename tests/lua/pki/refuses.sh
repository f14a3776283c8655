# What `aktvm pki` refuses, and that it leaves files as they are.
set -e
cd "$AKT_TEST_TMP"
fails() { # CODE TEXT ARGS...
  code=0
  want=$1 text=$2
  shift 2
  "$AKTVM" pki "$@" > out 2> err || code=$?
  [ $code = "$want" ] && [ ! -s out ] && grep -qF -- "$text" err ||
    { echo "aktvm pki $*: $code"; cat out err; exit 1; }
}
sums() { sha256sum pki/*; }

fails 2 "missing" init
fails 2 "missing: --cluster" init pki
fails 2 "missing: --dir" issue n1
fails 2 "'init' or 'issue'" make pki
fails 2 "--days is 1 to 36500" init pki --cluster shop --days 0
fails 2 "--days is 1 to 36500" init pki --cluster shop --days 3x
fails 2 "--role" issue n1 --dir pki --role
fails 2 "init takes" init pki --cluster shop --role admin
fails 2 "unknown option --node" issue n1 --dir pki --node n2
fails 1 "'a b' is no name" init pki --cluster "a b"
fails 1 "pki/ca.pem: No such file" issue n1 --dir pki
fails 1 "no/pki: No such file" init no/pki --cluster shop
[ ! -e pki ]

"$AKTVM" pki init pki --cluster shop > out
"$AKTVM" pki issue n1 --dir pki > out
before=$(sums)
fails 1 "pki/ca.key: is there already (--force" init pki --cluster shop
fails 1 "pki/n1.key: is there already (--force" issue n1 --dir pki
fails 2 "cannot be named 'ca'" issue ca --dir pki --force
fails 1 "'../n1' is no name" issue ../n1 --dir pki
fails 1 "is no name" issue n2 --dir pki --role "admin,CN=n1"
fails 1 "ends before that" issue n2 --dir pki --days 3651
fails 2 "that of its authority" issue n2 --dir pki --cluster other
[ "$(sums)" = "$before" ]

# half of a pair that is there already is not overwritten, either
rm pki/n1.key
fails 1 "pki/n1.pem: is there already" issue n1 --dir pki
[ ! -e pki/n1.key ] && [ "$(ls -A pki | wc -l)" = 3 ]

ln -s nowhere pki/n1.key
rm pki/n1.pem
fails 1 "pki/n1.key: File exists" issue n1 --dir pki
[ ! -e pki/n1.pem ] && [ ! -e pki/nowhere ]

"$AKTVM" pki issue n1 --dir pki --force > out
openssl verify -CAfile pki/ca.pem pki/n1.pem > out

# keys of an authority that others may read, are another's, or are none
chmod 644 pki/ca.key
fails 1 "pki/ca.key: is open to others" issue n2 --dir pki
chmod 600 pki/ca.key
cp pki/n1.key pki/ca.key
fails 1 "key is not that of its certificate" issue n2 --dir pki
cp pki/n1.pem pki/ca.pem
fails 1 "is no authority" issue n2 --dir pki
echo no > pki/ca.pem
fails 1 "cannot be read" issue n2 --dir pki
[ ! -e pki/n2.pem ]
