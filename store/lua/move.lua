-- Moves a sequence to a name in another slot of a Redis Cluster, where no script can do it at once.
-- KEYS definition, counter; ARGV channel, name, step, mark ('NEW_NAME NEW_GENERATION'), then for
-- 'out' the expected generation, for 'done' the tombstone's life in seconds. Each step may be
-- repeated, by whoever finds the mark:
--   out   nobody is given numbers here any more: there is no generation, but a mark; all else is
--         kept, with the counter that the new one begins with;
--   back  the new name is taken: as it was;
--   done  the new one is there: a tombstone is left.
local channel, name, step, mark = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local now = redis.call('HMGET', KEYS[1], 'generation', 'moving', 'server', 'pending', 'oid', 'born')
if step == 'out' and now[2] ~= mark then
  if now[1] ~= ARGV[5] then
    return {now[1] and 'changed' or 'none'}
  end
  local counter = redis.call('GET', KEYS[2])
  if not counter then
    return {'lost'}
  end
  if now[4] then
    counter = safe_counter(counter, now[3], now[4])
  end
  redis.call('SET', KEYS[2], counter)
  -- (For who wants numbers it is as good as dropped.)
  redis.call('HSET', KEYS[1], 'moving', mark, 'left', now[1], 'dropped', now[5])
  redis.call('HDEL', KEYS[1], 'generation')
  redis.call('PUBLISH', channel, name .. ' -')
elseif now[2] ~= mark then
  return {'gone'}
elseif step == 'back' then
  redis.call('HSET', KEYS[1], 'generation', redis.call('HGET', KEYS[1], 'left'))
  redis.call('HDEL', KEYS[1], 'moving', 'left', 'dropped')
elseif step == 'done' then
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'dropped', now[5], 'born', now[6] or '')
  redis.call('EXPIRE', KEYS[1], ARGV[5])
  redis.call('PUBLISH', channel, name .. ' -')
end
return {'ok'}
