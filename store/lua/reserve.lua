-- Reserves ordinals: KEYS definition, counter; ARGV nonce, generation, want, 'guarded' (up to
-- the confirmed ceiling), 'bare', or 'condemn' with channel and name.
--
-- Numbers stay strings: a Lua number is a double, and redis.call('INCRBY') answers
-- one that is rounded above 2^53. The counter is moved by INCRBY, read back by GET,
-- and compared by length and then by text. Past the limit INCRBY is taken back here,
-- inside the script, so nobody ever sees an overshoot. want 0 only asks.
--
-- Answers with a counter go on with `pending`, with the counter before it was adopted on another
-- server or '', and with `confirmed`; without a ceiling these are ''.
local nonce, generation, want, mode = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local definition = redis.call('HMGET', KEYS[1], 'generation', 'limit', 'dropped', 'server',
  'confirmed', 'pending', 'raised_at', 'condemned')
local current, limit, dropped = definition[1], definition[2], definition[3]
if not current then
  return {dropped and 'dropped' or 'none', nonce}
end
-- Of this generation somebody knows more than is here: nobody is given any more of it.
if mode == 'condemn' and current == generation and definition[8] ~= current then
  redis.call('HSET', KEYS[1], 'condemned', current)
  redis.call('PUBLISH', ARGV[5], ARGV[6] .. ' condemned')
  definition[8] = current
end
if definition[8] == current then
  return {'condemned', nonce}
end
-- INCRBY would start a missing counter at 0: numbers again that were given out before.
-- It is never lower than when a ceiling was raised last, either.
local counter = redis.call('GET', KEYS[2])
if not limit or not counter or (definition[7] and less(counter, definition[7])) then
  return {'lost', nonce}
end
local confirmed, pending, before = '', '', ''
if mode == 'guarded' then
  confirmed, pending, before =
    adopt(KEYS[1], KEYS[2], counter, definition[4], definition[5], definition[6])
elseif definition[6] and less(counter, definition[6]) then
  -- Somebody had a ceiling here: another server may have forgotten what was handed out.
  local _, _, passed = adopt(KEYS[1], KEYS[2], counter, definition[4], definition[5], definition[6])
  before = passed
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
counter = redis.call('GET', KEYS[2])
local past_limit = less(limit, counter)
if past_limit or (want ~= '0' and confirmed ~= '' and less(confirmed, counter)) then
  redis.call('INCRBY', KEYS[2], '-' .. want)
  local word = past_limit and 'limit' or 'ceiling'
  return {word, nonce, redis.call('GET', KEYS[2]), pending, before, confirmed}
end
return {'ok', nonce, counter, pending, before, confirmed}
