-- Logins. Arguments: a file with an e-mail address on each line, and everybody's password.
statuses = {}
local bodies = {}
local next_body = 0

function init(args)
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
   for email in io.lines(args[1]) do
      local body = '{"email":"' .. email .. '","password":"' .. args[2] .. '"}'
      table.insert(bodies, wrk.format(nil, nil, nil, body))
   end
end

function request()
   next_body = next_body % #bodies + 1
   return bodies[next_body]
end

function response(status)
   statuses[status] = (statuses[status] or 0) + 1
end
