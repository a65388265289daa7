using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using SliceApi.Infrastructure.Persistence;

namespace Tests.Infrastructure.Persistence;

/// <summary>What SQLite plans to do for lists and for the hot path: nothing that takes longer as tables grow.</summary>
public sealed partial class QueryPlanTests(App app)
{
    [Fact]
    public async Task Lists_and_single_things_are_read_along_an_index()
    {
        var ((_, admin), (person, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        var (account, other) = (await app.AccountAsync(token, 10), await app.AccountAsync(token, 10));
        var transfer = await app.TransferAsync(token, account, other, 1).DataAsync(HttpStatusCode.Created);
        var product = await app.ProductAsync();
        var order = await app.OrderAsync(token, (product, 1));
        var statements = new List<string>();
        foreach (var path in new[]
        {
            "/accounts",
            "/accounts?limit=1",
            $"/accounts/{account}",
            $"/accounts/{account}/entries",
            $"/accounts/{account}/entries?limit=1",
            $"/transfers/{transfer.GetProperty("id").GetGuid()}",
            $"/users/{person.Id}",
            $"/users/{person.Id}?include=orders",
            "/orders",
            "/orders?limit=1&status=pending",
            $"/orders?userId={person.Id}",
            $"/orders?userId={person.Id}&status=paid",
            $"/orders/{order}",
            "/products",
            $"/products?limit=1&q={Guid.NewGuid():N}",
            $"/products?limit=1&q={Guid.NewGuid():N}%20other%20words",
            $"/products/{product}",
        })
        {
            foreach (var caller in new[] { token, admin })
                statements.AddRange(await StatementsOfAsync($"/api/v1{path}", caller));
        }

        Assert.True(statements.Count > 10, "Statements are seen");
        Assert.Empty(statements.Distinct().SelectMany(Scans));
    }

    [Fact]
    public async Task The_orders_of_a_page_of_users_are_read_along_an_index()
    {
        var (_, admin) = await app.AdministratorAsync();
        await app.OrderAsync(admin, (await app.ProductAsync(), 1));
        var statements = await StatementsOfAsync("/api/v1/users?include=orders", admin);
        Assert.Empty(statements.Where(sql => sql.Contains("\"Orders\"", StringComparison.Ordinal)).SelectMany(Scans));
    }

    [Fact]
    public async Task A_search_looks_its_longest_word_up_and_asks_what_that_finds_for_the_others()
    {
        var (_, token) = await app.SignedInAsync();
        var statements = await StatementsOfAsync($"/api/v1/products?q=a%20w{Guid.NewGuid():N}%20b", token);
        var plan = StepsOf(Assert.Single(statements, sql => sql.Contains("ProductWords", StringComparison.Ordinal)));
        Assert.Single(plan, step => step.EndsWith("(Word>? AND Word<?)", StringComparison.Ordinal));
        var asked = plan.Count(step => step.EndsWith("(ProductId=? AND Word>? AND Word<?)", StringComparison.Ordinal));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task The_hot_path_is_written_along_an_index()
    {
        var (_, token) = await app.SignedInAsync();
        var (from, to) = (await app.AccountAsync(token, 10), await app.AccountAsync(token));
        await app.TransferAsync(token, from, to, 1).DataAsync(HttpStatusCode.Created);
        await app.TransferAsync(token, from, to, 1000).ErrorAsync(HttpStatusCode.Conflict, "INSUFFICIENT_FUNDS");
        var prepared = await app.Services.GetRequiredService<Writer>()
            .RunAsync((scope, _) => Task.FromResult(scope.Prepared.ToList()), TestContext.Current.CancellationToken);
        var statements = prepared
            .Where(sql => sql.StartsWith("SELECT") || sql.StartsWith("UPDATE") || sql.StartsWith("INSERT")).ToList();
        Assert.True(statements.Count >= 8, "Statements are seen");
        Assert.Empty(statements.SelectMany(Scans));
    }

    [Fact]
    public void A_scan_is_seen()
        => Assert.NotEmpty(Scans("SELECT \"a\".\"Name\" FROM \"Accounts\" AS \"a\" WHERE \"a\".\"Name\" = @name"));

    async Task<IReadOnlyCollection<string>> StatementsOfAsync(string path, string token)
    {
        var (response, statements) = await app.GetWatchedAsync(path, token);
        Assert.True(
            response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{path}: {response.StatusCode}");
        return statements;
    }

    IEnumerable<string> Scans(string sql)
    {
        var scans = new List<string>();
        var made = new HashSet<string>();
        foreach (var step in StepsOf(sql))
        {
            // Subqueries and constant rows are scanned, too: they are as small as what they were made of.
            if (Subquery().Match(step) is { Success: true } subquery)
                made.Add(subquery.Groups["name"].Value);
            else if (step.StartsWith("SCAN", StringComparison.Ordinal) && !SmallScan().IsMatch(step))
                scans.Add(step);
        }

        return scans.Where(step => !made.Contains(step["SCAN ".Length..])).Select(step => $"{step} in {sql}");
    }

    List<string> StepsOf(string sql)
    {
        using var connection = app.Services.GetRequiredService<SqliteFile>().OpenWriter();
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        foreach (var name in Parameters().Matches(sql).Select(m => m.Value).Distinct())
            command.Parameters.AddWithValue(name, DBNull.Value);
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
            steps.Add(reader.GetString(3));
        return steps;
    }

    [GeneratedRegex(@"[@$]\w+")]
    private static partial Regex Parameters();

    [GeneratedRegex(@"^SCAN (CONSTANT ROW|\(subquery|\w+ VIRTUAL TABLE)")]
    private static partial Regex SmallScan();

    [GeneratedRegex(@"^(CO-ROUTINE|MATERIALIZE) (?<name>\w+)$")]
    private static partial Regex Subquery();
}
