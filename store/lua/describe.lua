-- One sequence as it stands: KEYS definition, counter. The counter is nil when it is lost.
local fields = redis.call('HGETALL', KEYS[1])
local counter = redis.call('GET', KEYS[2])
local ceiling = redis.call('HMGET', KEYS[1], 'server', 'pending')
if counter and ceiling[2] then
  counter = safe_counter(counter, ceiling[1], ceiling[2])
end
return {fields, counter}
