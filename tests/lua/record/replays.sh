# timeout: 240
# What has been recorded on several threads runs again in the same way: the same
# output in the same order, crash reports included, and the same exit code.
set -e
# without what only the first run can measure
told() { grep -v '^warning' "$1" | sed 's/waited [0-9.]* ms/waited/' || true; }
cd "$(dirname "$0")/support"
for program in busy full supervised published crash; do
  for workers in 2 8; do
    code=0 again=0
    "$AKTVM" --workers $workers --record "$AKT_TEST_TMP/rec" $program.lua \
      >"$AKT_TEST_TMP/out" 2>"$AKT_TEST_TMP/err" || code=$?
    "$AKTVM" replay "$AKT_TEST_TMP/rec" \
      >"$AKT_TEST_TMP/out2" 2>"$AKT_TEST_TMP/err2" || again=$?
    [ $code = $again ] || { echo "$program: code $code, then $again"; exit 1; }
    diff "$AKT_TEST_TMP/out" "$AKT_TEST_TMP/out2"
    told "$AKT_TEST_TMP/err" >"$AKT_TEST_TMP/e1"
    told "$AKT_TEST_TMP/err2" >"$AKT_TEST_TMP/e2"
    diff "$AKT_TEST_TMP/e1" "$AKT_TEST_TMP/e2"
  done
done
