-- Drops sequences, all of them or none: KEYS index, oids, owners, then each one's definition and
-- counter; ARGV channel, tombstone's life in seconds, 'restrict', 'cascade' or 'column',
-- 'if_exists' or '', then the names. Answers 'ok', the names that were missing, and for each other the
-- column whose default it was or ''; 'none' and the first missing name; or 'used', a name, its column, and '1' when it is that column's identity.
-- The tombstone tells nodes that still know the sequence that it was dropped, not lost.
local channel, tombstone, mode = ARGV[1], ARGV[2], ARGV[3]
local found, missing, freed = {}, {}, {}
for i = 4, #KEYS, 2 do
  local name = ARGV[5 + (i - 4) / 2]
  local fields = redis.call('HMGET', KEYS[i], 'generation', 'oid', 'owned_by', 'serial', 'identity')
  if fields[1] then
    table.insert(found, {i, name, fields})
  elseif ARGV[4] == 'if_exists' then
    table.insert(missing, name)
  else
    return {'none', name}
  end
end
for _, one in ipairs(found) do
  local serial, identity = one[3][4], one[3][5]
  if serial and mode ~= 'column' and (identity or mode == 'restrict') then
    return {'used', one[2], serial, identity and '1' or ''}
  end
end
for _, one in ipairs(found) do
  local i, name, fields = unpack(one)
  redis.call('DEL', KEYS[i], KEYS[i + 1])
  redis.call('HSET', KEYS[i], 'dropped', fields[2])
  redis.call('EXPIRE', KEYS[i], tombstone)
  redis.call('ZREM', KEYS[1], name)
  redis.call('HDEL', KEYS[2], fields[2])
  redis.call('ZREM', KEYS[3], fields[3] .. ' ' .. name)
  redis.call('PUBLISH', channel, name .. ' -')
  table.insert(freed, fields[4] or '')
end
return {'ok', missing, freed}
