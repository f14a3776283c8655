# check finds mistakes without running the program.
set -e
cd "$AKT_TEST_TMP"
finds() { # FILE TEXT...
  file=$1; shift
  if "$AKTVM" check $file > out 2> err; then echo "clean: $file"; exit 1; fi
  [ ! -s out ] || { echo "printed:"; cat out; exit 1; }
  for text in "$@"; do
    grep -qF -- "$text" err || { echo "$file lacks: $text"; cat err; exit 1; }
  done
}
cat > clean.lua <<'L'
local akt = require "akt"
print("not run")
local K = akt.actor "k"
function K:init(n) self.n = n end
function K.on:get() return self.n end
local k = akt.spawn(K, 1)
print(k:ask("get"))
os.execute("touch ran")
L
"$AKTVM" check clean.lua > out 2> err; [ ! -s out ] && [ ! -s err ] && [ ! -e ran ]
echo 'local x = = 1' > syntax.lua; finds syntax.lua "syntax.lua:1: unexpected symbol"
printf 'local a = 1\nreturn foo(a)\n' > undef.lua; finds undef.lua "undef.lua:2: undefined global 'foo'"
printf 'bar = 1\n' > assign.lua; finds assign.lua "assign.lua:1: assigns the global 'bar'"
printf 'local n, akt = 0, require "akt"\nlocal K = akt.actor "k"\nfunction K.on:inc()\n  n = n + 1\nend\nakt.spawn(K)\n' > capture.lua
finds capture.lua "capture.lua:4: assigns the captured variable 'n'"
printf 'error("early")\n' > err.lua; finds err.lua "err.lua:1: early"
if "$AKTVM" check clean.lua undef.lua assign.lua 2> err; then exit 1; fi
grep -q undef.lua:2 err; grep -q assign.lua:1 err
finds no_such.lua "no_such.lua"
"$AKTVM" check clean.lua clean.lua
