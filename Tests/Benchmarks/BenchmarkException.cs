namespace Benchmarks;

/// <summary>Why nothing can be measured, for the person who started the program.</summary>
sealed class BenchmarkException(string message) : Exception(message);
