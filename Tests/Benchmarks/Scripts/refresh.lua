-- Each thread has one connection and one session, and exchanges the refresh token that the last answer brought.
-- Argument: a file with a refresh token on each line.
statuses = {}
local token

function init(args)
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
   local line = 0
   for each in io.lines(args[1]) do
      if line == number then token = each end
      line = line + 1
   end
end

function request()
   return wrk.format(nil, nil, nil, '{"refreshToken":"' .. token .. '"}')
end

function response(status, headers, body)
   statuses[status] = (statuses[status] or 0) + 1
   token = body:match('"refreshToken":"([^"]*)"') or token
end
