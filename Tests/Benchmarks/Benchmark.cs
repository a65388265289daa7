namespace Benchmarks;

/// <summary>Something that can be measured by itself.</summary>
/// <param name="Name">How it is asked for.</param>
/// <param name="Measures">What it is about.</param>
/// <param name="MeasureAsync">Measures it and reports.</param>
sealed record Benchmark(string Name, string Measures, Func<Run, Task> MeasureAsync);
