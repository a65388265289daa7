-- Goes before every script: gathers what the threads have counted and prints it for the program that started wrk.
local threads = {}

function setup(thread)
   thread:set("number", #threads)
   table.insert(threads, thread)
end

function done(summary, latency, requests)
   local function line(name, value)
      io.write(string.format("#%s %.0f\n", name, value))
   end
   line("requests", summary.requests)
   line("microseconds", summary.duration)
   line("p50", latency:percentile(50))
   line("p99", latency:percentile(99))
   line("max", latency.max)
   line("refused", summary.errors.status)
   line("broken", summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout)
   for _, thread in ipairs(threads) do
      for status, count in pairs(thread:get("statuses") or {}) do
         line("status " .. status, count)
      end
   end
end
