-- What is known of a sequence outside its slot, in a Redis Cluster: KEYS index, oids, owners;
-- ARGV 'add', 'remove', 'own' or 'disown', name, oid or '', owner or ''.
local step, name, oid, owner = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if step == 'add' then
  redis.call('ZADD', KEYS[1], 0, name)
  if oid ~= '' then
    redis.call('HSET', KEYS[2], oid, name)
  end
elseif step == 'remove' then
  redis.call('ZREM', KEYS[1], name)
  if oid ~= '' and redis.call('HGET', KEYS[2], oid) == name then
    redis.call('HDEL', KEYS[2], oid)
  end
end
if owner ~= '' then
  if step == 'add' or step == 'own' then
    redis.call('ZADD', KEYS[3], 0, owner .. ' ' .. name)
  else
    redis.call('ZREM', KEYS[3], owner .. ' ' .. name)
  end
end
return {'ok'}
