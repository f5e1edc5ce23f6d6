-- Drops sequences, all of them or none: KEYS each one's definition and counter and, where they are
-- in the same slot, index, oids, owners; ARGV channel, tombstone's life in seconds, a nonce of this
-- call, 'restrict', 'cascade' or 'column', 'if_exists' or '', 'drop' or 'check' (nothing is done
-- yet), then the names.
-- Answers 'ok', the names that were missing, for each other the column whose default it was or '',
-- and of each that was dropped the oid and the owner; 'none' and the first missing name; 'moving'
-- and a name that is on its way to another (move.lua); or 'used', a name, its column, and '1' when
-- it is that column's identity.
-- The tombstone tells nodes that still know the sequence that it was dropped, not lost.
local channel, tombstone, nonce, mode = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local found, missing, freed, gone = {}, {}, {}, {}
local names = #ARGV - 6
local index, oids, owners = KEYS[2 * names + 1], KEYS[2 * names + 2], KEYS[2 * names + 3]
for i = 1, names do
  local name = ARGV[6 + i]
  local fields = redis.call('HMGET', KEYS[2 * i - 1], 'generation', 'oid', 'owned_by', 'serial',
    'identity', 'nonce', 'moving', 'born')
  if fields[1] then
    table.insert(found, {2 * i - 1, name, fields})
  elseif fields[7] then
    return {'moving', name}
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
if ARGV[6] == 'check' then
  return {'ok'}
end
for _, one in ipairs(found) do
  local i, name, fields = unpack(one)
  redis.call('DEL', KEYS[i], KEYS[i + 1])
  redis.call('HSET', KEYS[i], 'dropped', fields[2], 'nonce', nonce)
  if fields[8] then
    redis.call('HSET', KEYS[i], 'born', fields[8])
  end
  redis.call('EXPIRE', KEYS[i], tombstone)
  if index then
    redis.call('ZREM', index, name)
    redis.call('HDEL', oids, fields[2])
    redis.call('ZREM', owners, fields[3] .. ' ' .. name)
  end
  redis.call('PUBLISH', channel, name .. ' -')
  table.insert(freed, fields[4] or '')
  table.insert(gone, fields[2])
  table.insert(gone, fields[3])
end
return {'ok', missing, freed, gone}
