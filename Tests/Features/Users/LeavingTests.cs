using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Tests.Features.Users;

/// <summary>What is left of a user who has money or orders in the books, and what is not.</summary>
public sealed class LeavingTests(App app)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leaves_the_books_as_they_were_and_is_gone_for_everybody()
    {
        var ((_, admin), (person, token), (_, other)) =
            (await app.AdministratorAsync(), await app.SignedInAsync(), await app.SignedInAsync());
        var (account, theirs) = (await app.AccountAsync(token, 100), await app.AccountAsync(other));
        var transfer = await app.TransferAsync(token, account, theirs, 40).DataAsync(HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(admin, person.Id)).StatusCode);

        await app.GetAsync("/api/v1/users/me", token).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.GetAsync($"/api/v1/users/{person.Id}", admin).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        var found = await app.GetAsync($"/api/v1/users?email={person.Email}", admin).DataAsync(HttpStatusCode.OK);
        Assert.Empty(found.EnumerateArray());
        await DeleteAsync(admin, person.Id).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await app.SendJsonAsync(HttpMethod.Patch, $"/api/v1/users/{person.Id}", admin, """{"name":"Back"}""", "*")
            .ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        var login = JsonSerializer.Serialize(new { email = person.Email, password = person.Password });
        await app.PostAsync("/api/v1/auth/login", login)
            .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");

        await app.AssertBalancedAsync();
        Assert.Equal((60, 40), (await app.BalanceAsync(account), await app.BalanceAsync(theirs)));
        await app.GetAsync($"/api/v1/transfers/{transfer.GetProperty("id").GetGuid()}", other)
            .DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task May_come_back_as_somebody_new()
    {
        var ((_, admin), (person, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        var account = await app.AccountAsync(token, 100);
        await DeleteAsync(admin, person.Id);
        var again = await app.PersonAsync(person.Email, person.Password);
        Assert.NotEqual(person.Id, again.Id);
        var (newToken, _) = await app.LogInAsync(again);
        await app.GetAsync($"/api/v1/accounts/{account}", newToken).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Empty((await app.GetAsync("/api/v1/accounts", newToken).DataAsync(HttpStatusCode.OK)).EnumerateArray());
    }

    [Fact]
    public async Task Gives_back_what_was_ordered_and_not_paid()
    {
        var ((_, admin), (person, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        var product = await app.ProductAsync(stock: 5);
        await app.OrderAsync(token, (product, 2));
        Assert.Equal(3, await StockAsync(product));
        await DeleteAsync(admin, person.Id);
        Assert.Equal(5, await StockAsync(product));
    }

    [Fact]
    public async Task Gets_nothing_new_when_the_request_was_on_its_way()
    {
        var (_, admin) = await app.AdministratorAsync();
        for (var hasAccount = 0; hasAccount < 2; hasAccount++)
        {
            var (person, token) = await app.SignedInAsync();
            var product = await app.ProductAsync(stock: 5);
            if (hasAccount > 0)
                await app.AccountAsync(token);
            // Holds the writer until the deletion and what comes after it have queued behind it, past the session gate.
            var free = new TaskCompletionSource();
            var busy = app.WriteAsync(_ => free.Task);
            var deletion = DeleteAsync(admin, person.Id);
            var late = new[]
            {
                app.SendKeyedAsync("/api/v1/accounts", token, """{"name":"Late","currency":"EUR"}"""),
                app.SendKeyedAsync("/api/v1/orders", token, App.OrderJson((product, 1))),
            };
            free.SetResult();
            await busy;
            await deletion;
            foreach (var response in await Task.WhenAll(late))
            {
                // Either its turn came first, or there is nobody any more.
                if (response.StatusCode != HttpStatusCode.Created)
                    await response.ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
            }

            var open = await app.InDatabaseAsync(
                db => db.Accounts.AnyAsync(a => a.UserId == person.Id && a.ClosedAt == null, Ct));
            Assert.False(open);
        }
    }

    [Fact]
    public async Task Leaves_no_row_without_accounts_and_orders()
    {
        var ((_, admin), person) = (await app.AdministratorAsync(), await app.PersonAsync());
        await DeleteAsync(admin, person.Id);
        Assert.False(await app.InDatabaseAsync(
            db => db.Users.IgnoreQueryFilters().AnyAsync(u => u.Id == person.Id, Ct)));
    }

    [Fact]
    public async Task Leaves_neither_name_nor_address_in_the_file()
    {
        var folder = TestFolder.New();
        var (email, name) = ("zacharias.leaving@example.com", "Zacharias Leaving");
        await using (var server = await ServerProcess.StartAsync(
            folder, "Admin:Email=root@example.com", "Admin:Password=a fine password"))
        {
            var root = await LogInAsync(server.Client, "root@example.com");
            var registration = new { email, password = "a fine password", name };
            var made = await SendAsync(server.Client, HttpMethod.Post, "auth/register", null, registration)
                .DataAsync(HttpStatusCode.Created);
            var token = await LogInAsync(server.Client, email);
            var account = new { name = $"{name}'s", currency = "EUR" };
            await SendAsync(server.Client, HttpMethod.Post, "accounts", token, account)
                .DataAsync(HttpStatusCode.Created);
            await CheckpointAsync(folder);
            Assert.True(Finds(folder, email) && Finds(folder, name), "What is looked for can be found");
            var id = made.GetProperty("id").GetGuid();
            var gone = await SendAsync(server.Client, HttpMethod.Delete, $"users/{id}", root, null);
            Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
            await server.KillAsync();
        }

        await CheckpointAsync(folder);
        Assert.False(Finds(folder, email) || Finds(folder, name) || Finds(folder, email.ToUpperInvariant()));
        TestFolder.Delete(folder);
    }

    static bool Finds(string folder, string text)
        => File.ReadAllBytes(Path.Combine(folder, "sliceapi.db")).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    static Task CheckpointAsync(string folder)
        => DatabaseTool.ExecuteAsync(Path.Combine(folder, "sliceapi.db"), "PRAGMA wal_checkpoint(TRUNCATE)");

    static async Task<string> LogInAsync(HttpClient client, string email)
        => (await SendAsync(client, HttpMethod.Post, "auth/login", null, new { email, password = "a fine password" })
            .DataAsync(HttpStatusCode.OK)).GetProperty("accessToken").GetString()!;

    static Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, string? token, object? body)
        => Requests.SendAsync(
            client,
            method,
            $"/api/v1/{path}",
            body is null ? null : Requests.Json(JsonSerializer.Serialize(body)),
            ("Authorization", $"Bearer {token}"), ("If-Match", "*"));

    async Task<int> StockAsync(Guid product)
        => (await app.SendAsync(HttpMethod.Get, $"/api/v1/products/{product}").DataAsync(HttpStatusCode.OK))
            .GetProperty("stock").GetInt32();

    Task<HttpResponseMessage> DeleteAsync(string admin, Guid id)
        => app.SendJsonAsync(HttpMethod.Delete, $"/api/v1/users/{id}", admin, null, "*");
}
