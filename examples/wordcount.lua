-- SPDX-License-Identifier: MIT
-- Counts the words in files and directory trees on all cores and prints the
-- most frequent ones. A word is a run of ASCII letters, in lower case.
--
--   aktvm wordcount.lua [-n TOP] [-w WORKERS] FILE-OR-DIRECTORY...
--
-- The script finds the files and cuts them into jobs, a queue keeps the jobs,
-- and workers take one job after the other, so that none is idle while there
-- is work. A big file is many jobs, many small files are one job.
--
-- As it is tested:
-- args: -n 10 examples/text

local akt = require "akt"

local CHUNK = 256 * 1024        -- bytes in a job, and read at once
local PART = 20000              -- words in a message with partial counts
local DEADLINE = 24 * 3600      -- of the whole count, instead of 5 s per ask

-- The queue ------------------------------------------------------------------

local Queue = akt.actor "wordcount_queue"

function Queue:init()
  self.jobs, self.first, self.last = {}, 1, 0
  self.idle = {}                -- reply tokens of workers without a job
  self.closed = false
end

function Queue.on:add(job)
  local worker = table.remove(self.idle)
  if worker then
    worker:reply(job)
  else
    self.last = self.last + 1
    self.jobs[self.last] = job
  end
end

function Queue.on:close()       -- no job will be added any more
  self.closed = true
  for _, worker in ipairs(self.idle) do worker:reply(nil) end
  self.idle = {}
end

-- The next job, or nil at the end. Who comes too early is answered later.
function Queue.on:next()
  local job = self.jobs[self.first]
  if job then
    self.jobs[self.first] = nil
    self.first = self.first + 1
    return job
  end
  if self.closed then return nil end
  self.idle[#self.idle + 1] = akt.defer()
end

-- The workers ----------------------------------------------------------------

-- Reads `size` bytes at `offset`. A word that crosses a border belongs to the
-- chunk in which it begins: its rest is cut off the next chunk and added here.
local function read_chunk(file, offset, size)
  file:seek("set", math.max(offset - 1, 0))
  local inside = offset > 0 and (file:read(1) or ""):find("%a")
  local text = file:read(size) or ""
  if inside then text = text:gsub("^%a+", "", 1) end
  if not text:sub(-1):find("%a") then return text end
  local pieces = { text }
  repeat
    local more = file:read(4096)
    local rest = more and more:match("^%a*") or ""
    pieces[#pieces + 1] = rest
  until not more or #rest < #more
  return table.concat(pieces)
end

local Worker = akt.actor "wordcount_worker"

function Worker:init()
  self.counts = {}
  self.failures = {}
end

function Worker:count(text)
  local counts = self.counts
  for word in text:lower():gmatch("%a+") do
    counts[word] = (counts[word] or 0) + 1
  end
end

-- Works until the queue has no more jobs. Returns what could not be read.
function Worker.on:run(queue)
  for job in function() return queue:ask("next") end do
    for _, piece in ipairs(job) do
      local file, why = io.open(piece.path, "rb")
      if file then
        self:count(read_chunk(file, piece.offset, piece.size))
        file:close()
      else
        table.insert(self.failures, why)
      end
    end
  end
  return self.failures
end

-- The counts, PART words at a time, so that no message is huge; an empty table
-- at the end.
function Worker.on:part()
  local part = {}
  for _ = 1, PART do
    local word, n = next(self.counts, self.last)
    if not word then break end
    part[word] = n
    self.last = word
  end
  return part
end

-- The script -----------------------------------------------------------------

local function usage(problem)
  io.stderr:write("wordcount: ", problem, "\n",
    "usage: aktvm wordcount.lua [-n TOP] [-w WORKERS] FILE-OR-DIRECTORY...\n")
  os.exit(2)
end

local function options(args)
  local o = { top = 20, workers = 8, paths = {} }
  local i = 1
  while i <= #args do
    local name = ({ ["-n"] = "top", ["-w"] = "workers" })[args[i]]
    if name then
      i = i + 1
      o[name] = math.tointeger(tonumber(args[i]))
      if not o[name] or o[name] < 1 then
        usage(args[i - 1] .. " wants a number")
      end
    else
      table.insert(o.paths, args[i])
    end
    i = i + 1
  end
  if #o.paths == 0 then usage("no files") end
  return o
end

-- A shell word that stands for exactly this path, also if it has quotes in it
-- or begins with a dash.
local function quoted(path)
  if path:sub(1, 1) == "-" then path = "./" .. path end
  return "'" .. path:gsub("'", "'\\''") .. "'"
end

-- Calls each(path) for every file below the given paths. Names end with a zero
-- byte, the only one that cannot be part of a name. Reading from the pipe waits
-- without stopping other actors: the workers are already counting.
local function find_files(paths, each)
  local words = {}
  for i, path in ipairs(paths) do words[i] = quoted(path) end
  local pipe = assert(io.popen(
    "exec find -H " .. table.concat(words, " ") .. " -type f -print0"))
  local rest = ""
  for block in function() return pipe:read(65536) end do
    local from = 1
    block = rest .. block
    for path, after in block:gmatch("([^\0]*)\0()") do
      each(path)
      from = after
    end
    rest = block:sub(from)
  end
  return pipe:close()           -- nil if find complained, on stderr
end

local function file_size(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local size = file:seek("end")
  file:close()
  return size
end

-- Cuts files into pieces of at most CHUNK bytes and fills jobs with them.
local function add_jobs(queue, paths, failures)
  local job, filled = {}, 0
  local function flush()
    if #job > 0 then queue:send("add", job) end
    job, filled = {}, 0
  end
  local found = find_files(paths, function(path)
    local size, why = file_size(path)
    if not size then
      table.insert(failures, why)
      return
    end
    for offset = 0, size - 1, CHUNK do
      local n = math.min(CHUNK, size - offset)
      if filled + n > CHUNK or #job >= 64 then flush() end
      table.insert(job, { path = path, offset = offset, size = n })
      filled = filled + n
    end
  end)
  flush()
  queue:send("close")
  if not found then table.insert(failures, "not all paths could be read") end
end

local function merge(counts, worker)
  while true do
    local part = worker:ask("part")
    if not next(part) then return end
    for word, n in pairs(part) do counts[word] = (counts[word] or 0) + n end
  end
end

local function count_words(paths, workers, failures)
  local queue = akt.spawn(Queue)
  local crew, runs = {}, {}
  for i = 1, workers do
    crew[i] = akt.spawn(Worker)
    runs[i] = akt.async(crew[i], "run", queue)
  end
  add_jobs(queue, paths, failures)
  for _, failed in ipairs { akt.all(table.unpack(runs)) } do
    for _, why in ipairs(failed) do table.insert(failures, why) end
  end
  local counts = {}
  for _, worker in ipairs(crew) do merge(counts, worker) end
  return counts
end

local o = options(akt.args)
local failures = {}
local counts = akt.within(DEADLINE, count_words, o.paths, o.workers, failures)

local words = {}
for word in pairs(counts) do words[#words + 1] = word end
table.sort(words, function(a, b)
  if counts[a] ~= counts[b] then return counts[a] > counts[b] end
  return a < b
end)
for i = 1, math.min(o.top, #words) do
  print(counts[words[i]] .. " " .. words[i])
end

for _, why in ipairs(failures) do io.stderr:write("wordcount: ", why, "\n") end
if #failures > 0 then os.exit(1) end
