-- Raises the pending ceiling; what it answers is confirmed once it is proved to survive.
-- KEYS definition, counter; ARGV generation, and how far above the counter: what is wanted at
-- once, a window, and the most that the window may be.
local definition = redis.call('HMGET', KEYS[1], 'generation', 'limit', 'server', 'confirmed',
  'pending', 'settled', 'window', 'raised_at')
local limit = definition[2]
if definition[1] ~= ARGV[1] then
  return {'changed'}
end
local counter = redis.call('GET', KEYS[2])
if not limit or not counter or (definition[8] and less(counter, definition[8])) then
  return {'lost'}
end
local _, pending =
  adopt(KEYS[1], KEYS[2], counter, definition[3], definition[4], definition[5])
-- At least half of the last one, whoever asked for that: a node that was just started, or stood
-- still while Redis was away, does not know of the demand. (Windows are small: exact as doubles.)
local last = tonumber(definition[7] or '0') or 0
local window = math.min(math.max(tonumber(ARGV[3]), math.floor(last / 2)), tonumber(ARGV[4]))
-- Added up by Redis: a Lua number is a double.
local function above(ordinal, by)
  redis.call('HSET', KEYS[1], 'pending', ordinal)
  local moved = redis.pcall('HINCRBY', KEYS[1], 'pending', by)
  local sum = type(moved) == 'table' and limit or redis.call('HGET', KEYS[1], 'pending')
  return less(limit, sum) and limit or sum
end
local width = string.format('%.0f', window)
local base = redis.call('GET', KEYS[2])
local raised = above(above(base, ARGV[2]), width)
if less(raised, pending) then
  raised = pending -- somebody else went further
end
redis.call('HSET', KEYS[1], 'pending', raised, 'window', width, 'raised_at', base)
return {'ok', server_identity(), definition[6] or '', raised, width}
