using System.Text.Json;

namespace Tests.Features.Accounts;

public sealed class EntriesTests(App app)
{
    [Fact]
    public async Task States_what_came_and_went_with_the_balance_after_each()
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (await app.AccountAsync(token, 1000), await app.AccountAsync(token));
        var transfer = await app.SendKeyedAsync(
            "/api/v1/transfers",
            token,
            JsonSerializer.Serialize(
                new { fromAccountId = from, toAccountId = to, amountMinor = 300, reference = "rent" }))
            .DataAsync(HttpStatusCode.Created);
        var entries = (await app.GetAsync($"/api/v1/accounts/{from}/entries", token).DataAsync(HttpStatusCode.OK))
            .EnumerateArray().ToList();
        Assert.Equal([-300L, 1000], entries.Select(e => e.GetProperty("amountMinor").GetInt64()));
        Assert.Equal([700L, 1000], entries.Select(e => e.GetProperty("balanceAfterMinor").GetInt64()));
        Assert.Equal("rent", entries[0].GetProperty("reference").GetString());
        Assert.Equal(transfer.GetProperty("id").GetGuid(), entries[0].GetProperty("transferId").GetGuid());
        Assert.Equal(transfer.GetProperty("createdAt").GetString(), entries[0].GetProperty("createdAt").GetString());
        Assert.Equal('7', entries[0].GetProperty("id").GetString()![14]);
        var other = await app.GetAsync($"/api/v1/accounts/{to}/entries", token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(300, Assert.Single(other.EnumerateArray()).GetProperty("amountMinor").GetInt64());
    }

    [Fact]
    public async Task Loses_and_repeats_nothing_while_money_moves_and_the_balances_add_up()
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (await app.AccountAsync(token, 1000), await app.AccountAsync(token));
        for (var i = 0; i < 10; i++)
            await app.TransferAsync(token, from, to, 1 + i).DataAsync(HttpStatusCode.Created);
        var seen = new List<(Guid Id, long Amount, long Balance)>();
        for (string? cursor = ""; cursor is not null;)
        {
            using var response = await app.GetAsync($"/api/v1/accounts/{from}/entries?limit=3{cursor}", token);
            seen.AddRange((await response.DataAsync(HttpStatusCode.OK)).EnumerateArray().Select(e => (
                e.GetProperty("id").GetGuid(),
                e.GetProperty("amountMinor").GetInt64(),
                e.GetProperty("balanceAfterMinor").GetInt64())));
            cursor = await CursorOf(response) is { } next ? $"&cursor={next}" : null;
            await app.TransferAsync(token, from, to, 5).DataAsync(HttpStatusCode.Created);
        }

        Assert.Equal(11, seen.Count);
        Assert.Equal(11, seen.DistinctBy(e => e.Id).Count());
        for (var i = 0; i + 1 < seen.Count; i++)
            Assert.Equal(seen[i + 1].Balance + seen[i].Amount, seen[i].Balance);
    }

    [Fact]
    public async Task Is_for_the_owner()
    {
        var ((_, token), (_, other), (_, admin)) =
            (await app.SignedInAsync(), await app.SignedInAsync(), await app.AdministratorAsync());
        var account = await app.AccountAsync(token, 5);
        var path = $"/api/v1/accounts/{account}/entries";
        await app.GetAsync(path, other).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await app.GetAsync(path, admin).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Takes_no_cursor_of_another_account_or_list()
    {
        var (_, token) = await app.SignedInAsync();
        var (one, two) = (await app.AccountAsync(token, 5), await app.AccountAsync(token, 5));
        await app.DepositAsync(one, 1);
        using var response = await app.GetAsync($"/api/v1/accounts/{one}/entries?limit=1", token);
        var cursor = await CursorOf(response);
        Assert.NotNull(cursor);
        foreach (var path in new[] { $"/api/v1/accounts/{two}/entries", "/api/v1/accounts" })
        {
            await app.GetAsync($"{path}?cursor={cursor}", token)
                .ErrorAsync(HttpStatusCode.BadRequest, "INVALID_CURSOR");
        }
    }

    static async Task<string?> CursorOf(HttpResponseMessage response)
        => JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .RootElement.GetProperty("meta").GetProperty("pagination").GetProperty("nextCursor").GetString();
}
