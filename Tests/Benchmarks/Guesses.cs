using System.Diagnostics;
using System.Net;

namespace Benchmarks;

/// <summary>
/// Whether the time of a refused login tells who has an account: unknown addresses and wrong passwords in turn.
/// </summary>
static class Guesses
{
    const int Tries = 150;
    const int WarmUp = 10;

    /// <summary>Measures it.</summary>
    public static async Task MeasureAsync(Run run)
    {
        await using var api = await run.StartApiAsync();
        var client = new Api(api.Client, run.Stop);
        var emails = await client.RegisterAsync(WarmUp);
        var unknown = new List<double>();
        var wrong = new List<double>();
        for (var i = -WarmUp; i < Tries; i++)
        {
            // Each comes first as often as the other, and is as long.
            foreach (var known in i % 2 == 0 ? [true, false] : new[] { false, true })
            {
                var email = known ? emails[Math.Abs(i) % emails.Length] : $"{Guid.NewGuid():N}@example.com";
                var start = Stopwatch.GetTimestamp();
                using var answer = await client.TryLogInAsync(email, right: false);
                var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                run.Report.Check(
                    answer.StatusCode == HttpStatusCode.Unauthorized, $"a guess was answered {answer.StatusCode}");
                if (i >= 0)
                    (known ? wrong : unknown).Add(took);
            }
        }

        run.Report.Figure($"a wrong password, median of {Tries}", wrong.Median(), "ms");
        run.Report.Figure($"an unknown address, median of {Tries}", unknown.Median(), "ms");
        run.Report.Figure(
            "chance of such a difference if there is none (Mann-Whitney)", Numbers.MannWhitney(unknown, wrong), "");
        run.Report.Ratio(
            "time of a login with an unknown address to one with a wrong password",
            unknown.Median() / wrong.Median(),
            "0.9 to 1.1");
    }
}
