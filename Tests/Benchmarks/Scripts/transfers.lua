-- Transfers between random accounts, each with an Idempotency-Key of its own. Arguments: a file with a person's access
-- token and the ids of their accounts on each line, and a word that no other run has used.
statuses = {}
local people = {}
local all = {}
local run
local count = 0

function init(args)
   math.randomseed(number + 1)
   run = args[2]
   for line in io.lines(args[1]) do
      local person = { accounts = {} }
      for word in line:gmatch("%S+") do
         if person.head then
            table.insert(person.accounts, word)
            table.insert(all, word)
         else
            -- Put together here once: wrk.format walks a table of headers for every request.
            person.head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
               .. "\r\nAuthorization: Bearer " .. word
               .. "\r\nContent-Type: application/json\r\nIdempotency-Key: " .. run .. "-" .. number .. "-"
         end
      end
      table.insert(people, person)
   end
end

function request()
   count = count + 1
   local person = people[math.random(#people)]
   local from = person.accounts[math.random(#person.accounts)]
   local to
   repeat to = all[math.random(#all)] until to ~= from
   local body = '{"fromAccountId":"' .. from .. '","toAccountId":"' .. to
      .. '","amountMinor":' .. math.random(100) .. '}'
   return person.head .. count .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function response(status)
   statuses[status] = (statuses[status] or 0) + 1
end
