-- Numbers may be handed out up to a pending ceiling that was proved to survive: KEYS definition;
-- ARGV generation, and the server, `settled` and ceiling that extend.lua answered.
local definition = redis.call('HMGET', KEYS[1], 'generation', 'server', 'settled', 'confirmed', 'pending')
local server, ceiling = ARGV[2], ARGV[4]
-- Settled since, or another server's: the proof is of something that is not there any more.
if definition[1] ~= ARGV[1] or definition[2] ~= server or server_identity() ~= server or
   (definition[3] or '') ~= ARGV[3] or less(definition[5], ceiling) then
  return {'changed'}
end
if less(definition[4], ceiling) then
  redis.call('HSET', KEYS[1], 'confirmed', ceiling)
end
return {'ok'}
