local M = {}
function M.fail(t)
  return t.a.b
end
return M
