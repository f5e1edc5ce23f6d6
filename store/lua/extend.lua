-- Raises the pending ceiling; what it answers is confirmed once it is proved to survive.
-- KEYS definition, counter; ARGV generation, how far above the counter.
local definition =
  redis.call('HMGET', KEYS[1], 'generation', 'limit', 'server', 'confirmed', 'pending', 'settled')
local limit = definition[2]
if definition[1] ~= ARGV[1] then
  return {'changed'}
end
if not limit or redis.call('EXISTS', KEYS[2]) == 0 then
  return {'lost'}
end
local _, pending =
  adopt(KEYS[1], KEYS[2], definition[3], definition[4], definition[5])
-- Added up by Redis: a Lua number is a double.
redis.call('HSET', KEYS[1], 'pending', redis.call('GET', KEYS[2]))
local moved = redis.pcall('HINCRBY', KEYS[1], 'pending', ARGV[2])
local raised = type(moved) == 'table' and limit or redis.call('HGET', KEYS[1], 'pending')
if less(limit, raised) then
  raised = limit
end
if less(raised, pending) then
  raised = pending -- somebody else went further
end
redis.call('HSET', KEYS[1], 'pending', raised)
return {'ok', server_identity(), definition[6] or '', raised}
