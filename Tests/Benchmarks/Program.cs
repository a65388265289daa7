using Benchmarks;

// Measurements that are run by hand, on a quiet machine: dotnet run --project Tests/Benchmarks -c Release -- NAME
Benchmark[] benchmarks =
[
    new("reads", "GET /users/me beside a bare Kestrel handler", Reads.MeasureAsync),
    new("transfers", "POST /transfers beside the textbook design", Transfers.MeasureAsync),
    new("pages", "the first page of a long statement beside one far back", Pages.MeasureAsync),
    new("sessions", "refresh and login", Sessions.MeasureAsync),
    new("flood", "GET /users/me while 200 clients log in", LoginFlood.MeasureAsync),
    new("guesses", "how long an unknown address and a wrong password take", Guesses.MeasureAsync),
    new("refusals", "processor time of a 429 beside a 200", Refusals.MeasureAsync),
];

// Take minutes: only when they are asked for.
var start = new Benchmark("start", "the one file beside an empty app's: size, start, memory", Start.MeasureAsync);
var memory = new Benchmark(
    "memory", "memory during transfers: memory [SECONDS]", run => Memory.MeasureAsync(run, args.ElementAtOrDefault(1)));

if (args is [Servers.Command, ..])
    return await Servers.RunAsync(args[1..]);
if (args is ["passwords"])
    return PasswordHashing.Run();

Benchmark[] all = [.. benchmarks, start, memory];
var chosen = args is [] ? benchmarks : [.. all.Where(benchmark => benchmark.Name == args[0])];
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"Which benchmark? Without a name, the first {benchmarks.Length}:");
    foreach (var (name, measures, _) in all)
        Console.Error.WriteLine($"  {name,-12} {measures}");
    Console.Error.WriteLine("  passwords    a password hash beside Debian's libargon2");
    return 1;
}

try
{
    using var run = new Run();
    Console.WriteLine($"{Machine.Describe(run.Folder)}\n{Plan.Description}");
    foreach (var benchmark in chosen)
    {
        await run.MeasureAsync(benchmark);
    }

    Console.WriteLine(run.Report);
    return run.Report.IsSound ? 0 : 1;
}
catch (BenchmarkException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Ended early. Everything that was started has been ended, too.");
    return 1;
}
