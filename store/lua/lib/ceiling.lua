-- The write-ahead ceiling, for the scripts that name its functions (put before them at build
-- time). A definition's fields: next <= confirmed <= pending, of which `confirmed` was proved to
-- survive; `server`, the identity of the server that wrote them; `window` and `raised_at`, how far
-- above which counter `pending` was raised last. Decimal strings: see reserve.lua.

-- 40 hex digits from a section of INFO. (A plain search takes a third of what a pattern does.)
local function info_id(section, name)
  local info = redis.call('INFO', section)
  local _, last = string.find(info, name, 1, true)
  return string.sub(info, last + 1, last + 40)
end

-- A restart changes run_id, a promotion master_replid.
local function server_identity()
  return info_id('server', '\nrun_id:') .. ':' .. info_id('replication', '\nmaster_replid:')
end

local function less(a, b)
  return #a < #b or (#a == #b and a < b)
end

-- Another server may know less than was handed out, but no less than what was proved: the
-- counter as it must be taken to be, and the server that this one is.
local function safe_counter(counter, server, pending)
  local present = server_identity()
  if pending and server ~= present and less(counter, pending) then
    return pending, present
  end
  return counter, present
end

-- On a server that did not write them, all three begin where nobody can have been. `before`: the
-- counter as it is.
local function adopt(definition, key, before, server, confirmed, pending)
  local counter, present = safe_counter(before, server, pending)
  -- (Nodes without a ceiling may have gone past it.)
  if server == present and confirmed and pending and not less(pending, counter) then
    return confirmed, pending, ''
  end
  if counter ~= before then
    redis.call('SET', key, counter)
  end
  redis.call('HSET', definition, 'server', present, 'confirmed', counter, 'pending', counter)
  return counter, counter, before
end

-- Of a new generation, written in one step with it: a server that does not know of the ceiling
-- does not know of the generation either, so this needs no proof. '': there is none.
local function begin_ceiling(definition, ceiling)
  if ceiling == '' then
    redis.call('HDEL', definition, 'server', 'confirmed', 'pending', 'settled', 'raised_at')
  else
    redis.call('HSET', definition, 'server', server_identity(), 'confirmed', ceiling,
      'pending', ceiling)
    redis.call('HDEL', definition, 'settled', 'raised_at')
  end
end
