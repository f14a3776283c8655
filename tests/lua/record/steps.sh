# Steps go forward and back, and to the crash; a step back is exact.
set -e
t=$AKT_TEST_TMP
cd "$(dirname "$0")/support"
"$AKTVM" --workers 4 --record "$t/rec" crash.lua >/dev/null 2>&1 || true
printf 'next 20\nwhere\nn 20\nw\nback 20\nw\ninspect 3\nn 20\nw\nc\nw\nq\n' |
  "$AKTVM" replay --step "$t/rec" >"$t/out" 2>"$t/err" || true
turns() { grep -E '^ +[0-9.]+ s ' "$1"; }
# "> step N" and the turns behind it, for each prompt
awk '/step [0-9]+/ { n++ } { print > (out "." n) }' out="$t/step" "$t/out"
grep -q 'step 21' "$t/step.2"
turns "$t/step.3" >"$t/first"   # w at 21
turns "$t/step.7" >"$t/back"    # w at 21, after n 20, w, b 20
diff "$t/first" "$t/back"
turns "$t/step.5" >"$t/on"      # w at 41
turns "$t/step.9" >"$t/again"   # w at 41, after looking at an actor
diff "$t/on" "$t/again"
grep -q 'error.crash.: <sum' "$t/err"
grep -q 'add' "$t/step.11"
# looking at an actor does not make the next crash go by unseen
printf 'n 20\ninspect 3\ncrash\nw\nq\n' |
  "$AKTVM" replay --step "$t/rec" >"$t/looked" 2>"$t/err" || true
grep -q 'error.crash.: <sum' "$t/err"
grep -q 'add' "$t/looked"
# nothing to step through
if out=$(timeout 60 "$AKTVM" replay --step "$t/none" </dev/null 2>&1); then exit 1; fi
case $out in *"No such file"*) ;; *) echo "$out"; exit 1 ;; esac
