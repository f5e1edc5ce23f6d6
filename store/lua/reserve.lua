-- Reserves ordinals: KEYS definition, counter; ARGV nonce, generation, want.
--
-- Numbers stay strings: a Lua number is a double, and redis.call('INCRBY') answers
-- one that is rounded above 2^53. The counter is moved by INCRBY, read back by GET,
-- and compared by length and then by text. Past the limit INCRBY is taken back here,
-- inside the script, so nobody ever sees an overshoot. want 0 only asks.
local nonce, generation, want = ARGV[1], ARGV[2], ARGV[3]
local definition = redis.call('HMGET', KEYS[1], 'generation', 'limit', 'dropped')
local current, limit, dropped = definition[1], definition[2], definition[3]
if not current then
  return {dropped and 'dropped' or 'none', nonce}
end
-- INCRBY would start a missing counter at 0: numbers again that were given out before.
if not limit or redis.call('EXISTS', KEYS[2]) == 0 then
  return {'lost', nonce}
end
if current ~= generation then
  return {'changed', nonce, redis.call('GET', KEYS[2]), redis.call('HGETALL', KEYS[1])}
end
if want ~= '0' then
  local moved = redis.pcall('INCRBY', KEYS[2], want)
  if type(moved) == 'table' then
    if not string.find(moved.err, 'overflow', 1, true) then
      return moved
    end
    return {'limit', nonce, redis.call('GET', KEYS[2])}
  end
end
local counter = redis.call('GET', KEYS[2])
if #counter > #limit or (#counter == #limit and counter > limit) then
  redis.call('INCRBY', KEYS[2], '-' .. want)
  return {'limit', nonce, redis.call('GET', KEYS[2])}
end
return {'ok', nonce, counter}
