-- One sequence as it stands: KEYS definition, counter. The counter is nil when it is lost.
return {redis.call('HGETALL', KEYS[1]), redis.call('GET', KEYS[2])}
