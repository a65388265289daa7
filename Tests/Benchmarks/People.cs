using System.Net;

namespace Benchmarks;

/// <summary>Who sends each other money in the benchmarks.</summary>
static class People
{
    /// <summary>How many there are.</summary>
    public const int Count = 10;

    /// <summary>How many accounts each has.</summary>
    public const int AccountsEach = 10;

    /// <summary>What they have in the beginning, in minor units: more than they can spend.</summary>
    public const long OpeningMinor = 1_000_000_000;

    /// <summary>Everybody's.</summary>
    public const string Currency = "EUR";

    /// <summary>Makes them, their accounts and their money on the API.</summary>
    /// <returns>A line for each: an access token and the ids of the accounts.</returns>
    public static async Task<IReadOnlyList<string>> SettleAsync(Api api)
    {
        var administrator = (await api.LogInAsync(Api.Administrator)).Access;
        var lines = new List<string>();
        for (var i = 0; i < Count; i++)
        {
            var token = (await api.LogInAsync(await api.RegisterAsync())).Access;
            var line = token;
            for (var j = 0; j < AccountsEach; j++)
                line += $" {await AccountAsync(api, token, administrator, OpeningMinor)}";
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>Opens an account and pays money in.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> AccountAsync(Api api, string token, string administrator, long amountMinor)
    {
        var opening = new { name = "Savings", currency = Currency };
        var account = await api.PostAsync("/accounts", opening, HttpStatusCode.Created, token);
        var id = account.GetProperty("id").GetString()!;
        await api.PostAsync($"/accounts/{id}/deposits", new { amountMinor }, HttpStatusCode.Created, administrator);
        return id;
    }
}
