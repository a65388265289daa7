using System.Text.Json;

namespace Tests.Features.Orders;

public sealed class ListTests(App app)
{
    const string Route = "/api/v1/orders";

    [Fact]
    public async Task Walks_from_the_newest_on_past_what_is_placed_meanwhile()
    {
        var (id, (_, token)) = (await app.ProductAsync(stock: 100), await app.SignedInAsync());
        var ids = new List<Guid>();
        for (var i = 0; i < 7; i++)
            ids.Add(await app.OrderAsync(token, (id, 1)));

        var walked = new List<Guid>();
        string? cursor = null;
        do
        {
            var (page, next) = await PageAsync(token, $"limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.InRange(page.Count, 1, 2);
            walked.AddRange(page);
            cursor = next;
            await app.OrderAsync(token, (id, 1));
        }
        while (cursor is not null);
        Assert.Equal(ids.OrderDescending(), walked);
    }

    [Fact]
    public async Task Shows_everybody_their_own_and_administrators_all()
    {
        var (id, (_, admin)) = (await app.ProductAsync(), await app.AdministratorAsync());
        var ((person, token), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var (own, others) = (await app.OrderAsync(token, (id, 1)), await app.OrderAsync(other, (id, 1)));
        Assert.Equal([own], (await PageAsync(token, "")).Rows);
        Assert.Equal([own], (await PageAsync(token, $"userId={person.Id}")).Rows);
        Assert.Equal([own], (await PageAsync(admin, $"userId={person.Id}")).Rows);
        Assert.Empty((await PageAsync(admin, $"userId={Guid.NewGuid()}")).Rows);
        var all = await WalkAsync(admin);
        Assert.Contains(own, all);
        Assert.Contains(others, all);
        Assert.Equal(all.Distinct(), all);
    }

    [Fact]
    public async Task Refuses_to_show_somebody_elses()
    {
        var ((_, token), (other, _)) = (await app.SignedInAsync(), await app.SignedInAsync());
        foreach (var userId in new[] { other.Id, Guid.NewGuid() })
            await app.GetAsync($"{Route}?userId={userId}", token).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
    }

    [Fact]
    public async Task Filters_by_status()
    {
        var (id, (person, token), (_, admin)) =
            (await app.ProductAsync(), await app.SignedInAsync(), await app.AdministratorAsync());
        var pending = await app.OrderAsync(token, (id, 1));
        var (cancelled, paid) = (await app.OrderAsync(token, (id, 1)), await app.OrderAsync(token, (id, 1)));
        await app.SendJsonAsync(HttpMethod.Post, $"{Route}/{cancelled}/cancel", token, null);
        await app.PayAsync(token, paid, await app.AccountAsync(token, 250)).DataAsync(HttpStatusCode.OK);
        foreach (var (status, order) in new[] { ("pending", pending), ("cancelled", cancelled), ("paid", paid) })
        {
            Assert.Equal([order], (await PageAsync(token, $"status={status}")).Rows);
            Assert.Equal([order], (await PageAsync(admin, $"status={status}&userId={person.Id}")).Rows);
            Assert.Contains(order, await WalkAsync(admin, $"&status={status}"));
        }
    }

    [Fact]
    public async Task Shows_the_lines_in_their_order()
    {
        var (_, token) = await app.SignedInAsync();
        var lines = new List<(Guid, int)>();
        for (var i = 1; i <= 12; i++)
            lines.Add((await app.ProductAsync(stock: 100), i));
        await app.OrderAsync(token, [.. lines]);
        lines.Reverse();
        await app.OrderAsync(token, [.. lines]);
        var orders = await app.GetAsync(Route, token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(
            [.. Enumerable.Range(1, 12).Reverse(), .. Enumerable.Range(1, 12)],
            orders.EnumerateArray().SelectMany(order => order.GetProperty("lines").EnumerateArray())
                .Select(line => line.GetProperty("quantity").GetInt32()));
    }

    [Fact]
    public async Task Takes_a_cursor_from_its_caller_and_filters_alone()
    {
        var (id, (person, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        var ((_, admin), (_, otherAdmin)) = (await app.AdministratorAsync(), await app.AdministratorAsync());
        for (var i = 0; i < 2; i++)
            await app.OrderAsync(token, (id, 1));
        var own = (await PageAsync(token, "limit=1")).Next;
        var pending = (await PageAsync(token, "limit=1&status=pending")).Next;
        var all = (await PageAsync(admin, "limit=1")).Next;
        var persons = (await PageAsync(admin, $"limit=1&userId={person.Id}")).Next;
        var products = await app.SendAsync(HttpMethod.Get, "/api/v1/products?limit=1");
        foreach (var (asking, query) in new[]
        {
            (token, $"status=pending&cursor={own}"), (token, $"cursor={pending}"),
            (token, $"status=paid&cursor={pending}"), (token, $"cursor={all}"), (token, $"cursor={persons}"),
            (admin, $"cursor={own}"), (otherAdmin, $"cursor={all}"), (admin, $"cursor={persons}"),
            (admin, $"userId={person.Id}&cursor={all}"), (token, $"cursor={await NextAsync(products)}"),
            (token, "cursor=abc"),
        })
        {
            await app.GetAsync($"{Route}?{query}", asking).ErrorAsync(HttpStatusCode.BadRequest, "INVALID_CURSOR");
        }

        await app.GetAsync($"/api/v1/accounts?cursor={own}", token)
            .ErrorAsync(HttpStatusCode.BadRequest, "INVALID_CURSOR");
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("status=Paid", "status")]
    [InlineData("status=2", "status")]
    [InlineData("status=", "status")]
    [InlineData("userId=abc", "userId")]
    [InlineData("userId=", "userId")]
    [InlineData("limit=0&status=x", "limit", "status")]
    [InlineData("sort=id", "sort")]
    public async Task Refuses_a_query_that_is_not_as_it_should_be(string query, params string[] fields)
    {
        var (_, token) = await app.SignedInAsync();
        Assert.Equal(fields, await app.GetAsync($"{Route}?{query}", token).RefusedFieldsAsync());
    }

    [Fact]
    public async Task Takes_as_many_statements_for_100_orders_as_for_one()
    {
        var (a, b) = (await app.ProductAsync(stock: 1000), await app.ProductAsync(stock: 1000));
        var ((person, token), (_, admin)) = (await app.SignedInAsync(), await app.AdministratorAsync());
        // The sessions are known from here on.
        await app.GetAsync("/api/v1/users/me", token);
        await app.GetAsync("/api/v1/users/me", admin);
        var placed = 0;
        foreach (var count in new[] { 1, 20, 100 })
        {
            for (; placed < count; placed++)
                await app.OrderAsync(token, (a, 1), (b, 1));
            foreach (var (asking, query) in new[]
            {
                (token, ""), (token, "&status=pending"),
                (admin, ""), (admin, "&status=pending"), (admin, $"&userId={person.Id}"),
            })
            {
                var (response, statements) = await app.GetWatchedAsync($"{Route}?limit=100{query}", asking);
                Assert.InRange((await response.DataAsync(HttpStatusCode.OK)).GetArrayLength(), count, 100);
                Assert.Single(statements);
            }
        }
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Get, Route).ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");

    async Task<List<Guid>> WalkAsync(string token, string filter = "")
    {
        var walked = new List<Guid>();
        for (string? cursor = ""; cursor is not null;)
        {
            var from = cursor.Length == 0 ? "" : $"&cursor={cursor}";
            var (page, next) = await PageAsync(token, $"limit=100{filter}{from}");
            walked.AddRange(page);
            cursor = next;
        }

        return walked;
    }

    async Task<(IReadOnlyList<Guid> Rows, string? Next)> PageAsync(string token, string query)
    {
        var response = await app.GetAsync($"{Route}?{query}", token);
        var rows = await response.DataAsync(HttpStatusCode.OK);
        return ([.. rows.EnumerateArray().Select(row => row.GetProperty("id").GetGuid())], await NextAsync(response));
    }

    static async Task<string?> NextAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var pagination = JsonDocument.Parse(body).RootElement.GetProperty("meta").GetProperty("pagination");
        return pagination.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
    }
}
