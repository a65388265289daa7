using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Accounts;

public sealed class DepositTests(App app)
{
    [Fact]
    public async Task Puts_money_in_from_the_currencys_external_account()
    {
        var ((_, admin), (_, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        var account = await app.AccountAsync(token, currency: "CHF");
        var response = await DepositAsync(admin, account, """{"amountMinor":250,"reference":"cash"}""");
        var transfer = await response.DataAsync(HttpStatusCode.Created);
        Assert.Equal(account, transfer.GetProperty("toAccountId").GetGuid());
        Assert.Equal(250, transfer.GetProperty("amountMinor").GetInt64());
        Assert.Equal("CHF", transfer.GetProperty("currency").GetString());
        Assert.Equal("cash", transfer.GetProperty("reference").GetString());
        var stored = await app.GetAsync(response.Headers.Location!.ToString(), admin).DataAsync(HttpStatusCode.OK);
        Assert.Equal(transfer.ToString(), stored.ToString());
        Assert.Equal(250, await app.BalanceAsync(account));
        var external = transfer.GetProperty("fromAccountId").GetGuid();
        var ct = TestContext.Current.CancellationToken;
        Assert.Equal(
            AccountKind.External,
            (await app.InDatabaseAsync(db => db.Accounts.SingleAsync(a => a.Id == external, ct))).Kind);
        Assert.True(await app.BalanceAsync(external) <= -250);
        await app.AssertBalancedAsync();
    }

    [Fact]
    public async Task Never_makes_more_than_can_be_counted()
    {
        // Of a currency that no other test deposits, for its external account reaches its limit here, too.
        var (_, token) = await app.SignedInAsync();
        var (full, empty) =
            (await app.AccountAsync(token, currency: "BTN"), await app.AccountAsync(token, currency: "BTN"));
        await app.DepositAsync(full, Money.Max).DataAsync(HttpStatusCode.Created);
        await app.DepositAsync(full, 1).ErrorAsync(HttpStatusCode.Conflict, "CONFLICT");
        await app.DepositAsync(empty, 1).ErrorAsync(HttpStatusCode.Conflict, "CONFLICT");
        Assert.Equal((Money.Max, 0), (await app.BalanceAsync(full), await app.BalanceAsync(empty)));
        await app.AssertBalancedAsync();
    }

    [Theory]
    [InlineData("""{"amountMinor":0}""", "amountMinor")]
    [InlineData("""{"amountMinor":-1}""", "amountMinor")]
    [InlineData("""{"amountMinor":9007199254740992}""", "amountMinor")]
    [InlineData("""{}""", "amountMinor")]
    [InlineData("""{"amountMinor":1,"reference":"a\r\nb"}""", "reference")]
    [InlineData("""{"amountMinor":1,"fromAccountId":"0199c0de-0000-7000-8000-000000000000"}""", "fromAccountId")]
    public async Task Refuses_what_is_no_deposit(string json, string field)
    {
        var ((_, admin), (_, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        var account = await app.AccountAsync(token);
        Assert.Equal([field], await DepositAsync(admin, account, json).RefusedFieldsAsync());
        Assert.Equal(0, await app.BalanceAsync(account));
    }

    [Fact]
    public async Task Needs_a_key_and_an_account_of_a_user()
    {
        var (_, admin) = await app.AdministratorAsync();
        var nowhere = Guid.CreateVersion7();
        await DepositAsync(admin, nowhere, """{"amountMinor":1}""").ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await app.SendJsonAsync(HttpMethod.Post, $"/api/v1/accounts/{nowhere}/deposits", admin, """{"amountMinor":1}""")
            .ErrorAsync(HttpStatusCode.BadRequest, "IDEMPOTENCY_KEY_REQUIRED");
        var (_, token) = await app.SignedInAsync();
        var transfer = await DepositAsync(admin, await app.AccountAsync(token), """{"amountMinor":1}""")
            .DataAsync(HttpStatusCode.Created);
        var external = transfer.GetProperty("fromAccountId").GetGuid();
        await DepositAsync(admin, external, """{"amountMinor":1}""").ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Is_for_administrators()
    {
        var (_, token) = await app.SignedInAsync();
        var account = await app.AccountAsync(token);
        // Decided before anything is looked at.
        await DepositAsync(token, account, JsonSerializer.Serialize(new { amountMinor = -1 }))
            .ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
    }

    Task<HttpResponseMessage> DepositAsync(string token, Guid account, string json)
        => app.SendKeyedAsync($"/api/v1/accounts/{account}/deposits", token, json);
}
