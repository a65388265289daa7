using Benchmarks;

// Measurements that are run by hand, on a quiet machine: dotnet run --project Tests/Benchmarks -c Release -- NAME
(string Name, string Measures, Func<int> Run)[] benchmarks =
[
    ("passwords", "a password hash against Debian's libargon2", PasswordHashing.Run),
];

foreach (var benchmark in benchmarks)
{
    if (args is [var name, ..] && name == benchmark.Name)
        return benchmark.Run();
}
Console.WriteLine("Which benchmark?");
foreach (var (name, measures, _) in benchmarks)
    Console.WriteLine($"  {name,-12} {measures}");
return args is [] ? 0 : 1;
