# A file that is no recording, or a damaged one, is an error and no crash; what
# was written before a kill is replayed.
cd "$(dirname "$0")/support"
t=$AKT_TEST_TMP
"$AKTVM" --workers 4 --record "$t/rec" full.lua >/dev/null || exit 1
fails() { # file, words
  out=$("$AKTVM" replay "$1" 2>&1 >/dev/null) && { echo "$1: no error"; exit 1; }
  case $out in *"$2"*) ;; *) echo "$1: $out"; exit 1 ;; esac
}
: >"$t/empty"
fails "$t/empty" "it is no recording"
fails "$t/none" "No such file"
fails full.lua "it is no recording"
head -c 100000 /dev/urandom >"$t/noise"
fails "$t/noise" "it is no recording"
tail -c +65537 "$t/rec" >"$t/headless"
fails "$t/headless" "it is"
# words that are changed here and there: it may leave the recording, no more
for at in 70000 135300 200900 266400 331900 397500; do
  cp "$t/rec" "$t/bad"
  printf '\377\001\377' | dd of="$t/bad" bs=1 seek=$at conv=notrunc 2>/dev/null
  "$AKTVM" replay "$t/bad" >/dev/null 2>"$t/err"
  code=$?
  [ $code -le 1 ] || { echo "at $at: code $code"; cat "$t/err"; exit 1; }
done
# one that is full ends where it was cut off
"$AKTVM" --workers 4 --record "$t/full" --record-limit 1MB long.lua \
  >"$t/out" 2>"$t/err" || { cat "$t/err"; exit 1; }
grep -q 'the recording is full' "$t/err" || { cat "$t/err"; exit 1; }
[ "$(stat -c %s "$t/full")" -le 1048576 ] || { ls -l "$t/full"; exit 1; }
"$AKTVM" replay "$t/full" >/dev/null 2>"$t/err"
grep -q 'the recording was cut off here' "$t/err" || { cat "$t/err"; exit 1; }
# one that another version has made
sed 's/\(build.\{0,8\}\)0\.[0-9]*\.[0-9]*/\19.9.9/' "$t/rec" >"$t/other"
fails "$t/other" "another version of aktvm has recorded it"
# nothing to record to
out=$("$AKTVM" --record /nowhere/rec full.lua 2>&1) && exit 1
case $out in *"cannot record to /nowhere/rec"*) ;; *) echo "$out"; exit 1 ;; esac
"$AKTVM" --sim --record "$t/x" full.lua 2>/dev/null
[ $? = 2 ] || { echo "--sim --record"; exit 1; }
