-- Writes a table's columns if they still are what the caller saw: KEYS table;
-- ARGV channel, name, expected text or '', new text or '' (the table is forgotten).
local now = redis.call('GET', KEYS[1]) or ''
if now == ARGV[4] then
  return {'ok'} -- sent again; texts have oids in them, so they are nobody else's
end
if now ~= ARGV[3] then
  return {'changed'}
end
if ARGV[4] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[4])
end
redis.call('PUBLISH', ARGV[1], '@' .. ARGV[2])
return {'ok'}
