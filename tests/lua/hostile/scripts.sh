#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Scripts that cannot be run, and first bytes that are no Lua.
set -uo pipefail
cd "$AKT_TEST_TMP" || exit 1
fail() { echo "$*" >&2; exit 1; }
# want CODE TEXT ARGS...: the exit code, and a text in what it prints.
want() {
  local code=$1 text=$2 out status
  shift 2
  out=$("$AKTVM" "$@" 2>&1 </dev/null)
  status=$?
  [ $status = "$code" ] || fail "$*: exit $status, not $code: $out"
  [[ $out == *"$text"* ]] || fail "$*: no '$text' in: $out"
}
echo 'local x = = 1' >syntax.lua
want 1 "syntax.lua:1:" syntax.lua
want 1 "No such file" missing.lua
mkdir folder
want 1 "directory" folder
printf '\xef\xbb\xbfprint("bom")' >bom.lua
want 0 bom bom.lua
printf '#!/usr/bin/env aktvm\nprint("bang")\nerror("line")' >bang.lua
want 1 "bang.lua:3: line" bang.lua
printf '\xef\xbb\xbf#!/x\nprint("both")' >both.lua
want 0 both both.lua
printf '#no newline' >only.lua
want 0 "" only.lua
: >empty.lua
want 0 "" empty.lua
head -c 100000 /dev/urandom >random.lua
want 1 "random.lua" random.lua
printf 'print(#"a\0b")' >zero.lua
want 0 3 zero.lua
chmod 000 empty.lua
[ "$(id -u)" = 0 ] || want 1 "ermission" empty.lua
chmod 600 empty.lua
want 1 "unfinished" -e 'print("'
want 2 "bad value" --workers 0 empty.lua
want 2 "bad value" --workers x empty.lua
want 2 "bad value" --workers 100000000000000000000 empty.lua
want 2 "bad value" --workers -1 empty.lua
want 2 "bad value" --memory 1kB empty.lua
want 2 "bad value" --memory nan empty.lua
want 2 "bad value" --memory 5TBx empty.lua
want 2 "bad value" --max-actors 0 empty.lua
want 2 "bad value" --max-actors 99999999999 empty.lua
want 2 "bad value" --seed -1 empty.lua
want 2 "bad value" --seed "" empty.lua
want 2 "bad value" --seed 99999999999999999999999 empty.lua
want 2 "bad value" --log-level loud empty.lua
want 2 "bad value" --crash-reports maybe empty.lua
want 2 "unknown option" --nonsense empty.lua
want 2 "needs a value" --workers
want 2 "no program" --sim
