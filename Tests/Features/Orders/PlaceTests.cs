using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Orders;

public sealed class PlaceTests(App app)
{
    const string Route = "/api/v1/orders";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sells_at_todays_prices_and_takes_the_stock()
    {
        var ((person, token), sku) = (await app.SignedInAsync(), $"{Guid.NewGuid():N}");
        var lamp = await app.ProductAsync(stock: 5, priceMinor: 1999, name: "A lamp", sku: sku);
        var table = await app.ProductAsync(stock: 1, priceMinor: 25000);
        var response = await app.PlaceAsync(token, (table, 1), (lamp, 3));
        var order = await response.DataAsync(HttpStatusCode.Created);
        Assert.Equal(
            ["id", "userId", "status", "totalMinor", "currency", "createdAt", "lines"],
            order.EnumerateObject().Select(member => member.Name));
        Assert.Equal(person.Id, order.GetProperty("userId").GetGuid());
        Assert.Equal("pending", order.GetProperty("status").GetString());
        Assert.Equal(25000 + (3 * 1999), order.GetProperty("totalMinor").GetInt64());
        Assert.Equal("EUR", order.GetProperty("currency").GetString());
        Assert.Equal(
            $$"""{"productId":"{{lamp}}","sku":"{{sku}}","name":"A lamp","quantity":3,"priceMinor":1999}""",
            order.GetProperty("lines")[1].GetRawText());
        Assert.Equal((2, 0), (await app.StockAsync(lamp), await app.StockAsync(table)));

        var location = response.Headers.Location!.OriginalString;
        Assert.Equal($"{Route}/{order.GetProperty("id").GetString()}", location);
        var found = await app.GetAsync(location, token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(order.GetRawText(), found.GetRawText());
    }

    [Fact]
    public async Task Raises_the_products_version_with_its_stock()
    {
        var (id, (_, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        await app.SendAsync(HttpMethod.Get, $"/api/v1/products/{id}");
        await app.OrderAsync(token, (id, 1));
        var response = await app.SendAsync(
            HttpMethod.Get, $"/api/v1/products/{id}", null, ("If-None-Match", "\"1\""));
        await response.DataAsync(HttpStatusCode.OK);
        Assert.Equal("\"2\"", response.Headers.ETag?.ToString());
    }

    [Fact]
    public async Task Shows_the_new_stock_in_lists_at_once()
    {
        var ((_, token), word) = (await app.SignedInAsync(), $"w{Guid.NewGuid():N}");
        var id = await app.ProductAsync(stock: 5, name: word);
        for (var left = 4; left >= 0; left--)
        {
            await app.OrderAsync(token, (id, 1));
            var list = await app.SendAsync(HttpMethod.Get, $"/api/v1/products?q={word}").DataAsync(HttpStatusCode.OK);
            Assert.Equal(left, list[0].GetProperty("stock").GetInt32());
        }
    }

    [Fact]
    public async Task Keeps_the_price_that_it_was_placed_at()
    {
        var (id, (_, token), (_, admin)) =
            (await app.ProductAsync(priceMinor: 100), await app.SignedInAsync(), await app.AdministratorAsync());
        var order = await app.OrderAsync(token, (id, 2));
        await app.SendJsonAsync(
            HttpMethod.Patch, $"/api/v1/products/{id}", admin, """{"priceMinor":999,"name":"Dear"}""", "*");
        var read = await app.GetAsync($"{Route}/{order}", token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(200, read.GetProperty("totalMinor").GetInt64());
        Assert.Equal("Something", read.GetProperty("lines")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Takes_all_of_it_or_nothing_and_names_each_line_that_falls_short()
    {
        var (person, token) = await app.SignedInAsync();
        var (enough, few, none) =
            (await app.ProductAsync(stock: 9), await app.ProductAsync(stock: 2), await app.ProductAsync(stock: 0));
        var error = await app.PlaceAsync(token, (few, 3), (enough, 9), (none, 1))
            .ErrorAsync(HttpStatusCode.Conflict, "OUT_OF_STOCK");
        Assert.Equal(
            """{"lines[0]":["In stock: 2."],"lines[2]":["In stock: 0."]}""", error.GetProperty("details").GetRawText());
        Assert.Equal((9, 2), (await app.StockAsync(enough), await app.StockAsync(few)));
        await AssertNothingHappenedAsync(person);
    }

    [Fact]
    public async Task Names_each_product_that_there_is_not()
    {
        var (id, (person, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        Assert.Equal(
            ["lines[0].productId", "lines[2].productId"],
            await app.PlaceAsync(token, (Guid.NewGuid(), 1), (id, 1), (Guid.CreateVersion7(), 1)).RefusedFieldsAsync());
        Assert.Equal(10, await app.StockAsync(id));
        await AssertNothingHappenedAsync(person);
    }

    [Fact]
    public async Task Refuses_more_than_one_currency_in_one_order()
    {
        var (euros, yen, (person, token)) =
            (await app.ProductAsync(), await app.ProductAsync(currency: "JPY"), await app.SignedInAsync());
        await app.PlaceAsync(token, (euros, 1), (yen, 1)).ErrorAsync(HttpStatusCode.Conflict, "CURRENCY_MISMATCH");
        Assert.Equal((10, 10), (await app.StockAsync(euros), await app.StockAsync(yen)));
        await AssertNothingHappenedAsync(person);
    }

    [Theory]
    [InlineData(Money.Max, 1, true)]
    [InlineData(Money.Max, 2, false)]
    [InlineData(Money.Max, 1000, false)]
    public async Task Counts_as_far_as_it_can_count(long priceMinor, int quantity, bool isCountable)
    {
        var (id, (_, token)) =
            (await app.ProductAsync(stock: 1000, priceMinor: priceMinor), await app.SignedInAsync());
        var placing = app.PlaceAsync(token, (id, quantity));
        await (isCountable
            ? placing.DataAsync(HttpStatusCode.Created)
            : placing.ErrorAsync(HttpStatusCode.Conflict, "CONFLICT"));
        Assert.Equal(isCountable ? 1000 - quantity : 1000, await app.StockAsync(id));
    }

    [Fact]
    public async Task Holds_50_lines_and_no_more()
    {
        var (_, token) = await app.SignedInAsync();
        var lines = new List<(Guid, int)>();
        for (var i = 0; i <= Order.MaxLines; i++)
            lines.Add((await app.ProductAsync(), 1));
        Assert.Equal(["lines"], await app.PlaceAsync(token, [.. lines]).RefusedFieldsAsync());
        var order = await app.PlaceAsync(token, [.. lines.Take(Order.MaxLines)]).DataAsync(HttpStatusCode.Created);
        Assert.Equal(
            lines.Take(Order.MaxLines).Select(line => line.Item1),
            order.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("productId").GetGuid()));
    }

    [Theory]
    [InlineData("""{}""", "lines")]
    [InlineData("""{"lines":null}""", "lines")]
    [InlineData("""{"lines":[]}""", "lines")]
    [InlineData("""{"lines":{}}""", "lines")]
    [InlineData("""{"lines":[null]}""", "lines[0]")]
    [InlineData("""{"lines":[{}]}""", "lines[0].productId", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":1},{"productId":"ID","quantity":2}]}""", "lines")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":0}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":1001}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":-1}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":1.5}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":1.0}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":"1"}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":2147483648}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":null}]}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"productId":"x","quantity":1}]}""", "lines[0].productId")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":1,"priceMinor":1}]}""", "lines[0].priceMinor")]
    [InlineData("""{"lines":[{"productId":"ID","Quantity":1}]}""", "lines[0].Quantity")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":1}],"status":"paid"}""", "status")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":1}],"totalMinor":1}""", "totalMinor")]
    [InlineData("""{"lines":[{"productId":"ID","quantity":1}],"userId":"ID"}""", "userId")]
    public async Task Refuses_a_body_that_is_not_as_it_should_be(string body, params string[] fields)
    {
        var (id, (person, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        var json = body.Replace("ID", id.ToString(), StringComparison.Ordinal);
        Assert.Equal(fields, await app.SendJsonAsync(HttpMethod.Post, Route, token, json).RefusedFieldsAsync());
        Assert.Equal(10, await app.StockAsync(id));
        await AssertNothingHappenedAsync(person);
    }

    [Theory]
    [InlineData("lines")]
    [InlineData("userId")]
    public async Task Lets_no_query_overrule_the_body(string name)
    {
        var (id, (person, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        var response = await app.SendJsonAsync(HttpMethod.Post, $"{Route}?{name}=5", token, App.OrderJson((id, 1)));
        Assert.Equal([name], await response.RefusedFieldsAsync());
        await AssertNothingHappenedAsync(person);
    }

    [Fact]
    public async Task Is_announced()
    {
        var (id, (_, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        await app.NoteEventsAsync();
        var order = await app.OrderAsync(token, (id, 1));
        Assert.Equal(["order.placed"], await app.EventsOfAsync(order));
    }

    [Fact]
    public async Task Happens_once_for_each_key()
    {
        var (id, (_, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        var (key, json) = (Guid.NewGuid().ToString(), App.OrderJson((id, 4)));
        using var first = await app.SendKeyedAsync(Route, token, json, key);
        using var second = await app.SendKeyedAsync(Route, token, json, key);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Ct), await second.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal(6, await app.StockAsync(id));
        await app.SendKeyedAsync(Route, token, App.OrderJson((id, 5)), key)
            .ErrorAsync(HttpStatusCode.UnprocessableEntity, "IDEMPOTENCY_KEY_REUSED");
        Assert.Equal(6, await app.StockAsync(id));
    }

    [Fact]
    public async Task Sells_the_last_item_once_when_buyers_race()
    {
        var (id, (_, token)) = (await app.ProductAsync(stock: 1), await app.SignedInAsync());
        var responses = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => app.PlaceAsync(token, (id, 1))));
        Assert.Single(responses, r => r.StatusCode == HttpStatusCode.Created);
        foreach (var loser in responses.Where(r => r.StatusCode != HttpStatusCode.Created))
            await loser.ErrorAsync(HttpStatusCode.Conflict, "OUT_OF_STOCK");
        Assert.Equal(0, await app.StockAsync(id));
    }

    [Fact]
    public async Task Sells_no_more_than_there_is_to_orders_that_take_the_same_products_in_opposing_order()
    {
        var (a, c, (_, token)) = (await app.ProductAsync(), await app.ProductAsync(), await app.SignedInAsync());
        var b = await app.ProductAsync(stock: 11);
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? app.PlaceAsync(token, (a, 1), (b, 1), (c, 1))
            : app.PlaceAsync(token, (c, 1), (b, 1), (a, 1))));
        Assert.Equal(10, responses.Count(r => r.StatusCode == HttpStatusCode.Created));
        foreach (var loser in responses.Where(r => r.StatusCode != HttpStatusCode.Created))
            await loser.ErrorAsync(HttpStatusCode.Conflict, "OUT_OF_STOCK");
        // The orders that were refused have given the middle line back.
        Assert.Equal((0, 1, 0), (await app.StockAsync(a), await app.StockAsync(b), await app.StockAsync(c)));
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.PostAsync(Route, "{}").ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");

    async Task AssertNothingHappenedAsync(Person person)
        => Assert.Equal(0, await app.InDatabaseAsync(db => db.Orders.CountAsync(o => o.UserId == person.Id, Ct)));
}
