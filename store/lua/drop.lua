-- Drops sequences, all of them or none: KEYS index, oids, owners, then each one's definition and
-- counter; ARGV channel, tombstone's life in seconds, a nonce of this call, 'restrict', 'cascade' or 'column',
-- 'if_exists' or '', then the names. Answers 'ok', the names that were missing, and for each other the
-- column whose default it was or ''; 'none' and the first missing name; or 'used', a name, its column, and '1' when it is that column's identity.
-- The tombstone tells nodes that still know the sequence that it was dropped, not lost.
local channel, tombstone, nonce, mode = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local found, missing, freed = {}, {}, {}
for i = 4, #KEYS, 2 do
  local name = ARGV[6 + (i - 4) / 2]
  local fields = redis.call('HMGET', KEYS[i], 'generation', 'oid', 'owned_by', 'serial', 'identity', 'nonce')
  if fields[1] then
    table.insert(found, {i, name, fields})
  elseif fields[6] == nonce then
    table.insert(freed, '') -- sent again: it was this call that dropped it
  elseif ARGV[5] == 'if_exists' then
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
  redis.call('HSET', KEYS[i], 'dropped', fields[2], 'nonce', nonce)
  redis.call('EXPIRE', KEYS[i], tombstone)
  redis.call('ZREM', KEYS[1], name)
  redis.call('HDEL', KEYS[2], fields[2])
  redis.call('ZREM', KEYS[3], fields[3] .. ' ' .. name)
  redis.call('PUBLISH', channel, name .. ' -')
  table.insert(freed, fields[4] or '')
end
return {'ok', missing, freed}
