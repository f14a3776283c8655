# top is a live screen: it follows keys and the size of the terminal, and puts
# the terminal back.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start shop "$here/shop.lua"
tm() { tmux -L "akt$$" -f /dev/null "$@"; }
trap 'tm kill-server 2>/dev/null; kill -9 $pids 2>/dev/null; wait' EXIT

screen() { tm capture-pane -p -t t; }
until_shows() {
  for _ in $(seq 1000); do
    screen | grep -q -- "$1" && return
    sleep 0.05
  done
  fail "never shown: $1 in: $(screen)"
}
tm new-session -d -s t -x 100 -y 30 "sh" || fail "no tmux"
tm send-keys -t t "PS1='> '; echo before" Enter
until_shows before
tm send-keys -t t "'$AKTVM' top --interval 0.2; echo code \$?" Enter
until_shows "worker 0"
until_shows "the store"
tm send-keys -t t m
until_shows '^ *6  client'
tm resize-window -t t -x 60 -y 12
until_shows "NUMBER"
screen | grep -q RESTARTS && fail "wider than the terminal: $(screen)"
tm send-keys -t t q
until_shows "code 0"
until_shows before
screen | grep -q "worker 0" && fail "the screen is not put back"
# it ends when the node does
tm send-keys -t t "'$AKTVM' top --interval 0.2; echo code \$?" Enter
until_shows "worker 0"
expect 0 shutdown
until_shows "code 3"
