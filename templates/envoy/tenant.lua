-- Finds the tenant by the call's bearer key. The route's context names a file for each tenant's key; a file that is
-- replaced counts within ten seconds. No key of a caller goes further than this, and of the other headers only those
-- that the context names.
local EVERY_S = 10
local tenants, read_at = {}, 0

local function read(files)
  local found = {}
  for tenant, path in pairs(files) do
    local file = io.open(path, "r")
    local key = file and file:read("*a"):match("^%s*(.-)%s*$") or ""
    if file then file:close() end
    if key ~= "" then found[key] = tenant end
  end
  return found
end

local function keep(headers, named)
  local dropped = {}
  for name in pairs(headers) do
    if name:sub(1, 1) ~= ":" and not named[name] then dropped[#dropped + 1] = name end
  end
  for _, name in ipairs(dropped) do headers:remove(name) end
end

function envoy_on_request(handle)
  local now, context = os.time(), handle:filterContext()
  if now - read_at >= EVERY_S then
    tenants, read_at = read(context:get("keys") or {}), now
  end
  local headers = handle:headers()
  local key = (headers:get("authorization") or ""):match("^[Bb]earer%s+(%S+)%s*$")
  local tenant = key and tenants[key]
  if not tenant then
    handle:respond({[":status"] = "401"}, "the key is not one of this gateway's")
    return
  end
  keep(headers, context:get("headers") or {})
  headers:remove("authorization")
  headers:replace("x-fleet-tenant", tenant)
  handle:clearRouteCache()
end
