using System.Diagnostics;

namespace Tests;

/// <summary>Waits for what happens by itself, with a deadline: never for a time.</summary>
static class Wait
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, $"Waited in vain until {what}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
