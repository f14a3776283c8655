# Starts nodes for tests of the admin commands, and ends them with the test.
export AKTVM_RUNTIME_DIR="$AKT_TEST_TMP/run"
mkdir -m 700 "$AKTVM_RUNTIME_DIR"
here="$AKT_ROOT/tests/lua/admin/support"
pids=
trap 'kill -9 $pids 2>/dev/null; wait' EXIT

# start NAME SCRIPT [options]: returns when the script has printed "ready".
start() {
  name=$1 script=$2
  shift 2
  : > "$AKT_TEST_TMP/$name.out"
  "$AKTVM" --name "$name" "$@" "$script" > "$AKT_TEST_TMP/$name.out" \
    2> "$AKT_TEST_TMP/$name.err" &
  pids="$pids $!"
  until grep -q ready "$AKT_TEST_TMP/$name.out"; do
    kill -0 $! 2> /dev/null || fail "$name: $(cat "$AKT_TEST_TMP/$name.err")"
    sleep 0.02
  done
}

fail() {
  echo "$*"
  exit 1
}

# expect CODE COMMAND...: the exit code; what it printed is in $out.
expect() {
  want=$1
  shift
  out=$("$AKTVM" "$@" 2> "$AKT_TEST_TMP/err")
  code=$?
  [ $code = "$want" ] ||
    fail "aktvm $*: exit $code, not $want: $out $(cat "$AKT_TEST_TMP/err")"
}

# has TEXT...: each is in $out.
has() {
  for text in "$@"; do
    case "$out" in
    *"$text"*) ;;
    *) fail "'$text' is not in: $out" ;;
    esac
  done
}
