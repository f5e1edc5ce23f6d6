-- A node's heartbeat, by Redis' clock: KEYS nodes; ARGV the node's id, '1' to prune or '',
-- how long one that ended is kept for people to see (ms), then what is to be known of the
-- node: a JSON object with `life_ms`, for how long it counts as live from now on.
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s', now_ms, ARGV[4]))
if ARGV[2] == '1' then
  local entries = redis.call('HGETALL', KEYS[1])
  for i = 1, #entries, 2 do
    local seen_ms, life_ms = string.match(entries[i + 1], '^(%d+) .*"life_ms": ?(%d+)')
    if not seen_ms or now_ms > seen_ms + life_ms + ARGV[3] then
      redis.call('HDEL', KEYS[1], entries[i])
    end
  end
end
return {'ok'}
