using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Idempotency;

namespace Tests.Infrastructure.Idempotency;

public sealed class IdempotentRequestTests(App app)
{
    const string Pay = "/orders/{id:uuid}/pay";

    [Fact]
    public void Is_another_where_method_route_value_or_body_is_another()
    {
        var one = Print("POST", Pay, "1", "red");
        Assert.Equal(one, Print("POST", Pay, "1", "red"));
        Assert.NotEqual(one, Print("PUT", Pay, "1", "red"));
        Assert.NotEqual(one, Print("POST", "/orders/{id:uuid}/cancel", "1", "red"));
        Assert.NotEqual(one, Print("POST", Pay, "2", "red"));
        Assert.NotEqual(one, Print("POST", Pay, "1", "blue"));
        // An id is the same in either case.
        Assert.Equal(Print("POST", Pay, "a", "red"), Print("POST", Pay, "A", "red"));
    }

    [Fact]
    public async Task Is_remembered_for_a_week_where_it_moves_money_and_for_a_day_elsewhere()
    {
        var ((_, token), (_, admin), product) =
            (await app.SignedInAsync(), await app.AdministratorAsync(), await app.ProductAsync());
        var (from, to) = (await app.AccountAsync(token, 100), await app.AccountAsync(token));
        var transfer = JsonSerializer.Serialize(new { fromAccountId = from, toAccountId = to, amountMinor = 1 });
        await AssertKeptAsync(7, "transfers", token, transfer);
        await AssertKeptAsync(7, $"accounts/{to}/deposits", admin, """{"amountMinor":1}""");
        await AssertKeptAsync(1, "accounts", token, """{"name":"A","currency":"EUR"}""");
        await AssertKeptAsync(1, "orders", token, App.OrderJson((product, 1)));
    }

    static byte[] Print(string method, string route, string id, string body)
    {
        var context = new DefaultHttpContext
        {
            User = new([new([new("sub", "0199c0de-0000-7000-8000-000000000001")])]),
        };
        context.Request.Method = method;
        context.Request.RouteValues["id"] = id;
        context.Request.Headers[IdempotentRequest.Header] = "the-one-key";
        context.SetEndpoint(
            new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse(route), 0, null, null));
        return IdempotentRequest.Of(context, new { body }, IdempotentRequest.Keep).Fingerprint;
    }

    async Task AssertKeptAsync(int days, string path, string token, string json)
    {
        var (key, before) = (Guid.NewGuid().ToString(), DateTimeOffset.UtcNow);
        await app.SendKeyedAsync($"/api/v1/{path}", token, json, key).DataAsync(HttpStatusCode.Created);
        var expires = await app.InDatabaseAsync(db => db.IdempotencyKeys
            .Where(k => k.Key == key).Select(k => k.ExpiresAt).SingleAsync(TestContext.Current.CancellationToken));
        Assert.InRange(expires, before.AddDays(days), DateTimeOffset.UtcNow.AddDays(days));
    }
}
