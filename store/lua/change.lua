-- Changes a sequence that is still in the generation the caller saw:
-- KEYS definition, counter and, where they are in the same slot: owners, and for a rename new
-- definition, new counter, index, oids;
-- ARGV channel, name, new name or '', tombstone's life in seconds, expected generation,
--      test, expected counter, new counter or '', new generation, its ceiling or '', then
--      fields and values.
-- test 'any': whatever the counter is, even lost; 'equal': the counter is the expected one;
-- 'at_most': it is not past it. Decimal strings: see reserve.lua.
local channel, name, new_name, tombstone = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local expected, test, bound, counter, generation = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local ceiling = ARGV[10]
local current =
  redis.call('HMGET', KEYS[1], 'generation', 'oid', 'dropped', 'server', 'pending')
if not current[1] then
  return {current[3] and 'dropped' or 'none'}
end
if current[1] ~= expected then
  return {'changed', current[1]}
end
if test ~= 'any' then
  local now = redis.call('GET', KEYS[2])
  if not now then
    return {'lost'}
  end
  if current[5] then
    now = safe_counter(now, current[4], current[5])
  end
  local past = less(bound, now)
  if past or (test == 'equal' and now ~= bound) then
    return {'moved'}
  end
end
local old_owner = (redis.call('HGET', KEYS[1], 'owned_by') or '') .. ' ' .. name
local definition, next = KEYS[1], KEYS[2]
if new_name ~= '' then
  if redis.call('HEXISTS', KEYS[4], 'generation') == 1 then
    return {'exists'}
  end
  if redis.call('EXISTS', KEYS[2]) == 0 then
    return {'lost'}
  end
  redis.call('RENAME', KEYS[1], KEYS[4])
  redis.call('RENAME', KEYS[2], KEYS[5])
  redis.call('HSET', KEYS[1], 'dropped', current[2])
  redis.call('EXPIRE', KEYS[1], tombstone)
  redis.call('ZREM', KEYS[6], name)
  redis.call('ZADD', KEYS[6], 0, new_name)
  redis.call('HSET', KEYS[7], current[2], new_name)
  redis.call('PUBLISH', channel, name .. ' -')
  definition, next, name = KEYS[4], KEYS[5], new_name
end
redis.call('HSET', definition, 'generation', generation, unpack(ARGV, 11))
local owner = redis.call('HGET', definition, 'owned_by') or ''
if KEYS[3] then
  redis.call('ZREM', KEYS[3], old_owner)
  if owner ~= '' then
    redis.call('ZADD', KEYS[3], 0, owner .. ' ' .. name)
  end
end
if counter ~= '' then
  redis.call('SET', next, counter)
  begin_ceiling(definition, ceiling)
end
redis.call('PUBLISH', channel, name .. ' ' .. generation)
return {'ok'}
