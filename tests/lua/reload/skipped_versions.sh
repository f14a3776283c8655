# An actor that is behind by many versions finds the newest one, although those
# between are gone. (With ASan or valgrind, a link to one that is gone fails.)
. tests/lua/reload/support/lib.sh
cat > "$here/k.lua" <<'EOF'
local akt = require "akt"
local change = require "change"
local K = akt.actor "k"
function K.on:go(last)
  for i = 2, last do
    change("k", i)
    assert(#assert(akt.reload()).kinds == 1)
  end
end
function K.on:get() return 1 end
return K
EOF
cp "$here/k.lua" "$here/k.1.lua"
for i in 2 3 4 5 6 7 8 9; do
  sed "s/return 1 end/return $i end/" "$here/k.1.lua" > "$here/k.$i.lua"
done
file main.lua <<'EOF'
local akt = require "akt"
local k = akt.spawn(require "k")
k:ask("go", 9)
print(k:ask("get"))
EOF
run <<'EOF'
9
EOF
