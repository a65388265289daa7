using System.Text.Json;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Accounts;

public sealed class ListTests(App app)
{
    [Fact]
    public async Task Walks_through_ones_own_accounts_newest_first()
    {
        var (_, token) = await app.SignedInAsync();
        var opened = new List<Guid>();
        for (var i = 0; i < 5; i++)
            opened.Add(await app.AccountAsync(token));
        var (listed, pages) = await WalkAsync("/api/v1/accounts?limit=2", token);
        Assert.Equal(opened.OrderDescending(), listed);
        Assert.Equal(3, pages);
    }

    [Fact]
    public async Task Loses_and_repeats_nothing_after_the_clock_was_set_back()
    {
        // Not the test's any more on the writer's thread.
        var ct = TestContext.Current.CancellationToken;
        var (person, token) = await app.SignedInAsync();
        var opened = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            // One with the time of before and one with that of now.
            var before = new Account(AccountKind.User, person.Id, "Before", "EUR", DateTimeOffset.UtcNow.AddHours(1));
            await app.WriteAsync(async db =>
            {
                db.Add(before);
                await db.SaveChangesAsync(ct);
            });
            opened.AddRange([before.Id, await app.AccountAsync(token)]);
        }

        var (listed, _) = await WalkAsync("/api/v1/accounts?limit=2", token);
        Assert.Equal(opened.OrderDescending(), listed);
    }

    [Fact]
    public async Task Shows_nobody_elses()
    {
        var ((_, token), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        await app.AccountAsync(other);
        Assert.Empty((await app.GetAsync("/api/v1/accounts", token).DataAsync(HttpStatusCode.OK)).EnumerateArray());
    }

    [Fact]
    public async Task Shows_everybodys_to_administrators()
    {
        var ((_, admin), (_, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        var account = await app.AccountAsync(token);
        var page = await app.GetAsync("/api/v1/accounts?limit=100", admin).DataAsync(HttpStatusCode.OK);
        Assert.Contains(account, page.EnumerateArray().Select(a => a.GetProperty("id").GetGuid()));
    }

    [Fact]
    public async Task Takes_no_cursor_of_another_caller()
    {
        var ((_, admin), (_, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        await app.AccountAsync(token);
        await app.AccountAsync(token);
        foreach (var (from, to) in new[] { (token, admin), (admin, token) })
        {
            var cursor = await CursorAsync("/api/v1/accounts?limit=1", from);
            Assert.NotNull(cursor);
            await app.GetAsync($"/api/v1/accounts?cursor={cursor}", to)
                .ErrorAsync(HttpStatusCode.BadRequest, "INVALID_CURSOR");
            await app.GetAsync($"/api/v1/accounts?cursor={cursor}", from).DataAsync(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Takes_no_cursor_of_what_the_caller_no_longer_sees()
    {
        var ((_, admin), (former, token)) = (await app.AdministratorAsync(), await app.AdministratorAsync());
        await app.AccountAsync(token);
        await app.AccountAsync(token);
        var cursor = await CursorAsync("/api/v1/accounts?limit=1", token);
        await app.SendJsonAsync(HttpMethod.Patch, $"/api/v1/users/{former.Id}", admin, """{"roles":["user"]}""", "*")
            .DataAsync(HttpStatusCode.OK);
        await app.GetAsync($"/api/v1/accounts?cursor={cursor}", token)
            .ErrorAsync(HttpStatusCode.BadRequest, "INVALID_CURSOR");
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("page=1", "page")]
    [InlineData("userId=0199c0de-0000-7000-8000-000000000000", "userId")]
    public async Task Refuses_what_it_does_not_know(string query, string field)
    {
        var (_, token) = await app.SignedInAsync();
        Assert.Equal([field], await app.GetAsync($"/api/v1/accounts?{query}", token).RefusedFieldsAsync());
    }

    async Task<(List<Guid> Ids, int Pages)> WalkAsync(string path, string token)
    {
        var (ids, pages) = (new List<Guid>(), 0);
        for (string? next = path; next is not null; pages++)
        {
            using var response = await app.GetAsync(next, token);
            var accounts = await response.DataAsync(HttpStatusCode.OK);
            ids.AddRange(accounts.EnumerateArray().Select(a => a.GetProperty("id").GetGuid()));
            next = await CursorOf(response) is { } cursor ? $"{path}&cursor={cursor}" : null;
        }

        return (ids, pages);
    }

    async Task<string?> CursorAsync(string path, string token) => await CursorOf(await app.GetAsync(path, token));

    static async Task<string?> CursorOf(HttpResponseMessage response)
        => JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .RootElement.GetProperty("meta").GetProperty("pagination").GetProperty("nextCursor").GetString();
}
