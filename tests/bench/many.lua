-- wrk's script: creates COUNT sequences, or takes one number of each, and prints "done".
-- One thread only. Usage: wrk -t1 ... -s many.lua URL -- create|nextval COUNT

local sent, answered = 0, 0
local what, count

function init(args)
    what, count = args[1], tonumber(args[2])
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
end

-- What is asked beyond COUNT asks for the last one again.
function request()
    sent = math.min(sent + 1, count)
    if what == "create" then
        return wrk.format(nil, "/v1/sequences", nil,
            string.format('{"name": "many_%d", "if_not_exists": true}', sent))
    end
    return wrk.format(nil, string.format("/v1/sequences/many_%d/nextval", sent))
end

-- Answers come in any order: with as many more as there can be connections, all of the
-- first COUNT are there.
function response(status, headers, body)
    answered = answered + 1
    if status >= 300 then
        print(status, body)
        wrk.thread:stop()
    elseif answered == count + 1000 then
        print("done")
        io.stdout:flush()
    end
end
