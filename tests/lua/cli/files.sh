# What cannot be run exits with 1; odd files run.
set -e
cd "$AKT_TEST_TMP"
fails() {
  if "$AKTVM" "$@" 2> err > out; then echo "ran: $*"; exit 1; fi
  [ $? != 2 ] && [ ! -s out ]
}
fails no_such_file.lua; grep -q "no_such_file.lua: No such file" err
mkdir folder; fails folder; grep -q "directory" err
printf 'print("x"' > bad.lua; fails bad.lua; grep -q "bad.lua:1:" err
printf '\xef\xbb\xbfprint("bom")' > bom.lua; [ "$("$AKTVM" bom.lua)" = bom ]
printf '#!/usr/bin/env aktvm\nprint("shebang")\nerror("two")' > she.lua
if "$AKTVM" she.lua > out 2> err; then exit 1; fi
[ "$(cat out)" = shebang ]; grep -q "she.lua:3: two" err
: > empty.lua; [ -z "$("$AKTVM" empty.lua)" ]
printf 'print(...)' > -dash.lua; [ "$("$AKTVM" -- -dash.lua a)" = a ]
echo 'print("from stdin", ...)' | "$AKTVM" - x > out; [ "$(cat out)" = "from stdin	x" ]
printf 'print("run", ...)' > r.lua; [ "$("$AKTVM" run --workers 1 r.lua --workers 3)" = "run	--workers	3" ]
printf '\033Lua' > compiled.lua; fails compiled.lua; grep -q "only text" err
printf 'return 5' > ret.lua; "$AKTVM" ret.lua
