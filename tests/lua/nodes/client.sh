# A client without a node: ask, send and ping; who is not there, who is refused.
set -e
. "$(dirname "$0")/support/nodes.sh"
at() { sed -n 's/^listens on //p' "$t/$1.out"; }

# expect CODE WORDS COMMAND...: how it ends, and what it says
expect() {
  code=$1 words=$2
  shift 2
  got=0
  "$AKTVM" "$@" >"$t/said" 2>&1 || got=$?
  if [ "$got" != "$code" ] || ! grep -qe "$words" "$t/said"; then
    echo "aktvm $*: ended with $got, expected $code and '$words':"
    cat "$t/said"
    exit 1
  fi
}

node n1 server.lua
a=$(at n1)

# values there and back
"$AKTVM" ask "echo@$a" echo 1 -2 2.5 x '"5"' null true '{"a":[1,{}]}' \
  -70000 -5000000000 -- --x >"$t/values"
printf '%s\n' 1 -2 2.5 '"x"' '"5"' null true '{"a":[1,{}]}' -70000 \
  -5000000000 '"--x"' | diff - "$t/values"
expect 0 '^{"v":1,"values":\[1,\[2\]\]}$' ask --json "echo@$a" echo 1 '[2]'
expect 0 '^{"v":1,"values":\[\]}$' ask --json "echo@$a" echo
expect 0 '^"<pid>"$' ask "echo@$a" who
expect 0 '^"deferred"$' ask "echo@$a" later 0.01

# over 128 kB: in pieces
long=$(head -c 100000 /dev/zero | tr '\0' y)
expect 0 "^\"$(echo "$long" | head -c 20)" ask "echo@$a" echo "$long" "$long"

# what was sent has arrived before the next command asks
"$AKTVM" send "sum@$a" inc 4
expect 0 '^4$' ask "sum@$a" get
expect 0 '^n1  min' ping "$a"
expect 0 '"node":"n1"' ping --json "$a"

# errors of actors
expect 1 unknown_message ask "sum@$a" nosuch
expect 1 noproc ask "nobody@$a" x
expect 1 timeout ask "echo@$a" late 60 --timeout 0.2
expect 1 crash ask "echo@$a" fail

# not reachable, refused, wrong
expect 3 noconnection ping 127.0.0.1:1
expect 4 cluster ping --cluster other "$a"
expect 2 'NAME@HOST:PORT' ask "$a" x
expect 2 missing ask "sum@$a"
expect 2 unknown ping "$a" --nosuch

# TLS: by a secret, by certificates
(umask 077 && echo "a secret of 20 bytes" >"$t/one" &&
  echo "one that is another" >"$t/two")
node n2 server.lua --secret-file "$t/one"
expect 0 '^n2 ' ping --secret-file "$t/one" "$(at n2)"
expect 4 refused ping --secret-file "$t/two" "$(at n2)"
expect 3 noconnection ping "$(at n2)"

"$AKTVM" pki init "$t/pki" --cluster aktvm >"$t/pki.out"
"$AKTVM" pki issue n3 --dir "$t/pki" >>"$t/pki.out"
"$AKTVM" pki issue ops --dir "$t/pki" >>"$t/pki.out"
node n3 server.lua --tls-ca "$t/pki/ca.pem" --tls-cert "$t/pki/n3.pem" \
  --tls-key "$t/pki/n3.key"
expect 0 '^"hi"$' ask --tls-ca "$t/pki/ca.pem" --tls-cert "$t/pki/ops.pem" \
  --tls-key "$t/pki/ops.key" "echo@$(at n3)" echo hi
expect 4 refused ping --secret-file "$t/one" "$(at n3)"
