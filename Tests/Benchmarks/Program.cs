using Benchmarks;

// Measurements that are run by hand, on a quiet machine: dotnet run --project Tests/Benchmarks -c Release -- NAME
(string Name, string Measures, Func<Run, Task> Measure)[] groups =
[
    ("reads", "GET /users/me beside a bare Kestrel handler", Reads.MeasureAsync),
    ("transfers", "POST /transfers beside the textbook design", Transfers.MeasureAsync),
    ("sessions", "refresh and login", Sessions.MeasureAsync),
    ("flood", "GET /users/me while 200 clients log in", LoginFlood.MeasureAsync),
    ("guesses", "how long an unknown address and a wrong password take", Guesses.MeasureAsync),
    ("refusals", "processor time of a 429 beside a 200", Refusals.MeasureAsync),
];

if (args is [Servers.Command, ..])
    return await Servers.RunAsync(args[1..]);
if (args is ["passwords"])
    return PasswordHashing.Run();

var chosen = args is [] ? groups : [.. groups.Where(group => group.Name == args[0])];
if (chosen.Length == 0)
{
    Console.Error.WriteLine("Which benchmark? Without a name, all but passwords:");
    foreach (var (name, measures, _) in groups)
        Console.Error.WriteLine($"  {name,-12} {measures}");
    Console.Error.WriteLine("  passwords    a password hash beside Debian's libargon2");
    return 1;
}

try
{
    using var run = new Run();
    Console.WriteLine($"{Machine.Describe(run.Folder)}\n{Plan.Description}");
    foreach (var group in chosen)
    {
        Run.Tell($"{group.Name}: {group.Measures}");
        await group.Measure(run);
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
