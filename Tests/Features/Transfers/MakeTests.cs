using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Transfers;

public sealed class MakeTests(App app)
{
    [Fact]
    public async Task Moves_money_and_says_where_the_transfer_is()
    {
        var ((_, token), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var (from, to) = (await app.AccountAsync(token, 1000), await app.AccountAsync(other));
        var response = await app.TransferAsync(token, from, to, 400);
        var transfer = await response.DataAsync(HttpStatusCode.Created);
        Assert.Equal(from, transfer.GetProperty("fromAccountId").GetGuid());
        Assert.Equal(to, transfer.GetProperty("toAccountId").GetGuid());
        Assert.Equal(400, transfer.GetProperty("amountMinor").GetInt64());
        Assert.Equal("EUR", transfer.GetProperty("currency").GetString());
        Assert.False(transfer.TryGetProperty("reference", out _));
        Assert.Equal(
            $"/api/v1/transfers/{transfer.GetProperty("id").GetGuid()}", response.Headers.Location!.ToString());
        Assert.Equal((600, 400), (await app.BalanceAsync(from), await app.BalanceAsync(to)));
        await app.AssertBalancedAsync();
    }

    [Fact]
    public async Task Gives_the_last_of_it_once_when_many_want_it()
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (await app.AccountAsync(token, 100), await app.AccountAsync(token));
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(_ => app.TransferAsync(token, from, to, 100)));
        Assert.Single(responses, r => r.StatusCode == HttpStatusCode.Created);
        foreach (var refused in responses.Where(r => r.StatusCode != HttpStatusCode.Created))
            await refused.ErrorAsync(HttpStatusCode.Conflict, "INSUFFICIENT_FUNDS");
        Assert.Equal((0, 100), (await app.BalanceAsync(from), await app.BalanceAsync(to)));
    }

    [Fact]
    public async Task Goes_both_ways_at_once()
    {
        var (_, token) = await app.SignedInAsync();
        var (one, two) = (await app.AccountAsync(token, 1000), await app.AccountAsync(token, 1000));
        var responses = await Task.WhenAll(Enumerable.Range(0, 200)
            .Select(i => i % 2 == 0 ? app.TransferAsync(token, one, two, 3) : app.TransferAsync(token, two, one, 3)));
        Assert.All(responses, r => Assert.Equal(HttpStatusCode.Created, r.StatusCode));
        Assert.Equal((1000, 1000), (await app.BalanceAsync(one), await app.BalanceAsync(two)));
        await app.AssertBalancedAsync();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("-1")]
    [InlineData("9007199254740992")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("1.5")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("1e400")]
    [InlineData("\"5\"")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("[1]")]
    public async Task Takes_whole_positive_amounts_only(string amount)
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (await app.AccountAsync(token, 100), await app.AccountAsync(token));
        var json = $$"""{"fromAccountId":"{{from}}","toAccountId":"{{to}}","amountMinor":{{amount}}}""";
        Assert.Equal(["amountMinor"], await MakeAsync(token, json).RefusedFieldsAsync());
        Assert.Equal(100, await app.BalanceAsync(from));
    }

    [Theory]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public async Task Takes_no_numbers_that_JSON_does_not_have(string amount)
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (Guid.NewGuid(), Guid.NewGuid());
        var json = $$"""{"fromAccountId":"{{from}}","toAccountId":"{{to}}","amountMinor":{{amount}}}""";
        await MakeAsync(token, json).ErrorAsync(HttpStatusCode.BadRequest, "MALFORMED_JSON");
    }

    [Fact]
    public async Task Says_all_that_is_missing_at_once()
    {
        var (_, token) = await app.SignedInAsync();
        var missing = await MakeAsync(token, "{}").RefusedFieldsAsync();
        Assert.Equal(["amountMinor", "fromAccountId", "toAccountId"], missing);
    }

    [Theory]
    [InlineData("id")]
    [InlineData("currency")]
    [InlineData("createdAt")]
    [InlineData("userId")]
    [InlineData("AmountMinor")]
    [InlineData("$type")]
    [InlineData("__proto__")]
    public async Task Knows_no_other_members(string member)
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (Guid.NewGuid(), Guid.NewGuid());
        var json = $$"""{"fromAccountId":"{{from}}","toAccountId":"{{to}}","amountMinor":1,"{{member}}":"x"}""";
        await MakeAsync(token, json).RefusedFieldsAsync();
    }

    [Fact]
    public async Task Goes_from_one_account_to_another()
    {
        var (_, token) = await app.SignedInAsync();
        var account = await app.AccountAsync(token, 10);
        Assert.Equal(["toAccountId"], await app.TransferAsync(token, account, account, 1).RefusedFieldsAsync());
        await app.TransferAsync(token, account, await app.AccountAsync(token), 1).DataAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Knows_no_account_that_is_not_there_or_not_the_callers_and_none_of_the_books_own()
    {
        var ((_, token), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var (own, foreign) = (await app.AccountAsync(token, 10), await app.AccountAsync(other, 10));
        var ct = TestContext.Current.CancellationToken;
        var external = await app.InDatabaseAsync(db => db.Accounts
            .Where(a => a.Kind == AccountKind.External && a.Currency == "EUR").Select(a => a.Id).SingleAsync(ct));
        foreach (var (from, to) in new[]
        {
            (foreign, own), (external, own), (own, external),
            (own, Guid.CreateVersion7()), (Guid.CreateVersion7(), own),
        })
        {
            await app.TransferAsync(token, from, to, 1).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }

        Assert.Equal((10, 10), (await app.BalanceAsync(own), await app.BalanceAsync(foreign)));
    }

    [Fact]
    public async Task Changes_no_currency_on_the_way_whatever_the_account_holds()
    {
        var (_, token) = await app.SignedInAsync();
        var (euros, dollars) = (await app.AccountAsync(token), await app.AccountAsync(token, currency: "USD"));
        await app.TransferAsync(token, euros, dollars, 1).ErrorAsync(HttpStatusCode.Conflict, "CURRENCY_MISMATCH");
        await app.DepositAsync(euros, 5);
        await app.TransferAsync(token, euros, dollars, 1).ErrorAsync(HttpStatusCode.Conflict, "CURRENCY_MISMATCH");
        Assert.Equal((5, 0), (await app.BalanceAsync(euros), await app.BalanceAsync(dollars)));
    }

    [Fact]
    public async Task Reaches_no_closed_account()
    {
        var ((_, token), (leaving, leaver), (_, admin)) =
            (await app.SignedInAsync(), await app.SignedInAsync(), await app.AdministratorAsync());
        var (from, to) = (await app.AccountAsync(token, 10), await app.AccountAsync(leaver));
        await app.SendJsonAsync(HttpMethod.Delete, $"/api/v1/users/{leaving.Id}", admin, null, "*");
        await app.TransferAsync(token, from, to, 1).ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");
        Assert.Equal(10, await app.BalanceAsync(from));
    }

    [Fact]
    public async Task Leaves_no_closed_account_though_its_owner_is_still_signed_in()
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (await app.AccountAsync(token, 10), await app.AccountAsync(token));
        var ct = TestContext.Current.CancellationToken;
        // As a request finds it that was on its way when its sender's account was deleted.
        await app.WriteAsync(db => db.Accounts.Where(a => a.Id == from)
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.ClosedAt, DateTimeOffset.UtcNow), ct));
        await app.TransferAsync(token, from, to, 1).ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");
        Assert.Equal((10, 0), (await app.BalanceAsync(from), await app.BalanceAsync(to)));
    }

    [Fact]
    public async Task Takes_nothing_from_query_or_headers()
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (await app.AccountAsync(token, 10), await app.AccountAsync(token));
        var json = JsonSerializer.Serialize(new { fromAccountId = from, toAccountId = to, amountMinor = 1 });
        var path = $"/api/v1/transfers?fromAccountId={to}&amountMinor=5";
        var fields = await app.SendKeyedAsync(path, token, json).RefusedFieldsAsync();
        Assert.Equal(["amountMinor", "fromAccountId"], fields);
        Assert.Equal(10, await app.BalanceAsync(from));
    }

    [Theory]
    [InlineData("=cmd()")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("{{7*7}}")]
    [InlineData("${jndi:ldap://x}")]
    [InlineData("'; DROP TABLE Transfers;--")]
    public async Task Keeps_a_reference_as_text(string reference)
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (await app.AccountAsync(token, 10), await app.AccountAsync(token));
        var transfer = await MakeAsync(
            token, JsonSerializer.Serialize(new { fromAccountId = from, toAccountId = to, amountMinor = 1, reference }))
            .DataAsync(HttpStatusCode.Created);
        Assert.Equal(reference, transfer.GetProperty("reference").GetString());
    }

    [Fact]
    public async Task Takes_a_reference_of_one_line_that_is_not_too_long()
    {
        var (_, token) = await app.SignedInAsync();
        foreach (var reference in new[] { "a\r\nb", "a\0b", new string('x', Transfer.MaxReferenceLength + 1) })
        {
            var json = JsonSerializer.Serialize(
                new { fromAccountId = Guid.NewGuid(), toAccountId = Guid.NewGuid(), amountMinor = 1, reference });
            Assert.Equal(["reference"], await MakeAsync(token, json).RefusedFieldsAsync());
        }
    }

    Task<HttpResponseMessage> MakeAsync(string token, string json)
        => app.SendKeyedAsync("/api/v1/transfers", token, json);
}
