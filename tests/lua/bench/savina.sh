# SPDX-License-Identifier: MIT
# Each program of the Savina suite runs small and says what scripts/bench reads;
# the same program with one mistake in an actor fails instead of being quick.
# timeout: 60
set -u

failed=0
fail() {
    echo "FAIL $*" >&2
    failed=1
}

# NAME ARGS: prints one line of the form that bench/README.md promises.
right() {
    local out
    # shellcheck disable=SC2086 # the arguments are words
    out=$("$AKTVM" "bench/savina/$1.lua" $2 iterations=1) ||
        fail "$1: exit code $?"
    [[ $out =~ ^$1\ \ [0-9]+\ [a-z]+/s\ work=[0-9]+\ check=[0-9.-]+\ seconds=[0-9.]+\ cpu=[0-9.]+$ ]] ||
        fail "$1 says: $out"
}

# NAME ARGS SED: must not end well.
wrong() {
    local copy=$AKT_TEST_TMP/$1 status
    mkdir "$copy"
    cp bench/savina/savina.lua "$copy"
    sed -e "$3" "bench/savina/$1.lua" >"$copy/$1.lua"
    ! cmp -s "bench/savina/$1.lua" "$copy/$1.lua" || fail "$1: sed: $3"
    # shellcheck disable=SC2086
    "$AKTVM" "$copy/$1.lua" $2 iterations=1 >"$copy/out" 2>"$copy/err"
    status=$?
    [ $status = 1 ] || fail "$1, broken: exit code $status"
    [ ! -s "$copy/out" ] || fail "$1, broken, says: $(cat "$copy/out")"
}

# Waiting for a message that was lost is found: "waits for ever", code 1.
while IFS='|' read -r name args mistake; do
    [ -f "bench/savina/$name.lua" ] || fail "no program $name"
    right "$name" "$args"
    [ -n "$AKT_TEST_SANITIZER" ] || wrong "$name" "$args" "$mistake"
done <<'PROGRAMS'
pingpong|50|s/self.left = self.left - 1/self.left = self.left - 2/
count|100|s/do counter:send/do if _ ~= 7 then counter:send/; s/"increment") end/"increment") end end/
fjthrput|20 3|s/self.handled == self.total/self.handled == self.total - 1/
fjcreate|20|s/, "worked"//
threadring|5 100|s/self.handled + 1/self.handled + 2/
chameneos|7 40|s/akt.forward(self.waiting)  /akt.forward(akt.sender())  /; s/self.meetings + 1/self.meetings + 2/
big|6 30|s/send("pong", self.id)/send("pong", id)/
concdict|4 30 10 100|s/self.data\[key\] = value/self.data[key] = value + 1/
concsll|3 60|s/item\[after\] <= new/item[after] > new/
bndbuffer|5 4 4 10 1 1|s/self.consumed + 1/self.consumed/
philosopher|5 20|s/taken\[id\], taken\[right\] = true, true/taken[id] = true/
barber|20 5 10 10|s/self.cut + 1/self.cut/
cigsmok|20 5|s/self.smoked + period/self.smoked + 1/
logmap|20 3|s/self.term = self.computer/local _ = self.computer/
banking|20 50|s/self.balance - amount/self.balance - amount - 1/
fib|10|s/send("request", n - 2)/send("request", n - 1)/
sieve|2000 100|s/if not is_locally_prime/if is_locally_prime/
bitonicsort|16|s/first, v = v, first//
trapezoid|2000 4|s/area + 0.5/area + 0.6/
nqueenk|6 2 3|s/ or q == high//
recmatmul|16 16 3|s/for k = 1, dim do sum/for k = 2, dim do sum/
PROGRAMS

ls bench/savina/*.lua | wc -l | grep -qx 22 || fail "a program is not tested"
exit $failed
