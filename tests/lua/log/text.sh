# Text lines cannot be broken or coloured by what scripts put in.
set -e
tmp=$AKT_TEST_TMP
cat > "$tmp/a.lua" <<'L'
local akt = require "akt"
akt.log.info{ "a\nb\27[0m\xff", "c", k = "x\n2026 error forged", ["k=1"] = "",
  t = { 1, { b = "q", a = 1 } }, b = true, s = akt.secret("pw"),
  path = "/a/b-c", quoted = 'say "hi"' }
L
"$AKTVM" "$tmp/a.lua" 2>"$tmp/err"
[ "$(wc -l <"$tmp/err")" = 1 ]
got=$(sed 's/^[0-9TZ:.-]* //' "$tmp/err")
want='info <main#1> a\nb\u{1b}[0m\xff c b=true k="x\n2026 error forged" "k=1"="" path=/a/b-c quoted="say \"hi\"" s=<secret> t=[1,{"a":1,"b":"q"}]'
[ "$got" = "$want" ] || { echo "$got"; exit 1; }
