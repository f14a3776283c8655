# SPDX-License-Identifier: MIT
# A death leaves a file that `aktvm crash` shows; bad files are refused.
set -e
cd "$AKT_TEST_TMP"
cat > app.lua <<'L'
local akt = require "akt"
local Parser = akt.actor "parser"
function Parser:init()
  self.done, self.bytes = 0, "\xff\0a\"b"
  self.password, self.list, self.again = "hunter2", {1, {2}, print}, self
end
function Parser.on:parse(text, opts)
  self.done = self.done + 1
  if text ~= "ok" then error("cannot parse: " .. text) end
end
akt.supervisor { { "parser", Parser, restart = "permanent" } }
akt.ask("parser", "parse", "ok")
print(akt.try(akt.ask, "parser", "parse", "bad\xfe", { n = 1 }) == nil)
akt.try(akt.ask, "parser", "parse", "again")
L
"$AKTVM" --crash-dir dir app.lua > out 2> err
grep -q true out
set -- dir/crash-*.json
[ $# = 1 ] || { echo "not one file for the second: $*"; exit 1; }
grep -qF "file     $1" err || { cat err; exit 1; }
"$AKTVM" crash "$1" > shown
for text in 'error[crash]: <parser#' '"parser" died in on.parse' \
  'message   app.lua:9: cannot parse: bad' 'place     app.lua:9' \
  'if text ~= "ok" then' 'done = 2' 'password = "<secret>"' \
  'list = [1,[2],"<function' 'message parse' 'again = "<cycle>"' 'spawn <parser#' \
  '"parse","bad\\xfe",{"n":1}] from <main#1>'; do
  grep -qF -- "$text" shown || { echo "not shown: $text"; cat shown; exit 1; }
done
! grep -q hunter2 "$1" || { echo "a secret in the file"; exit 1; }
python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$1"
"$AKTVM" crash --json "$1" | python3 -c 'import json,sys; json.load(sys.stdin)'
[ "$(stat -c %a "$1")" = 600 ]

# no directory, no file
"$AKTVM" app.lua > out 2> err
! grep -q "  file  " err
# the environment names one, too; a directory that cannot be is said once
AKTVM_CRASH_DIR=dir2 "$AKTVM" app.lua > out 2> err; ls dir2/crash-*.json > ls
"$AKTVM" --crash-dir no/such app.lua > out 2> err
[ "$(grep -c 'cannot write crash files into no/such' err)" = 1 ]

refused() { # FILE TEXT
  if "$AKTVM" crash "$1" > out 2> err; then echo "taken: $1"; exit 1; fi
  [ ! -s out ] && grep -qF "$2" err || { cat out err; exit 1; }
}
for n in 0 1 10 100 1000; do
  head -c $n dir/crash-*.json > cut.json
  refused cut.json "cut.json is no crash file"
done
echo '{"format":2}' > new.json; refused new.json "its format is not one"
echo '[1,2]' > list.json; refused list.json "list.json is no crash file"
refused missing.json "No such file"
refused . "no crash file"
# whatever the fields are
echo '{"format":1,"actor":7,"stack":[1,"x"],"turns":{},"events":[{}],"state":[]}' > odd.json
"$AKTVM" crash odd.json > out
printf '{"format":1,"error":{"message":"a\\u001b[31mb"}}' > esc.json
"$AKTVM" crash esc.json | grep -qF 'a\x1b[31mb'

# the oldest of ours make room, nothing else is touched
mkdir full; echo mine > full/crash-notes.json; echo mine > full/other
i=0; while [ $i -lt 120 ]; do
  echo x > full/crash-20200101-000000-$(printf %03d $i)-1-1.json; i=$((i+1))
done
"$AKTVM" --crash-dir full app.lua > out 2> err
[ "$(ls full | grep -c '^crash-2')" = 100 ]
[ -e full/crash-notes.json ] && [ -e full/other ]
[ ! -e full/crash-20200101-000000-020-1-1.json ]
[ -e full/crash-20200101-000000-021-1-1.json ]
