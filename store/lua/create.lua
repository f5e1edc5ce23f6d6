-- Creates a sequence: KEYS definition, counter and, where they are in the same slot, index, oids,
-- owners; ARGV channel, name, oid, generation, counter, owner, ceiling or '', then the
-- definition's fields and values.
-- A definition without a generation is the tombstone of a dropped one, or is on its way (move.lua).
-- Where a rename takes several steps (move.lua), what was created here is remembered beyond its end:
-- who is late does not create it again.
local there = redis.call('HMGET', KEYS[1], 'generation', 'oid', 'moving', 'born')
if there[1] then
  return {'exists', there[1], there[2]}
end
if there[3] then
  return {'moving'}
end
local born = there[4] or ''
if string.find(born, ARGV[4], 1, true) then
  return {'dropped'}
end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'oid', ARGV[3], 'generation', ARGV[4], unpack(ARGV, 8))
begin_ceiling(KEYS[1], ARGV[7])
redis.call('SET', KEYS[2], ARGV[5])
if KEYS[3] then
  redis.call('ZADD', KEYS[3], 0, ARGV[2])
  redis.call('HSET', KEYS[4], ARGV[3], ARGV[2])
  if ARGV[6] ~= '' then
    redis.call('ZADD', KEYS[5], 0, ARGV[6] .. ' ' .. ARGV[2])
  end
else
  redis.call('HSET', KEYS[1], 'born', string.sub(ARGV[4] .. ' ' .. born, 1, 660))
end
redis.call('PUBLISH', ARGV[1], ARGV[2] .. ' ' .. ARGV[4])
return {'ok'}
