namespace Benchmarks;

/// <summary>
/// What a refused request costs the server: the processor time of a 429, which must be cheap, beside that of the
/// cheapest 200, with rate limits on for both.
/// </summary>
static class Refusals
{
    const string Me = Api.Root + "/users/me";
    const int Connections = 8;

    // Nothing is refused, or everything but one request.
    static readonly string[] Lenient = ["RateLimits:Enabled=true", "RateLimits:Requests=1000000"];
    static readonly string[] Strict =
        ["RateLimits:Enabled=true", "RateLimits:Requests=1", "RateLimits:WindowSeconds=3600"];

    /// <summary>Measures it.</summary>
    public static async Task MeasureAsync(Run run)
    {
        await using var lenient = await run.StartApiAsync([.. Api.AdministratorSettings, .. Lenient]);
        await using var strict = await run.StartApiAsync([.. Api.AdministratorSettings, .. Strict]);
        var welcome = await TokenAsync(run, lenient);
        var refused = await TokenAsync(run, strict);
        Case[] cases =
        [
            new("200, signed in", lenient, welcome, 200),
            new("429, signed in", strict, refused, 429),
            new("429, nobody signed in", strict, null, 429),
        ];

        foreach (var each in cases)
            await each.MeasureAsync(run, Plan.WarmUpSeconds);
        foreach (var each in cases)
            each.Costs.Clear();
        for (var i = 0; i < Plan.Rounds; i++)
        {
            foreach (var each in cases)
                await each.MeasureAsync(run, Plan.Seconds);
        }

        foreach (var each in cases)
            run.Report.Figure($"processor time of `GET /users/me` answered {each.Name}", each.Costs.Median(), "µs");
        foreach (var each in cases[1..])
        {
            run.Report.Ratio(
                $"processor time of a {each.Name}, to that of a 200",
                each.Costs.Zip(cases[0].Costs, (refusal, answer) => refusal / answer).Median(),
                "below 0.25");
        }
    }

    static async Task<string> TokenAsync(Run run, Server server)
    {
        var client = new Api(server.Client, run.Stop);
        // The strict server lets one request from each address pass: too few to register somebody first.
        return (await client.LogInAsync(Api.Administrator)).Access;
    }

    sealed record Case(string Name, Server Server, string? Token, int Status)
    {
        public List<double> Costs { get; } = [];

        public async Task MeasureAsync(Run run, int seconds)
        {
            var before = Server.CpuTime;
            var load = await run.Wrk.RunAsync(new Uri(Server.Url, Me), Connections, seconds, token: Token);
            Costs.Add((Server.CpuTime - before).TotalMicroseconds / load.Requests);
            // One may still have passed: the first.
            var asExpected = Status == 429 ? load.Refused >= load.Requests - 1 : load.Refused == 0;
            run.Report.Check(
                asExpected && load.Broken == 0,
                $"{Name}: {load.Refused} of {load.Requests} were refused, {load.Broken} not answered");
        }
    }
}
