-- Drops a sequence: KEYS definition, counter, index, oids;
-- ARGV channel, name, tombstone's life in seconds.
-- The tombstone tells nodes that still know the sequence that it was dropped, not lost.
local current = redis.call('HMGET', KEYS[1], 'generation', 'oid')
if not current[1] then
  return {'none'}
end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'dropped', current[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('HDEL', KEYS[4], current[2])
redis.call('PUBLISH', ARGV[1], ARGV[2] .. ' -')
return {'ok'}
