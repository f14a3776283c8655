# What is wrong with the files ends a reload; nothing has changed then.
. tests/lua/reload/support/lib.sh
file k.0.lua <<'END'
local akt = require "akt"
local K = akt.actor "k"
function K.on:get() return 1 end
return K
END
cp "$here/k.0.lua" "$here/k.lua"
echo 'local akt = require "akt" function (' > "$here/k.1.lua"
sed 's/return 1/n = 1/' "$here/k.0.lua" > "$here/k.2.lua"
sed 's/^return K/K.on.x = 5 return K/' "$here/k.0.lua" > "$here/k.3.lua"
sed 's/^return K/error("no") return K/' "$here/k.0.lua" > "$here/k.4.lua"
sed 's/^return K/local c = 0 function K.on:c() c = c + 1 end return K/' "$here/k.0.lua" > "$here/k.5.lua"
sed 's/return 1/return 2/' "$here/k.0.lua" > "$here/k.6.lua"
file main.lua <<'END'
local akt = require "akt"
local change, show = require "change", require "show"
local K = require "k"
local k = akt.spawn(K)
for i = 1, 5 do
  change("k", i)
  local report, err = akt.reload()
  print(report, err.code, (err.message:gsub("%S*/", ""):match("^[^\n]*")))
  assert(k:ask("get") == 1)
end
change("k", 6)
print(select(2, akt.reload("nobody.lua")).message:match(".* are"))
print(select(2, akt.reload("nokind")).code)
print(select(2, akt.try(akt.reload, "k", { dry = true })).code)
print(select(2, akt.try(akt.reload, {})).code)
show(akt.reload("k", { dry_run = true }))
print(k:ask("get"))
show(akt.reload("k"))
print(k:ask("get"))
show(akt.reload())
os.remove(debug.getinfo(1, "S").source:match("^@(.*)/") .. "/k.lua")
print(select(2, akt.reload()).message:find("module 'k' not found", 1, true) ~= nil)
END
run <<'END'
nil	bad_script	main.lua:3: module 'k': k.lua:1: <name> expected near '('
nil	bad_script	main.lua:3: module 'k': k.lua:3: assigns the global 'n', but globals are read-only: declare it local
nil	bad_script	main.lua:4: kind "k": on.x must be a function, not a number
nil	bad_script	k.lua:4: no
nil	bad_script	main.lua:4: kind "k": k.lua:4: assigns the captured variable 'c', which all actors of the kind in one isolate would share: move it to self
nobody.lua is no kind and no file of this program, whose files are
not_found
bad_option
error
k	1 to 2	1	0	0	0
module k
1
k	1 to 2	1	1	0	0
module k
2
true
END
