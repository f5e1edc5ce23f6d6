-- Gives back the unused end of a block: KEYS definition, counter;
-- ARGV generation, the block's end, how many. Only if nobody reserved after it.
if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 0
end
redis.call('INCRBY', KEYS[2], '-' .. ARGV[3])
local counter, base = redis.call('GET', KEYS[2]), redis.call('HGET', KEYS[1], 'raised_at')
if base and less(counter, base) then
  redis.call('HSET', KEYS[1], 'raised_at', counter)
end
return 1
