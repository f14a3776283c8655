# TLS by certificates and by a secret; who has the wrong ones is refused, and both
# sides say why.
set -e
. "$(dirname "$0")/support/nodes.sh"
pki=$t/pki
"$AKTVM" pki init "$pki" --cluster shop >"$t/pki.out"
for n in n1 n2 n3; do "$AKTVM" pki issue $n --dir "$pki" >>"$t/pki.out"; done
"$AKTVM" pki init "$t/other" --cluster shop >>"$t/pki.out"
"$AKTVM" pki issue n1 --dir "$t/other" >>"$t/pki.out"
umask 077
echo "the secret of these nodes" >"$t/secret"
echo "the secret of other nodes" >"$t/wrong"

with_cert() { # NAME [DIR]
  d=${2:-$pki}
  tls="--cluster shop --tls-ca $d/ca.pem --tls-cert $d/$1.pem --tls-key $d/$1.key"
}

# shellcheck disable=SC2086 # $tls is words
flows() { # OPTIONS of n2, in $tls of n1
  node n2 flow_host.lua $1
  start n1 flow.lua $tls --connect "$(address n2)"
  awaits "$t/n1.out" "^flows"
  touch "$t/mark"
  finishes n1
  finishes n2
  rm "$t/mark"
}

export BIG=20
with_cert n2 && there=$tls
with_cert n1 && flows "$there"
tls="--secret-file $t/secret" && flows "$tls"

# refused WORDS-OF-IT WORDS-OF-n2 NAME OPTION...: it cannot be linked with n2
refused() {
  echo "$3 ${*:4}: $1, $2" >"$t/case.out"
  start "$3" host.lua --connect "$(address n2)" "${@:4}"
  awaits "$t/$3.err" "no link to a node.*$1"
  awaits "$t/n2.err" "a connection is refused.*$2"
  dies "$3"
  : >"$t/n2.err"
}

node n2 host.lua --secret-file "$t/secret"
refused "secret" "secret" n1 --secret-file "$t/wrong"
refused "cluster" "cluster" n1 --secret-file "$t/secret" --cluster other
refused "closed without an answer" "TLS" n1
# shellcheck disable=SC2086
with_cert n1 && refused "TLS: " "TLS: " n1 $tls
dies n2

node n2 host.lua $there
# shellcheck disable=SC2086
with_cert n1 "$t/other" && refused "certificate" "unknown CA" n1 $tls
with_cert n3 && refused "identity" "certificate of 'n3'" n1 $tls
dies n2

node n2 host.lua
refused "TLS: " "no hello of aktvm" n1 --secret-file "$t/secret"
# who is there has another name than was said
start n3 host.lua --connect "n1@$(address n2 | cut -d@ -f2)"
awaits "$t/n3.err" "no link to a node.*it has the name 'n2'"
