# Helpers of the reload tests: programs in $AKT_TEST_TMP whose files change
# while they run. `change("counter", 2)` puts counter.2.lua in the place of
# counter.lua; `show(report)` prints a report without times and hashes.
set -e
here=$AKT_TEST_TMP

file() { cat > "$here/$1"; }

# stdin: what the program must print
run() {
  cat > "$here/wanted"
  "$AKTVM" --workers 2 "$here/main.lua" > "$here/got" 2> "$here/err" ||
    { cat "$here/err" "$here/got"; exit 1; }
  diff "$here/wanted" "$here/got" || { cat "$here/err"; exit 1; }
}

file change.lua <<'END'
local here = debug.getinfo(1, "S").source:match("^@(.*)/")
return function(name, n)
  local from = assert(io.open(here .. "/" .. name .. "." .. n .. ".lua"))
  local text = from:read("a")
  from:close()
  local to = assert(io.open(here .. "/" .. name .. ".lua", "w"))
  to:write(text)
  to:close()
end
END

file show.lua <<'END'
return function(report, err)
  if not report then
    print(err.code, (err.message:gsub("%S*/", "")))
    return
  end
  table.sort(report.kinds, function(a, b) return a.kind < b.kind end)
  for _, k in ipairs(report.kinds) do
    print(k.kind, (k.from and k.from.number or "-") .. " to " .. k.to.number,
          k.actors, k.switched, k.refused, k.waiting)
    for _, n in ipairs(k.notes) do print("  " .. n) end
  end
  for _, m in ipairs(report.modules) do print("module " .. m) end
  for _, n in ipairs(report.notes) do print((n:gsub("%S*/", ""))) end
end
END
