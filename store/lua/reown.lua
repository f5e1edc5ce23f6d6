-- A column that owns a sequence, or has it as its default, was renamed or is no more:
-- KEYS definition and, where it is in the same slot, owners; ARGV name, old column, new column or ''.
if redis.call('HEXISTS', KEYS[1], 'generation') == 0 then
  return {'none'}
end
if redis.call('HGET', KEYS[1], 'owned_by') == ARGV[2] then
  redis.call('HSET', KEYS[1], 'owned_by', ARGV[3])
  if KEYS[2] then
    redis.call('ZREM', KEYS[2], ARGV[2] .. ' ' .. ARGV[1])
    if ARGV[3] ~= '' then
      redis.call('ZADD', KEYS[2], 0, ARGV[3] .. ' ' .. ARGV[1])
    end
  end
end
if redis.call('HGET', KEYS[1], 'serial') == ARGV[2] then
  if ARGV[3] ~= '' then
    redis.call('HSET', KEYS[1], 'serial', ARGV[3])
  else
    redis.call('HDEL', KEYS[1], 'serial', 'identity')
  end
end
return {'ok'}
