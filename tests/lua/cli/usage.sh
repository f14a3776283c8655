# Usage errors exit with 2 and say what is wrong on stderr only.
usage() {
  out=$("$AKTVM" "$@" 2> "$AKT_TEST_TMP/err")
  code=$?
  [ $code = 2 ] && [ -z "$out" ] && [ -s "$AKT_TEST_TMP/err" ] ||
    { echo "aktvm $*: $code $out"; cat "$AKT_TEST_TMP/err"; exit 1; }
}
usage
usage --no-such-option x.lua
usage run
usage run --timeout 1 x.lua
usage repl --sim
usage repl --timeout 0
usage --workers
usage --workers 0 x.lua
usage --workers many x.lua
usage --seed x x.lua
usage --log-level loud x.lua
usage --memory 1 x.lua
usage --name= x.lua
usage --advertise n1.example:7001 x.lua
usage --name n1 --listen :7001 --advertise n1.example:0 x.lua
usage --name n1 --connect n2@n2.example:7001 --advertise n1.example:7001 x.lua
usage check
usage -e
set -e
[ "$("$AKTVM" --help | head -c 6)" = "usage:" ]
"$AKTVM" --version | grep -Eq '^aktvm [0-9]+\.[0-9]+\.[0-9]+$'
for command in run repl attach ps; do
  "$AKTVM" $command --help > "$AKT_TEST_TMP/help"
  head -n 1 "$AKT_TEST_TMP/help" | grep -q "^usage: aktvm $command "
  "$AKTVM" --help | grep -q "^  $command "
done
