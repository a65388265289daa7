namespace Benchmarks;

/// <summary>How long and how often things are measured. What is compared is measured in turn, round by round.</summary>
static class Plan
{
    /// <summary>How often each is measured; the median counts.</summary>
    public const int Rounds = 3;

    /// <summary>The length of a measurement.</summary>
    public const int Seconds = 5;

    /// <summary>Before the first round, for the just-in-time compiler and the caches.</summary>
    public const int WarmUpSeconds = 4;

    /// <summary>Requests at once, where nothing else is said.</summary>
    public const int Connections = 64;

    /// <summary>For the head of the report.</summary>
    public static string Description
        => $"""
            wrk on the same machine, 2 threads, {Connections} connections where nothing else is said;
            {Rounds} rounds of {Seconds} s after {WarmUpSeconds} s of warming up, what is compared in turn; medians.
            Rate limits are off (RateLimits:Enabled=false) except where they are what is measured; every other
            setting has its default.
            """;
}
