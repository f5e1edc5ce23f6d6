-- The nodes, and who of them has acknowledged a fence: KEYS nodes, fence; ARGV channel, and
-- what to tell the nodes there, or ''. Answers for each node its id, what it says of itself,
-- how long ago (ms), for how long it counts as live yet (ms; 0 and less: no more), and 1 if
-- it has acknowledged. Told first and read afterwards: whoever is not among them came later.
if ARGV[2] ~= '' then
  redis.call('PUBLISH', ARGV[1], ARGV[2])
end
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local entries, nodes = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #entries, 2 do
  local seen_ms, text = string.match(entries[i + 1], '^(%d+) (.*)$')
  local life_ms = text and string.match(text, '"life_ms": ?(%d+)')
  if life_ms then
    local acknowledged = redis.call('HEXISTS', KEYS[2], entries[i])
    table.insert(nodes, {entries[i], text, now_ms - seen_ms, seen_ms + life_ms - now_ms, acknowledged})
  end
end
return nodes
