using System.Text.Json;

namespace Tests.Features.Users;

public sealed class ListTests(App app)
{
    const string Route = "/api/v1/users";

    [Fact]
    public async Task Lists_page_by_page_with_a_total()
    {
        var (_, admin) = await app.AdministratorAsync();
        var prefix = $"list-{Guid.NewGuid():N}";
        for (var i = 0; i < 5; i++)
            await app.PersonAsync($"{prefix}-{i}@example.com");

        var seen = new List<string>();
        for (var page = 1; page <= 3; page++)
        {
            var response = await app.GetAsync($"{Route}?page={page}&pageSize=2&email={prefix}&sort=email", admin);
            var users = await response.DataAsync(HttpStatusCode.OK);
            seen.AddRange(users.EnumerateArray().Select(u => u.GetProperty("email").GetString()!));
            var pagination = (await BodyAsync(response)).GetProperty("meta").GetProperty("pagination");
            Assert.Equal($$"""{"page":{{page}},"pageSize":2,"total":5,"totalPages":3}""", pagination.GetRawText());
        }

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"{prefix}-{i}@example.com"), seen);
        var beyond = await app.GetAsync($"{Route}?page=4&pageSize=2&email={prefix}", admin)
            .DataAsync(HttpStatusCode.OK);
        Assert.Equal(0, beyond.GetArrayLength());
    }

    [Fact]
    public async Task Sorts_by_age_both_ways_the_newest_first_unless_told()
    {
        var (_, admin) = await app.AdministratorAsync();
        var prefix = $"sort-{Guid.NewGuid():N}";
        foreach (var name in new[] { "b", "a", "c" })
            await app.PersonAsync($"{prefix}-{name}@example.com");
        Assert.Equal(["c", "a", "b"], await NamesAsync(""));
        Assert.Equal(["c", "a", "b"], await NamesAsync("&sort=-createdAt"));
        Assert.Equal(["b", "a", "c"], await NamesAsync("&sort=createdAt"));
        Assert.Equal(["a", "b", "c"], await NamesAsync("&sort=email"));

        async Task<string[]> NamesAsync(string sort)
            => [.. (await app.GetAsync($"{Route}?email={prefix}{sort}", admin).DataAsync(HttpStatusCode.OK))
                .EnumerateArray()
                .Select(u => u.GetProperty("email").GetString()![(prefix.Length + 1)..].Split('@')[0])];
    }

    [Fact]
    public async Task Filters_by_role()
    {
        var ((person, admin), (other, _)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        foreach (var (email, role, found) in new[]
        {
            (person.Email, "admin", 1), (person.Email, "user", 1), (other.Email, "admin", 0), (other.Email, "user", 1),
        })
        {
            var users = await app.GetAsync($"{Route}?email={email}&role={role}", admin).DataAsync(HttpStatusCode.OK);
            Assert.Equal(found, users.GetArrayLength());
        }
    }

    [Theory]
    [InlineData("%")]
    [InlineData("_")]
    [InlineData("\\")]
    [InlineData("100%")]
    [InlineData("[a-z]")]
    [InlineData("*")]
    [InlineData("' OR '1'='1")]
    [InlineData("'; DROP TABLE Users;--")]
    [InlineData("\" UNION SELECT")]
    public async Task Takes_every_character_of_a_filter_for_itself(string filter)
    {
        var (_, admin) = await app.AdministratorAsync();
        var users = await app.GetAsync($"{Route}?email={Uri.EscapeDataString(filter)}", admin)
            .DataAsync(HttpStatusCode.OK);
        Assert.Equal(0, users.GetArrayLength());
        Assert.NotEqual(0, (await app.GetAsync(Route, admin).DataAsync(HttpStatusCode.OK)).GetArrayLength());
    }

    [Theory]
    [InlineData("page=0", "page")]
    [InlineData("page=-1", "page")]
    [InlineData("page=1.5", "page")]
    [InlineData("page=abc", "page")]
    [InlineData("page=", "page")]
    [InlineData("page=99999999999", "page")]
    [InlineData("page=1000001", "page")]
    [InlineData("page=1e9", "page")]
    [InlineData("page=%EF%BC%91", "page")]
    [InlineData("page=%2B1", "page")]
    [InlineData("page=%201", "page")]
    [InlineData("page=1&page=2", "page")]
    [InlineData("page=%00", "page")]
    [InlineData("page=1'%20OR%201=1--", "page")]
    [InlineData("pageSize=0", "pageSize")]
    [InlineData("pageSize=101", "pageSize")]
    [InlineData("pageSize=1000000", "pageSize")]
    [InlineData("page=0&pageSize=0", "page", "pageSize")]
    [InlineData("sort=passwordHash", "sort")]
    [InlineData("sort=email;DROP%20TABLE%20x", "sort")]
    [InlineData("sort=-createdAt,email", "sort")]
    [InlineData("sort=EMAIL", "sort")]
    [InlineData("sort[]=email", "sort[]")]
    [InlineData("role=root", "role")]
    [InlineData("email=%00", "email")]
    [InlineData("include=sessions", "include")]
    [InlineData("include=", "include")]
    [InlineData("include=orders,sessions", "include")]
    [InlineData("pagesize2=1&colour=red", "colour", "pagesize2")]
    [InlineData("access_token=x", "access_token")]
    public async Task Refuses_a_query_that_is_not_as_it_should_be(string query, params string[] fields)
    {
        var (_, admin) = await app.AdministratorAsync();
        Assert.Equal(fields, await app.GetAsync($"{Route}?{query}", admin).RefusedFieldsAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(100)]
    public async Task Shows_everybodys_latest_ten_orders_in_three_statements_when_they_are_asked_for(int count)
    {
        var ((_, admin), product) = (await app.AdministratorAsync(), await app.ProductAsync());
        var prefix = $"include-{Guid.NewGuid():N}";
        var orders = await app.UsersWithOrdersAsync(prefix, count, product);
        await app.GetAsync("/api/v1/users/me", admin);
        var (response, statements) = await app.GetWatchedAsync(
            $"{Route}?pageSize=100&email={prefix}&include=orders", admin);
        var users = await response.DataAsync(HttpStatusCode.OK);
        Assert.Equal(3, statements.Count);
        Assert.Equal(count, users.GetArrayLength());
        foreach (var user in users.EnumerateArray())
        {
            var shown = user.GetProperty("orders").EnumerateArray().ToList();
            Assert.Equal(
                orders[user.GetProperty("id").GetGuid()].OrderDescending().Take(10),
                shown.Select(order => order.GetProperty("id").GetGuid()));
            Assert.All(shown.Select(order => order.GetProperty("lines").EnumerateArray()), lines => Assert.Equal(
                [1, 2, 3], lines.Select(line => line.GetProperty("quantity").GetInt32())));
        }

        var (plain, two) = await app.GetWatchedAsync($"{Route}?pageSize=100&email={prefix}", admin);
        Assert.False((await plain.DataAsync(HttpStatusCode.OK))[0].TryGetProperty("orders", out _));
        Assert.Equal(2, two.Count);
    }

    [Fact]
    public async Task Is_for_administrators_and_says_so_before_it_looks_at_the_query()
    {
        var (_, token) = await app.SignedInAsync();
        await app.GetAsync($"{Route}?page=0&email=x", token).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        await app.GetAsync($"{Route}?include=orders", token).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        await app.SendAsync(HttpMethod.Get, Route).ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    static async Task<JsonElement> BodyAsync(HttpResponseMessage response)
        => JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
}
