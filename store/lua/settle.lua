-- The server is about to be stopped by the only one who uses it: what was not handed out need
-- not be passed over by the next one. KEYS definition, counter; ARGV a nonce of this call, which
-- makes proofs of earlier ceilings worthless.
local definition = redis.call('HMGET', KEYS[1], 'server', 'confirmed', 'pending')
local counter = redis.call('GET', KEYS[2])
if not definition[1] or not counter then
  return {'none'}
end
adopt(KEYS[1], KEYS[2], counter, definition[1], definition[2], definition[3])
counter = redis.call('GET', KEYS[2])
redis.call('HSET', KEYS[1], 'confirmed', counter, 'pending', counter, 'settled', ARGV[1])
return {'ok'}
