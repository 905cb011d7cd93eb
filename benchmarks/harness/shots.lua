-- Sends prepared requests, each once, then stops. The file (the argument) holds, for each request, its length in
-- decimal, a newline, and its bytes. For one thread of wrk: threads of wrk share nothing, so none knows the last shot.
local ffi = require("ffi")
ffi.cdef("int kill(int pid, int signal); int getpid(void);")
local HOUR, SIGINT = 3600000, 2
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  list, asked, sent, answered, statuses = {}, 0, 0, 0, {}
  while true do
    local size = file:read("*n")
    if not size then break end
    file:read(1)
    table.insert(list, file:read(size))
  end
  file:close()
end

-- wrk asks for a delay before every request: a connection for which no shot is left rests until the end.
function delay()
  asked = asked + 1
  return asked > #list and HOUR or 0
end

function request()
  -- Before it begins, wrk asks for one request to look at, and does not send it.
  if not shown then
    shown = true
    return list[1]
  end
  sent = sent + 1
  return list[sent]
end

function response(status)
  local key = tostring(status)
  statuses[key] = (statuses[key] or 0) + 1
  answered = answered + 1
  if answered == #list then
    wrk.thread:stop()
    ffi.C.kill(ffi.C.getpid(), SIGINT) -- else wrk sleeps until its time is up
  end
end

function done(summary, latency)
  local total = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do total[status] = (total[status] or 0) + count end
  end
  local parts = {}
  for status, count in pairs(total) do table.insert(parts, string.format('"%s":%d', status, count)) end
  local errors = summary.errors -- its time-outs count resting connections too, so they tell nothing here
  print(string.format('guiyi {"seconds":%f,"statuses":{%s},"broken":%d,"p50":%f,"p99":%f}',
    summary.duration / 1e6, table.concat(parts, ","), errors.connect + errors.read + errors.write,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
