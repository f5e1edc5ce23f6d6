-- Creates the sequences of a table's serial columns and writes the table, all or nothing:
-- KEYS table, index, oids, owners, then each sequence's definition and counter;
-- ARGV channel, table's name, its expected text or '', its new text, then for each sequence
-- a JSON array of name, oid, generation, counter, owner, ceiling or '', and the definition's fields and values.
local now = redis.call('GET', KEYS[1]) or ''
if now == ARGV[4] then
  return {'ok'} -- sent again: the oids in it are nobody else's
end
if now ~= ARGV[3] then
  return {'changed'}
end
for i = 5, #KEYS, 2 do
  if redis.call('HEXISTS', KEYS[i], 'generation') == 1 then
    return {'exists', cjson.decode(ARGV[5 + (i - 5) / 2])[1]}
  end
end
for i = 5, #KEYS, 2 do
  local one = cjson.decode(ARGV[5 + (i - 5) / 2])
  local name, oid, generation, counter, owner, ceiling = unpack(one)
  redis.call('DEL', KEYS[i], KEYS[i + 1])
  redis.call('HSET', KEYS[i], 'oid', oid, 'generation', generation, unpack(one, 7))
  begin_ceiling(KEYS[i], ceiling)
  redis.call('SET', KEYS[i + 1], counter)
  redis.call('ZADD', KEYS[2], 0, name)
  redis.call('HSET', KEYS[3], oid, name)
  redis.call('ZADD', KEYS[4], 0, owner .. ' ' .. name)
  redis.call('PUBLISH', ARGV[1], name .. ' ' .. generation)
end
redis.call('SET', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[1], '@' .. ARGV[2])
return {'ok'}
