# A socket that cannot be made is said and is no failure.
export AKTVM_RUNTIME_DIR="$AKT_TEST_TMP/open"
mkdir "$AKTVM_RUNTIME_DIR" && chmod 755 "$AKTVM_RUNTIME_DIR"
check() { # TEXT [options]
  text=$1
  shift
  out=$("$AKTVM" "$@" -e 'print "ran"' 2> "$AKT_TEST_TMP/err") &&
    [ "$out" = ran ] && grep -q "$text" "$AKT_TEST_TMP/err" ||
    { echo "$* $out"; cat "$AKT_TEST_TMP/err"; exit 1; }
}
check "open to other users"
chmod 700 "$AKTVM_RUNTIME_DIR"
out=$("$AKTVM" -e 'io.popen("ls $AKTVM_RUNTIME_DIR"):close() print(io.popen("ls $AKTVM_RUNTIME_DIR"):read())')
case "$out" in
aktvm.*.sock) ;;
*) echo "$out"; exit 1 ;;
esac
[ -z "$(ls "$AKTVM_RUNTIME_DIR")" ] || exit 1
echo x > "$AKT_TEST_TMP/file"
check "another file" --admin "$AKT_TEST_TMP/file"
[ "$(cat "$AKT_TEST_TMP/file")" = x ] || exit 1
check "path is too long" --admin "/tmp/$(printf '%0200d' 0)"
