-- Reserves ordinals: KEYS definition, counter; ARGV nonce, generation, want, 'guarded' (up to
-- the confirmed ceiling) or 'bare'.
--
-- Numbers stay strings: a Lua number is a double, and redis.call('INCRBY') answers
-- one that is rounded above 2^53. The counter is moved by INCRBY, read back by GET,
-- and compared by length and then by text. Past the limit INCRBY is taken back here,
-- inside the script, so nobody ever sees an overshoot. want 0 only asks.
--
-- Answers with a counter go on with `pending`, with the counter before it was adopted on another
-- server, or '', and with `confirmed`.
local nonce, generation, want, mode = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local definition =
  redis.call('HMGET', KEYS[1], 'generation', 'limit', 'dropped', 'server', 'confirmed', 'pending')
local current, limit, dropped = definition[1], definition[2], definition[3]
if not current then
  return {dropped and 'dropped' or 'none', nonce}
end
-- INCRBY would start a missing counter at 0: numbers again that were given out before.
if not limit or redis.call('EXISTS', KEYS[2]) == 0 then
  return {'lost', nonce}
end
local confirmed, pending, before = '', '', ''
if mode == 'guarded' then
  confirmed, pending, before =
    adopt(KEYS[1], KEYS[2], definition[4], definition[5], definition[6])
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
    return {'limit', nonce, redis.call('GET', KEYS[2]), pending, before, confirmed}
  end
end
local counter = redis.call('GET', KEYS[2])
local past_limit = less(limit, counter)
if past_limit or (want ~= '0' and mode == 'guarded' and less(confirmed, counter)) then
  redis.call('INCRBY', KEYS[2], '-' .. want)
  return {past_limit and 'limit' or 'ceiling', nonce, redis.call('GET', KEYS[2]), pending, before,
    confirmed}
end
return {'ok', nonce, counter, pending, before, confirmed}
