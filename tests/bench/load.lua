-- wrk's script: the URL is asked again and again, with the method given behind "--", and
-- with the SQL behind that, if there is any.
-- The last line it prints is for bench.sh: requests a second, requests, errors, and
-- the median and the 99th percentile of the latency in microseconds.

function init(args)
    wrk.method = args[1] or "POST"
    wrk.body = args[2]
    if wrk.body then
        wrk.headers["Content-Type"] = "application/sql"
    end
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("%.1f %d %d %d %d\n",
        summary.requests * 1e6 / summary.duration, summary.requests,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
