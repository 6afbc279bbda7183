-- Between two listeners of this gateway: the endpoint that the first one chose says which tier or backend it stands for.
function envoy_on_request(handle)
  local chosen = handle:connectionStreamInfo():dynamicMetadata():get("fleet") or {}
  for _, name in ipairs({"tier", "backend"}) do
    if chosen[name] then handle:headers():replace("x-fleet-" .. name, chosen[name]) end
  end
  handle:clearRouteCache()
end
