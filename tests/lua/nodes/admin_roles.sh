# What may be asked over a link is decided by the roles in the certificate of the
# node that asks; by a secret, all.
set -e
. "$(dirname "$0")/support/nodes.sh"
. "$here/looks.sh"
pki=$t/pki
"$AKTVM" pki init "$pki" --cluster shop >"$t/pki.out"
"$AKTVM" pki issue n2 --dir "$pki" >>"$t/pki.out"
"$AKTVM" pki issue nobody --dir "$pki" >>"$t/pki.out"
"$AKTVM" pki issue looks --role observer --dir "$pki" >>"$t/pki.out"
"$AKTVM" pki issue rules --role other --role admin --dir "$pki" >>"$t/pki.out"

with_cert() { # NAME
  tls="--cluster shop --tls-ca $pki/ca.pem --tls-cert $pki/$1.pem --tls-key $pki/$1.key"
}

from() { # NAME: a node that is linked with n2
  lives_in "$1"
  # shellcheck disable=SC2086 # words
  with_cert "$1" && node "$1" looked_at.lua $tls --connect "$(address n2)"
}

lives_in n2
# shellcheck disable=SC2086
with_cert n2 && node n2 looked_at.lua $tls

from nobody
expect 4 "denied: n2: 'status' needs the role observer or admin, and the certificate of nobody has no role" \
  status --node n2
expect 4 "denied: n2: 'kill' needs the role admin" kill visits --node n2
dies nobody

from looks
for c in "status" "ps" "tree" "top --once" "inspect visits" "heap visits" \
  "why visits" "stats" "stats --prometheus" "drift" \
  "trace visits --seconds 1"; do
  # shellcheck disable=SC2086
  expect 0 "" $c --node n2
done
for c in "stop visits" "kill visits" "restart visits" "reinstate visits" \
  "log debug" "shutdown" "reload"; do
  # shellcheck disable=SC2086
  expect 4 "needs the role admin, and the certificate of looks has only observer" $c --node n2
done
expect 3 "denied.*session_open" attach -e 1 --node n2
dies looks

# it goes by the role of who asks, not of who answers
from rules
expect 0 "" kill visits --node n2
lives_in n2
expect 4 "rules: 'ps' needs the role observer or admin, and the certificate of n2 has no role" \
  ps --node rules
lives_in rules
expect 0 "" shutdown --node n2
finishes n2
dies rules

# a client has the roles of its own certificate
lives_in n2
# shellcheck disable=SC2086
with_cert n2 && node n2 looked_at.lua $tls
direct() { # NAME: as whom
  with_cert "$1"
  # shellcheck disable=SC2086
  expect "$2" "$3" $4 --node "$(address n2)" $tls
}
lives_in nowhere
direct nobody 4 "the certificate of nobody has no role" ps
direct looks 0 "node n2" status
direct looks 4 "the certificate of looks has only observer" "kill visits"
direct rules 0 "" "kill visits"
lives_in n2
[ "$("$AKTVM" stats --prometheus |
  sed -n 's/^aktvm_link_admin_denied_total{peer="(clients)"} //p')" = 2 ]
direct rules 0 "" shutdown
finishes n2

umask 077
echo "the secret of these nodes" >"$t/secret"
lives_in n2
node n2 looked_at.lua --secret-file "$t/secret"
lives_in n1
node n1 looked_at.lua --secret-file "$t/secret" --connect "$(address n2)"
expect 0 "" kill visits --node n2
