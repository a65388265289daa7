using System.Text.Json;

namespace Tests;

// Accounts, and the money in them.
public sealed partial class App
{
    /// <summary>Opens an account and puts money into it.</summary>
    public async Task<Guid> AccountAsync(string token, long balanceMinor = 0, string currency = "EUR")
    {
        var json = JsonSerializer.Serialize(new { name = "An account", currency });
        var account = await SendJsonAsync(HttpMethod.Post, "/api/v1/accounts", token, json)
            .DataAsync(HttpStatusCode.Created);
        var id = account.GetProperty("id").GetGuid();
        if (balanceMinor > 0)
            await DepositAsync(id, balanceMinor).DataAsync(HttpStatusCode.Created);
        return id;
    }

    /// <summary>Puts money into an account as an administrator.</summary>
    public async Task<HttpResponseMessage> DepositAsync(Guid account, long amountMinor)
        => await SendKeyedAsync(
            $"/api/v1/accounts/{account}/deposits", await _admin.Value, JsonSerializer.Serialize(new { amountMinor }));

    /// <summary>Moves money.</summary>
    public Task<HttpResponseMessage> TransferAsync(
        string token, Guid from, Guid to, long amountMinor, string? key = null)
        => SendKeyedAsync(
            "/api/v1/transfers",
            token,
            JsonSerializer.Serialize(new { fromAccountId = from, toAccountId = to, amountMinor }),
            key);

    /// <summary>What an account holds.</summary>
    public async Task<long> BalanceAsync(Guid account)
        => (await GetAsync($"/api/v1/accounts/{account}", await _admin.Value).DataAsync(HttpStatusCode.OK))
            .GetProperty("balanceMinor").GetInt64();

    /// <summary>The books are right, says the API.</summary>
    public async Task AssertBalancedAsync()
    {
        var audit = await GetAsync("/api/v1/ledger/verify", await _admin.Value).DataAsync(HttpStatusCode.OK);
        Assert.True(audit.GetProperty("balanced").GetBoolean(), audit.ToString());
    }
}
