#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# examples/wordcount.lua counts what tr, sort and uniq count: on a tree of some
# hundred files with odd names, and on one file that is cut into many chunks.
# timeout: 120
set -euo pipefail

root=$(cd "$(dirname "$0")/../../.." && pwd)
aktvm=${AKTVM:-$root/build/release/aktvm}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export LC_ALL=C

# A word must not run from the end of one file into the next one, so each
# file goes through a tr of its own.
reference() {
  find "$@" -type f -exec sh -c '
    for f; do tr -cs A-Za-z "\n" <"$f"; echo; done' sh {} + |
    tr A-Z a-z | sed '/^$/d' | sort | uniq -c |
    sort -k1,1nr -k2,2 | awk '{ print $1, $2 }'
}

# same NAME PATH...: all words, not only the first twenty.
same() {
  local name=$1
  shift
  reference "$@" >"$dir/expected"
  "$aktvm" "$root/examples/wordcount.lua" -n 1000000 "$@" >"$dir/got"
  if ! diff "$dir/expected" "$dir/got" >"$dir/diff"; then
    echo "$name: wordcount (>) and tr | sort | uniq (<) differ:"
    head -20 "$dir/diff"
    exit 1
  fi
  echo "$name: $(wc -l <"$dir/got") different words"
}

# 400 files of up to 1,000 words from a vocabulary of 5,000, few of them often
# and many rarely, with digits, punctuation and bytes that are no ASCII between
# them. Every seventh file does not end with a newline.
awk -v dir="$dir/tree" 'BEGIN {
  srand(7)
  for (i = 0; i < 5000; i++) {
    word = ""
    for (n = i + 1; n > 0; n = int(n / 26)) word = word sprintf("%c", 97 + n % 26)
    words[i] = i % 3 ? word : toupper(substr(word, 1, 1)) substr(word, 2)
  }
  split(" |, |. |\n|\n\n|-|_|42|\t|\303\251", gaps, "|")
  for (f = 0; f < 400; f++) {
    folder = dir "/d" f % 20 "/e" f % 3
    if (!(folder in made)) { system("mkdir -p " folder); made[folder] = 1 }
    file = folder "/" f ".txt"
    count = int(rand() * 1000)
    printf "" >file
    for (w = 0; w < count; w++)
      printf "%s%s", words[int(5000 * rand() ^ 3)], gaps[int(rand() * 10) + 1] >file
    printf "%s", f % 7 ? "end\n" : "end" >file
    close(file)
  }
}'
printf 'a b a' >"$dir/tree/a space"
printf 'c d c' >"$dir/tree/it's \"quoted\" \$HOME"
printf 'e f e' >"$dir/tree/two
lines"
printf 'g h g' >"$dir/tree/-n"
: >"$dir/tree/empty"
printf '1 2 3\n' >"$dir/tree/no words"
same tree "$dir/tree"

# Some MB in one file: words lie across the borders of chunks, one word is
# longer than two chunks, and the file ends in the middle of a word.
{
  find "$dir/tree" -name '*.txt' -exec cat {} +
  head -c 600000 /dev/zero | tr '\0' x
  printf ' '
  find "$dir/tree" -name '1*.txt' -exec cat {} +
  head -c 262144 /dev/zero | tr '\0' y
} >"$dir/big"
same "one big file" "$dir/big"
same "files and a tree" "$dir/big" "$dir/tree/a space" "$dir/tree/d1"

# A path that does not exist is a failure, and the others are counted still.
if "$aktvm" "$root/examples/wordcount.lua" "$dir/tree/a space" "$dir/none" \
    >"$dir/got" 2>"$dir/err"; then
  echo "a missing path is no failure"
  exit 1
fi
printf '2 a\n1 b\n' | diff - "$dir/got"
grep -q none "$dir/err"
