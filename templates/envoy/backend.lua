-- For one backend: its key on the way there, its Retry-After on the way back. The route's context names the key's file;
-- one that is replaced counts within ten seconds.
local EVERY_S = 10
local keys = {}

local function read(path)
  local file = io.open(path, "r")
  local key = file and file:read("*a"):match("^%s*(.-)%s*$") or ""
  if file then file:close() end
  return key
end

function envoy_on_request(handle)
  local path = handle:filterContext():get("key")
  if not path then return end
  local now, known = os.time(), keys[path]
  if not known or now - known.at >= EVERY_S then
    known = {at = now, key = read(path)}
    keys[path] = known
  end
  if known.key == "" then
    handle:respond({[":status"] = "401"}, "the gateway has no key for this backend")
    return
  end
  handle:headers():replace("authorization", "Bearer " .. known.key)
end

-- Retries wait for seconds, and would not read a date.
function envoy_on_response(handle)
  local date = handle:headers():get("retry-after") or ""
  local day, name, year, hour, min, sec = date:match("^%a+, (%d+) (%a+) (%d+) (%d+):(%d+):(%d+) GMT$")
  local month = name and ("JanFebMarAprMayJunJulAugSepOctNovDec"):find(name, 1, true)
  if not month then return end
  local now = os.time()
  local at = os.time({year = year, month = (month + 2) / 3, day = day, hour = hour, min = min, sec = sec})
  -- os.time takes its argument for local time.
  local zone = now - os.time(os.date("!*t", now))
  handle:headers():replace("retry-after", tostring(math.max(0, at + zone - now)))
end
