# shellcheck shell=bash
# For tests of admin commands over links; goes behind nodes.sh. A node that is
# started behind `lives_in NAME` has its admin socket in a place of its own, as if
# on another machine; so do commands.
#
#   lives_in NAME
#   expect CODE WORDS COMMAND...   how it ends, and what it says; also in $t/said
#   stream COMMAND...              begins one; its output is $t/stream.out, .err
#   ends CODE WORDS                how the stream does
export admin="" # the usual place

lives_in() {
  export AKTVM_RUNTIME_DIR=$t/$1.run
  mkdir -p -m 700 "$AKTVM_RUNTIME_DIR"
}

expect() {
  code=$1 words=$2
  shift 2
  got=0
  "$AKTVM" "$@" >"$t/said" 2>&1 || got=$?
  if [ "$got" != "$code" ] ||
    { [ "$words" ] && ! grep -qe "$words" "$t/said"; }; then
    echo "aktvm $*: ended with $got, expected $code and '$words':"
    cat "$t/said"
    exit 1
  fi
}

stream() {
  "$AKTVM" "$@" >"$t/stream.out" 2>"$t/stream.err" &
  stream=$!
}

ends() {
  got=0
  wait "$stream" || got=$?
  [ "$got" = "$1" ] && grep -qe "$2" "$t/stream.err" && return 0
  echo "the stream ended with $got, expected $1 and '$2'"
  return 1
}
