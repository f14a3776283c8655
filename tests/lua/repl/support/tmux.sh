# SPDX-License-Identifier: MIT
#
# A terminal for tests, by a tmux server of its own. Everything is awaited by
# looking at the screen until it is there; DEADLINE seconds, then it failed.

SOCKET=akt-test-$$
DEADLINE=${DEADLINE:-40}

t() { tmux -L "$SOCKET" -f /dev/null "$@"; }

# start COMMAND: runs it in a terminal of 80 by 40
start() {
    t new-session -d -x 80 -y 40 -s test "env TERM=screen LC_ALL=C.UTF-8 $1; \
        echo \"[ended \$?]\"; exec cat"
}

stop() { t kill-server 2>/dev/null || true; }

screen() { t capture-pane -p -J -t test; }

keys() { t send-keys -t test "$@"; }

typed() { t send-keys -t test -l -- "$1"; }

# What is typed while a line still runs is echoed by the terminal, not by the
# editor: the screen would differ.
ready() {
    local ends=$((SECONDS + DEADLINE))
    until screen | grep -v '^ *$' | tail -n 1 | grep -qxE '(>|\.\.\.|shell:) '; do
        if [ $SECONDS -ge $ends ]; then
            echo "no prompt" >&2
            screen >&2
            exit 1
        fi
        sleep 0.05
    done
}

enter() {
    ready
    typed "$1"
    keys Enter
}

# await N PATTERN: N lines at least match the whole pattern
await_n() {
    local n=$1 ends=$((SECONDS + DEADLINE))
    while [ "$(screen | grep -cx -- "$2")" -lt "$n" ]; do
        if [ $SECONDS -ge $ends ]; then
            echo "did not come ($n times): $2" >&2
            screen >&2
            exit 1
        fi
        sleep 0.05
    done
}

await() { await_n 1 "$1"; }
