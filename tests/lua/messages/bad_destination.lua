local akt = require "akt"
for _, to in ipairs{ 1, true, {}, io.stdout } do
  local _, err = akt.try(akt.send, to, "x")
  print(err.message:match("pid or name expected, got %a+"))
end
print(select(2, akt.try(akt.send, nil, "x")).message:match("expected, got %a+"))
-- expect: pid or name expected, got number
-- expect: pid or name expected, got boolean
-- expect: pid or name expected, got table
-- expect: pid or name expected, got userdata
-- expect: expected, got nil
