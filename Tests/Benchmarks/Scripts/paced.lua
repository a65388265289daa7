-- The one request that the command line describes, with a pause of 5 to 15 ms before each on every connection.
function delay()
   return math.random(5, 15)
end
