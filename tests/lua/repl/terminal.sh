#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The prompt on a terminal: editing, history, completion, several lines,
# Ctrl-C and Ctrl-D.
# timeout: 300
set -u
. "$(dirname "$0")/support/tmux.sh"
trap stop EXIT

state=$AKT_TEST_TMP/state
repl="env HOME=$AKT_TEST_TMP XDG_STATE_HOME=$state $AKTVM repl --admin off --log-level error"
start "$repl"

# editing: Ctrl-A goes to the start of the line, left and backspace work
ready
typed '+ 2'
keys C-a
typed '40 '
keys C-e Enter
await '42'

# letters of more than one byte, and editing between them
ready
typed '"größ"'
keys Left
typed 'e'
keys Enter
await '"größe"'

# a line that is not complete goes on; its lines run as one
enter 'function double(n)'
await '\.\.\. '
enter '  return n * 2'
enter 'end'
enter 'double(11)'
await '22'

# history: up twice brings what was before the last line
enter '"first"'
await '"first"'
enter '"second"'
await '"second"'
ready
keys Up Up Enter
await_n 2 '"first"'

# completion: of a global, of a field, and the list of what is possible
enter 'workshop = { alpha = 1, alphabet = 2, beta = "seen" }'
ready
typed 'works'
keys Tab
typed '.be'
keys Tab Enter
await '> workshop.beta'
await '"seen"'
ready
typed 'workshop.al'
keys Tab Tab
await 'alpha  *alphabet'
typed 'bet'
keys Enter
await '2'
ready
typed 'akt.wher'
keys Tab
typed '("nobody")'
keys Enter
await '> akt.whereis("nobody")'
await 'nil'
enter 'akt.register("frontdesk", akt.self())'
await '> akt.register.*'
ready
typed 'akt.whereis("front'
keys Tab
typed '") == akt.self()'
keys Enter
await '> akt.whereis("frontdesk") == akt.self()'
await 'true'

# Ctrl-C clears the line, also one of several lines
ready
typed 'this is thrown away'
await '> this is thrown away'
keys C-c
await '> this is thrown away.C'
enter 'if true then'
ready
keys C-c
enter '"after " .. "the clear"'
await '"after the clear"'

# ... and ends a line that runs: a loop, a wait, a loop that catches errors
enter 'print("spins") while true do end'
await 'spins'
keys C-c
await 'error.interrupted.: interrupted'
enter 'print("waits") akt.receive()'
await 'waits'
keys C-c
await_n 2 'error.interrupted.: interrupted'
enter 'print("clings") while true do pcall(function() while true do end end) end'
await 'clings'
keys C-c
await_n 3 'error.interrupted.: interrupted'
enter 'double(50)' # what was defined is still there
await '100'

# Ctrl-D ends it
ready
keys C-d
await '.ended 0.'
[ "$(stat -c %a "$state/aktvm/history")" = 600 ] || exit 1

# the next one has the history
t respawn-pane -k -t test "env TERM=screen LC_ALL=C.UTF-8 $repl; \
    echo \"[ended \$?]\"; exec cat"
t clear-history -t test
ready
keys Up Enter
await '> double(50)'
enter 'double = function(n) return n + 7000 end'
ready
keys Up Up Enter
await '7050'
enter 'exit'
await '.ended 0.'

# Ctrl-Z and fg: the prompt is drawn again, and editing goes on
t respawn-pane -k -t test "env TERM=screen LC_ALL=C.UTF-8 PS1='shell: ' \
    bash --norc -i"
enter "$repl"
await "> "
keys C-z
await '.*Stopped.*'
enter 'fg'
await_n 2 '.*env HOME=.*repl --admin off --log-level error'
ready
typed '2 + 3000'
keys Left Left Left Left
typed '1'
keys Enter
await '> 2 + 13000'
await '13002'
