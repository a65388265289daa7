using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Orders;

public sealed class PayTests(App app)
{
    const string Route = "/api/v1/orders";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Moves_the_money_to_the_shop_and_the_order_to_paid()
    {
        await app.NoteEventsAsync();
        var (_, token, order, account) = await OrderAsync(balanceMinor: 1000);
        var paid = await app.PayAsync(token, order, account).DataAsync(HttpStatusCode.OK);
        Assert.Equal("paid", paid.GetProperty("status").GetString());
        var read = await app.GetAsync($"{Route}/{order}", token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(paid.GetRawText(), read.GetRawText());
        Assert.Equal(750, await app.BalanceAsync(account));

        var transfer = await app.InDatabaseAsync(db => db.Orders
            .Where(o => o.Id == order)
            .Join(db.Transfers, o => o.TransferId, t => t.Id, (o, t) => t)
            .SingleAsync(Ct));
        Assert.Equal((account, 250, "EUR"), (transfer.FromAccountId, transfer.AmountMinor, transfer.Currency));
        var shop = await app.InDatabaseAsync(db => db.Accounts.SingleAsync(a => a.Id == transfer.ToAccountId, Ct));
        Assert.Equal((AccountKind.Shop, "EUR"), (shop.Kind, shop.Currency));
        Assert.Equal(["order.placed", "order.paid"], await app.EventsOfAsync(order));
        Assert.Equal(["transfer.made"], await app.EventsOfAsync(transfer.Id));
        await app.AssertBalancedAsync();
    }

    [Fact]
    public async Task Takes_the_money_once_however_many_pay_at_once()
    {
        var (_, token, order, account) = await OrderAsync(balanceMinor: 10_000);
        var responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => app.PayAsync(token, order, account)));
        Assert.Single(responses, r => r.StatusCode == HttpStatusCode.OK);
        foreach (var loser in responses.Where(r => r.StatusCode != HttpStatusCode.OK))
            await loser.ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");
        Assert.Equal(9750, await app.BalanceAsync(account));
    }

    [Fact]
    public async Task Either_pays_or_cancels_when_both_are_asked_for()
    {
        for (var round = 0; round < 10; round++)
        {
            var (product, token, order, account) = await OrderAsync(balanceMinor: 250);
            var cancelling = app.SendJsonAsync(HttpMethod.Post, $"{Route}/{order}/cancel", token, null);
            var paying = app.PayAsync(token, order, account);
            var (cancelled, paid) = (await cancelling, await paying);
            var isPaid = paid.StatusCode == HttpStatusCode.OK;
            await (isPaid ? cancelled : paid).ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");
            var won = await (isPaid ? paid : cancelled).DataAsync(HttpStatusCode.OK);
            Assert.Equal(isPaid ? "paid" : "cancelled", won.GetProperty("status").GetString());
            Assert.Equal(
                isPaid ? (0, 9) : (250, 10), (await app.BalanceAsync(account), await app.StockAsync(product)));
        }
    }

    [Fact]
    public async Task Pays_one_of_two_orders_that_there_is_money_for_once()
    {
        var (product, token, one, account) = await OrderAsync(balanceMinor: 499);
        var two = await app.OrderAsync(token, (product, 1));
        var responses = await Task.WhenAll(app.PayAsync(token, one, account), app.PayAsync(token, two, account));
        Assert.Single(responses, r => r.StatusCode == HttpStatusCode.OK);
        await Assert.Single(responses, r => r.StatusCode != HttpStatusCode.OK)
            .ErrorAsync(HttpStatusCode.Conflict, "INSUFFICIENT_FUNDS");
        Assert.Equal(249, await app.BalanceAsync(account));
        var statuses = await app.InDatabaseAsync(db => db.Orders
            .Where(o => o.Id == one || o.Id == two).Select(o => o.Status).Order().ToListAsync(Ct));
        Assert.Equal([OrderStatus.Pending, OrderStatus.Paid], statuses);
    }

    [Fact]
    public async Task Happens_once_for_each_key()
    {
        var (_, token, order, account) = await OrderAsync(balanceMinor: 1000);
        var (key, json) = (Guid.NewGuid().ToString(), $$"""{"accountId":"{{account}}"}""");
        using var first = await app.SendKeyedAsync($"{Route}/{order}/pay", token, json, key);
        using var second = await app.SendKeyedAsync($"{Route}/{order}/pay", token, json, key);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Ct), await second.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal(750, await app.BalanceAsync(account));
        await app.SendKeyedAsync($"{Route}/{Guid.NewGuid()}/pay", token, json, key)
            .ErrorAsync(HttpStatusCode.UnprocessableEntity, "IDEMPOTENCY_KEY_REUSED");
    }

    [Fact]
    public async Task Keeps_a_keys_answer_for_a_week()
    {
        var (_, token, order, account) = await OrderAsync(balanceMinor: 1000);
        var (key, before) = (Guid.NewGuid().ToString(), DateTimeOffset.UtcNow);
        await app.SendKeyedAsync($"{Route}/{order}/pay", token, $$"""{"accountId":"{{account}}"}""", key)
            .DataAsync(HttpStatusCode.OK);
        var expires = await app.InDatabaseAsync(db => db.IdempotencyKeys
            .Where(k => k.Key == key).Select(k => k.ExpiresAt).SingleAsync(Ct));
        Assert.InRange(expires, before.AddDays(7), DateTimeOffset.UtcNow.AddDays(7));
    }

    [Fact]
    public async Task Refuses_too_little_money()
    {
        var (_, token, order, account) = await OrderAsync(balanceMinor: 249);
        await app.PayAsync(token, order, account).ErrorAsync(HttpStatusCode.Conflict, "INSUFFICIENT_FUNDS");
        await AssertUnpaidAsync(order, account, 249);
    }

    [Fact]
    public async Task Refuses_another_currency_and_opens_no_account_for_it()
    {
        var (_, token, order, _) = await OrderAsync(balanceMinor: 0, currency: "KPW");
        var account = await app.AccountAsync(token, 1000, "USD");
        await app.PayAsync(token, order, account).ErrorAsync(HttpStatusCode.Conflict, "CURRENCY_MISMATCH");
        await AssertUnpaidAsync(order, account, 1000);
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Accounts
            .CountAsync(a => a.Kind == AccountKind.Shop && a.Currency == "KPW", Ct)));
    }

    [Fact]
    public async Task Refuses_an_order_that_was_cancelled()
    {
        var (_, token, order, account) = await OrderAsync(balanceMinor: 1000);
        await app.SendJsonAsync(HttpMethod.Post, $"{Route}/{order}/cancel", token, null).DataAsync(HttpStatusCode.OK);
        await app.PayAsync(token, order, account).ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");
        Assert.Equal(1000, await app.BalanceAsync(account));
    }

    [Fact]
    public async Task Answers_for_somebody_elses_order_and_account_as_for_none()
    {
        var (_, token, order, account) = await OrderAsync(balanceMinor: 1000);
        var (_, other, othersOrder, othersAccount) = await OrderAsync(balanceMinor: 1000);
        var (_, admin) = await app.AdministratorAsync();
        var shop = await app.InDatabaseAsync(db => db.Accounts
            .Where(a => a.Kind == AccountKind.External && a.Currency == "EUR").Select(a => a.Id).SingleAsync(Ct));
        var errors = new List<string>();
        foreach (var (asking, asked, from) in new[]
        {
            (token, Guid.NewGuid(), account), (token, order, Guid.NewGuid()), (token, othersOrder, account),
            (token, order, othersAccount), (token, order, shop), (token, othersOrder, othersAccount),
            (admin, order, account),
        })
        {
            var error = await app.PayAsync(asking, asked, from).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
            errors.Add(error.GetRawText());
        }

        Assert.Single(errors.Distinct());
        await AssertUnpaidAsync(order, account, 1000);
        await AssertUnpaidAsync(othersOrder, othersAccount, 1000);
        await app.PayAsync(other, othersOrder, othersAccount).DataAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("{}", "accountId")]
    [InlineData("""{"accountId":null}""", "accountId")]
    [InlineData("""{"accountId":"x"}""", "accountId")]
    [InlineData("""{"accountId":"ID","amountMinor":1}""", "amountMinor")]
    [InlineData("""{"accountId":"ID","status":"paid"}""", "status")]
    [InlineData("""{"accountId":"ID","id":"ID"}""", "id")]
    public async Task Refuses_a_body_that_is_not_as_it_should_be(string body, string field)
    {
        var (_, token, order, account) = await OrderAsync(balanceMinor: 1000);
        var json = body.Replace("ID", account.ToString(), StringComparison.Ordinal);
        var response = await app.SendJsonAsync(HttpMethod.Post, $"{Route}/{order}/pay", token, json);
        Assert.Equal([field], await response.RefusedFieldsAsync());
        await AssertUnpaidAsync(order, account, 1000);
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.PostAsync($"{Route}/{Guid.NewGuid()}/pay", "{}")
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");

    // One item of ten at 250, and an account.
    async Task<(Guid Product, string Token, Guid Order, Guid Account)> OrderAsync(
        long balanceMinor, string currency = "EUR")
    {
        var (product, (_, token)) = (await app.ProductAsync(currency: currency), await app.SignedInAsync());
        var account = await app.AccountAsync(token, balanceMinor, currency);
        return (product, token, await app.OrderAsync(token, (product, 1)), account);
    }

    async Task AssertUnpaidAsync(Guid order, Guid account, long balanceMinor)
    {
        Assert.Equal(balanceMinor, await app.BalanceAsync(account));
        var (status, transfer) = await app.InDatabaseAsync(async db =>
        {
            var stored = await db.Orders.SingleAsync(o => o.Id == order, Ct);
            return (stored.Status, stored.TransferId);
        });
        Assert.Equal((OrderStatus.Pending, null), (status, transfer));
    }
}
