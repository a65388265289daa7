namespace Tests.Features.Users;

public sealed class GetTests(App app)
{
    [Fact]
    public async Task Shows_a_user_to_themselves_and_to_administrators()
    {
        var ((person, token), (_, admin)) = (await app.SignedInAsync(), await app.AdministratorAsync());
        foreach (var asking in new[] { token, admin })
        {
            var response = await app.GetAsync($"/api/v1/users/{person.Id}", asking);
            var user = await response.DataAsync(HttpStatusCode.OK);
            Assert.Equal(
                ["createdAt", "email", "id", "name", "roles", "updatedAt", "version"],
                user.EnumerateObject().Select(member => member.Name).Order());
            Assert.Equal(person.Id, user.GetProperty("id").GetGuid());
            Assert.Equal("\"1\"", response.Headers.ETag?.ToString());
        }
    }

    [Fact]
    public async Task Answers_for_somebody_else_as_for_nobody()
    {
        var ((_, token), (other, _)) = (await app.SignedInAsync(), await app.SignedInAsync());
        foreach (var (method, status) in new[] { ("GET", "404"), ("HEAD", "404"), ("PATCH", "403"), ("DELETE", "403") })
        {
            var nobody = await AskAsync(method, Guid.CreateVersion7()).BlankedAsync();
            Assert.StartsWith(status, nobody, StringComparison.Ordinal);
            Assert.Equal(nobody, await AskAsync(method, other.Id).BlankedAsync());
        }

        Task<HttpResponseMessage> AskAsync(string method, Guid id)
            => app.SendAsync(
                new HttpMethod(method),
                $"/api/v1/users/{id}",
                null,
                ("Authorization", $"Bearer {token}"),
                ("If-Match", "*"),
                ("If-None-Match", "*"));
    }

    [Fact]
    public async Task Finds_nobody_where_nobody_is()
    {
        var (_, admin) = await app.AdministratorAsync();
        string[] ids = [$"{Guid.CreateVersion7()}", "1", "not-a-uuid", $"{Guid.Empty}", $"{Guid.NewGuid():N}"];
        foreach (var id in ids)
            await app.GetAsync($"/api/v1/users/{id}", admin).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Lets_no_query_name_somebody_else()
    {
        var ((person, token), (other, _)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var fields = await app.GetAsync($"/api/v1/users/{person.Id}?id={other.Id}", token).RefusedFieldsAsync();
        Assert.Equal(["id"], fields);
    }

    [Fact]
    public async Task Answers_304_to_whoever_has_this_version()
    {
        var (person, token) = await app.SignedInAsync();
        var response = await app.SendAsync(
            HttpMethod.Get,
            $"/api/v1/users/{person.Id}",
            null,
            ("Authorization", $"Bearer {token}"), ("If-None-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    [Fact]
    public async Task Shows_the_latest_ten_orders_when_they_are_asked_for()
    {
        var ((person, token), (_, admin)) = (await app.SignedInAsync(), await app.AdministratorAsync());
        var (a, b) = (await app.ProductAsync(stock: 100), await app.ProductAsync(stock: 100));
        var path = $"/api/v1/users/{person.Id}?include=orders";
        var none = await app.GetAsync(path, token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(0, none.GetProperty("orders").GetArrayLength());
        var placed = new List<Guid>();
        for (var count = 1; count <= 12; count++)
        {
            placed.Add(await app.OrderAsync(token, (a, 1), (b, 2)));
            foreach (var asking in new[] { token, admin })
            {
                var orders = (await app.GetAsync(path, asking).DataAsync(HttpStatusCode.OK)).GetProperty("orders");
                Assert.Equal(
                    placed.OrderDescending().Take(10),
                    orders.EnumerateArray().Select(order => order.GetProperty("id").GetGuid()));
            }
        }

        var user = await app.GetAsync(path, token).DataAsync(HttpStatusCode.OK);
        Assert.Equal(
            ["id", "status", "totalMinor", "currency", "createdAt", "lines"],
            user.GetProperty("orders")[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            [(a, 1), (b, 2)],
            user.GetProperty("orders")[9].GetProperty("lines").EnumerateArray()
                .Select(line => (line.GetProperty("productId").GetGuid(), line.GetProperty("quantity").GetInt32())));
    }

    [Fact]
    public async Task Takes_the_orders_for_no_part_of_the_version()
    {
        var ((person, token), product) = (await app.SignedInAsync(), await app.ProductAsync());
        var path = $"/api/v1/users/{person.Id}";
        await app.GetAsync(path, token).DataAsync(HttpStatusCode.OK);
        await app.OrderAsync(token, (product, 1));
        var response = await app.SendAsync(
            HttpMethod.Get,
            $"{path}?include=orders",
            null,
            ("Authorization", $"Bearer {token}"),
            ("If-None-Match", "\"1\", *"));
        var user = await response.DataAsync(HttpStatusCode.OK);
        Assert.Equal(1, user.GetProperty("orders").GetArrayLength());
        Assert.Null(response.Headers.ETag);
        Assert.False((await app.GetAsync(path, token).DataAsync(HttpStatusCode.OK)).TryGetProperty("orders", out _));
    }

    [Theory]
    [InlineData("include=sessions", "include")]
    [InlineData("include=", "include")]
    [InlineData("include=Orders", "include")]
    [InlineData("include=orders,orders", "include")]
    [InlineData("include=orders&include=orders", "include")]
    [InlineData("includes=orders", "includes")]
    public async Task Refuses_to_include_anything_else(string query, string field)
    {
        var (person, token) = await app.SignedInAsync();
        Assert.Equal([field], await app.GetAsync($"/api/v1/users/{person.Id}?{query}", token).RefusedFieldsAsync());
    }

    [Fact]
    public async Task Shows_nobodys_orders_to_others()
    {
        var ((_, token), (other, _)) = (await app.SignedInAsync(), await app.SignedInAsync());
        await app.GetAsync($"/api/v1/users/{other.Id}?include=orders", token)
            .ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Get, $"/api/v1/users/{Guid.NewGuid()}")
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
}
