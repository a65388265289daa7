using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Orders;

public sealed class CancelTests(App app)
{
    const string Route = "/api/v1/orders";

    [Fact]
    public async Task Gives_the_stock_back()
    {
        var (a, b, (_, token)) =
            (await app.ProductAsync(stock: 5), await app.ProductAsync(stock: 7), await app.SignedInAsync());
        var order = await app.OrderAsync(token, (a, 5), (b, 3));
        Assert.Equal((0, 4), (await app.StockAsync(a), await app.StockAsync(b)));
        var cancelled = await CancelAsync(token, order).DataAsync(HttpStatusCode.OK);
        Assert.Equal("cancelled", cancelled.GetProperty("status").GetString());
        Assert.Equal((5, 7), (await app.StockAsync(a), await app.StockAsync(b)));
        var read = await app.GetAsync($"{Route}/{order}", token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(cancelled.GetRawText(), read.GetRawText());
    }

    [Fact]
    public async Task Gives_it_back_once_however_often_it_is_asked()
    {
        var (id, (_, token)) = (await app.ProductAsync(stock: 5), await app.SignedInAsync());
        var order = await app.OrderAsync(token, (id, 5));
        var responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => CancelAsync(token, order)));
        Assert.Single(responses, r => r.StatusCode == HttpStatusCode.OK);
        foreach (var loser in responses.Where(r => r.StatusCode != HttpStatusCode.OK))
            await loser.ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");
        Assert.Equal(5, await app.StockAsync(id));
    }

    [Fact]
    public async Task Refuses_an_order_that_is_paid()
    {
        var (id, (_, token)) = (await app.ProductAsync(stock: 5), await app.SignedInAsync());
        var order = await app.OrderAsync(token, (id, 1));
        await app.PayAsync(token, order, await app.AccountAsync(token, 250)).DataAsync(HttpStatusCode.OK);
        await CancelAsync(token, order).ErrorAsync(HttpStatusCode.Conflict, "INVALID_STATE");
        Assert.Equal(4, await app.StockAsync(id));
    }

    [Fact]
    public async Task Gives_back_no_more_than_a_stock_holds()
    {
        var (id, (_, token), (_, admin)) =
            (await app.ProductAsync(stock: 5), await app.SignedInAsync(), await app.AdministratorAsync());
        var order = await app.OrderAsync(token, (id, 5));
        await app.SendJsonAsync(
            HttpMethod.Patch, $"/api/v1/products/{id}", admin, $$"""{"stock":{{Product.MaxStock - 2}}}""", "*");
        await CancelAsync(token, order).DataAsync(HttpStatusCode.OK);
        Assert.Equal(Product.MaxStock, await app.StockAsync(id));
    }

    [Fact]
    public async Task Answers_for_somebody_elses_as_for_none()
    {
        var (id, (_, admin)) = (await app.ProductAsync(stock: 5), await app.AdministratorAsync());
        var ((_, token), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var order = await app.OrderAsync(token, (id, 1));
        foreach (var asking in new[] { other, admin })
        {
            var none = await CancelAsync(asking, Guid.NewGuid()).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
            var others = await CancelAsync(asking, order).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
            Assert.Equal(none.GetRawText(), others.GetRawText());
        }

        Assert.Equal(4, await app.StockAsync(id));
        Assert.Equal(OrderStatus.Pending, await app.InDatabaseAsync(db => db.Orders
            .Where(o => o.Id == order).Select(o => o.Status).SingleAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Lets_no_query_name_another_order()
    {
        var (id, (_, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        var (one, two) = (await app.OrderAsync(token, (id, 1)), await app.OrderAsync(token, (id, 1)));
        var response = await app.SendJsonAsync(HttpMethod.Post, $"{Route}/{one}/cancel?id={two}", token, null);
        Assert.Equal(["id"], await response.RefusedFieldsAsync());
        Assert.Equal(8, await app.StockAsync(id));
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Post, $"{Route}/{Guid.NewGuid()}/cancel")
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");

    Task<HttpResponseMessage> CancelAsync(string token, Guid order)
        => app.SendJsonAsync(HttpMethod.Post, $"{Route}/{order}/cancel", token, null);
}
