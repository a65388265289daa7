using System.Text.Json;
using FastEndpoints.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

[assembly: AssemblyFixture(typeof(Tests.App))]

namespace Tests;

/// <summary>
/// The API, started once for the whole run on a database file of its own. Tests share it, so each makes data that
/// nobody else has. It is real but for the cost of a password hash.
/// </summary>
public sealed class App : AppFixture<Program>
{
    readonly string _folder = TestFolder.New();
    readonly Lazy<Task<string>> _admin;
    readonly Lazy<Task<ApiDocument>> _document;
    readonly SqlLog _sql = new();
    readonly Faults _faults = new();

    public App()
    {
        _admin = new(async () => (await AdministratorAsync()).Token);
        _document = new(() => ApiDocument.ReadAsync(Client, _faults));
    }

    /// <summary>The key that signs this run's access tokens.</summary>
    public const string SigningKey = "a-signing-key-of-the-tests-0123456789";

    protected override void ConfigureApp(IWebHostBuilder a)
    {
        a.UseSetting("DataFolder", _folder);
        a.UseSetting("Jwt:SigningKey", SigningKey);
        a.UseSetting("Passwords:MemoryKiB", "64");
        a.UseSetting("Passwords:Iterations", "1");
        a.UseSetting("RateLimits:Enabled", "false");
        a.UseSetting("Logging:LogLevel:Default", "Error");
    }

    protected override void ConfigureServices(IServiceCollection s)
    {
        s.ConfigureDbContext<AppDb>(options => options.AddInterceptors(_sql));
        s.AddSingleton<ILoggerProvider>(_faults);
        if (RunLog.IsWanted)
        {
            s.AddSingleton<ILoggerProvider, RunLog>()
                .AddLogging(logging => logging.AddFilter<RunLog>(null, LogLevel.Debug));
        }
    }

    protected override ValueTask TearDownAsync()
    {
        TestFolder.Delete(_folder);
        return ValueTask.CompletedTask;
    }

    /// <summary>The API's document. Every answer that a test gets here is one that it lists.</summary>
    internal Task<ApiDocument> DocumentAsync() => _document.Value;

    /// <summary>Sends a request exactly as given and returns whatever comes back.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var response = await Requests.SendAsync(Client, method, path, content, headers);
        _faults.Check(response);
        await (await DocumentAsync()).CheckAsync(method, path, response);
        return response;
    }

    /// <summary>POSTs text as JSON.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json)
        => SendAsync(HttpMethod.Post, path, Requests.Json(json));

    /// <summary>Comes again while it is told to: other tests log in by the dozen and fill the password gate.</summary>
    public static async Task<HttpResponseMessage> PatientlyAsync(Func<Task<HttpResponseMessage>> send)
    {
        HttpResponseMessage? response = null;
        await Wait.UntilAsync(
            async () => (response = await send()).StatusCode != HttpStatusCode.ServiceUnavailable,
            "the API has time for it");
        return response!;
    }

    /// <summary>Registers somebody nobody else knows.</summary>
    public async Task<Person> PersonAsync(string? email = null, string? password = null)
    {
        var person = new Person(email ?? $"{Guid.NewGuid():N}@example.com", password ?? $"pw-{Guid.NewGuid():N}");
        var response = await PatientlyAsync(() => PostAsync(
            "/api/v1/auth/register",
            JsonSerializer.Serialize(new { email = person.Email, password = person.Password, name = "Somebody" })));
        var data = await response.DataAsync(HttpStatusCode.Created);
        return person with { Id = data.GetProperty("id").GetGuid() };
    }

    /// <summary>Logs in and returns the pair of tokens.</summary>
    public async Task<(string Access, string Refresh)> LogInAsync(Person person)
    {
        var response = await PatientlyAsync(() => PostAsync(
            "/api/v1/auth/login", JsonSerializer.Serialize(new { email = person.Email, password = person.Password })));
        var data = await response.DataAsync(HttpStatusCode.OK);
        return (data.GetProperty("accessToken").GetString()!, data.GetProperty("refreshToken").GetString()!);
    }

    /// <summary>Somebody new, logged in.</summary>
    public async Task<(Person Person, string Token)> SignedInAsync()
    {
        var person = await PersonAsync();
        return (person, (await LogInAsync(person)).Access);
    }

    /// <summary>An administrator, logged in. Never the last: the last one's rule needs a database of its own.</summary>
    public async Task<(Person Person, string Token)> AdministratorAsync()
    {
        var person = await PersonAsync();
        await WriteAsync(db => db.Users
            .Where(u => u.Id == person.Id)
            .ExecuteUpdateAsync(u => u.SetProperty(x => x.Roles, Roles.User | Roles.Admin)));
        return (person, (await LogInAsync(person)).Access);
    }

    /// <summary>Opens an account and puts money into it.</summary>
    public async Task<Guid> AccountAsync(string token, long balanceMinor = 0, string currency = "EUR")
    {
        var json = JsonSerializer.Serialize(new { name = "An account", currency });
        var account = await SendJsonAsync(HttpMethod.Post, "/api/v1/accounts", token, json)
            .DataAsync(HttpStatusCode.Created);
        var id = account.GetProperty("id").GetGuid();
        if (balanceMinor > 0)
            await DepositAsync(id, balanceMinor).DataAsync(HttpStatusCode.Created);
        return id;
    }

    /// <summary>Puts money into an account as an administrator.</summary>
    public async Task<HttpResponseMessage> DepositAsync(Guid account, long amountMinor)
        => await SendKeyedAsync(
            $"/api/v1/accounts/{account}/deposits", await _admin.Value, JsonSerializer.Serialize(new { amountMinor }));

    /// <summary>Moves money.</summary>
    public Task<HttpResponseMessage> TransferAsync(
        string token, Guid from, Guid to, long amountMinor, string? key = null)
        => SendKeyedAsync(
            "/api/v1/transfers",
            token,
            JsonSerializer.Serialize(new { fromAccountId = from, toAccountId = to, amountMinor }),
            key);

    /// <summary>POSTs JSON under an <c>Idempotency-Key</c>: a new one when none is given.</summary>
    public Task<HttpResponseMessage> SendKeyedAsync(string path, string token, string json, string? key = null)
        => SendAsync(
            HttpMethod.Post,
            path,
            Requests.Json(json),
            ("Authorization", $"Bearer {token}"),
            ("Idempotency-Key", key ?? Guid.NewGuid().ToString()));

    /// <summary>What an account holds.</summary>
    public async Task<long> BalanceAsync(Guid account)
        => (await GetAsync($"/api/v1/accounts/{account}", await _admin.Value).DataAsync(HttpStatusCode.OK))
            .GetProperty("balanceMinor").GetInt64();

    /// <summary>The books are right, says the API.</summary>
    public async Task AssertBalancedAsync()
    {
        var audit = await GetAsync("/api/v1/ledger/verify", await _admin.Value).DataAsync(HttpStatusCode.OK);
        Assert.True(audit.GetProperty("balanced").GetBoolean(), audit.ToString());
    }

    /// <summary>Puts up a product for sale.</summary>
    public async Task<Guid> ProductAsync(
        int stock = 10, long priceMinor = 250, string currency = "EUR", string? name = null, string? sku = null)
    {
        (sku, name) = (sku ?? $"{Guid.NewGuid():N}", name ?? "Something");
        var response = await SendJsonAsync(
            HttpMethod.Post,
            "/api/v1/products",
            await _admin.Value,
            JsonSerializer.Serialize(new { sku, name, priceMinor, currency, stock }));
        return (await response.DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
    }

    /// <summary>How many there are of a product.</summary>
    public async Task<int> StockAsync(Guid product)
        => (await SendAsync(HttpMethod.Get, $"/api/v1/products/{product}").DataAsync(HttpStatusCode.OK))
            .GetProperty("stock").GetInt32();

    /// <summary>Tries to order products, some of each.</summary>
    public Task<HttpResponseMessage> PlaceAsync(string token, params (Guid ProductId, int Quantity)[] lines)
        => SendJsonAsync(HttpMethod.Post, "/api/v1/orders", token, OrderJson(lines));

    /// <summary>Orders products, some of each.</summary>
    public async Task<Guid> OrderAsync(string token, params (Guid ProductId, int Quantity)[] lines)
        => (await PlaceAsync(token, lines).DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();

    /// <summary>Users, the first without orders, the next with one, and so on to twelve; each of three lines.</summary>
    public async Task<ILookup<Guid, Guid>> UsersWithOrdersAsync(string emailPrefix, int count, Guid product)
    {
        var now = DateTimeOffset.UtcNow;
        var users = Enumerable.Range(0, count)
            .Select(i => new User($"{emailPrefix}-{i}@example.com", "Ada", "hash", Roles.User, now)).ToList();
        var orders = new List<Order>();
        await WriteAsync(async db =>
        {
            var sold = await db.Products.SingleAsync(p => p.Id == product);
            var owners = users.SelectMany((user, i) => Enumerable.Repeat(user.Id, i % 13));
            orders.AddRange(owners.Select(owner => new Order(
                owner, "EUR", [.. Enumerable.Range(0, 3).Select(i => new OrderLine(i, sold, i + 1))], now)));
            db.AddRange(users);
            db.AddRange(orders);
            await db.SaveChangesAsync();
        });
        return orders.ToLookup(order => order.UserId, order => order.Id);
    }

    /// <summary>Pays an order from an account.</summary>
    public Task<HttpResponseMessage> PayAsync(string token, Guid order, Guid account)
        => SendJsonAsync(HttpMethod.Post, $"/api/v1/orders/{order}/pay", token, $$"""{"accountId":"{{account}}"}""");

    /// <summary>What orders products, some of each.</summary>
    public static string OrderJson(params (Guid ProductId, int Quantity)[] lines)
        => JsonSerializer.Serialize(
            new { lines = lines.Select(line => new { productId = line.ProductId, quantity = line.Quantity }) });

    /// <summary>Sends JSON with a token and, if given, <c>If-Match</c>.</summary>
    public Task<HttpResponseMessage> SendJsonAsync(
        HttpMethod method, string path, string token, string? json, string? ifMatch = null)
    {
        var content = json is null ? null : Requests.Json(json);
        return ifMatch is null
            ? SendAsync(method, path, content, ("Authorization", $"Bearer {token}"))
            : SendAsync(method, path, content, ("Authorization", $"Bearer {token}"), ("If-Match", ifMatch));
    }

    /// <summary>GETs with a token.</summary>
    public Task<HttpResponseMessage> GetAsync(string path, string token)
        => SendAsync(HttpMethod.Get, path, null, ("Authorization", $"Bearer {token}"));

    /// <summary>GETs with a token, and tells which statements that took.</summary>
    public async Task<(HttpResponseMessage Response, IReadOnlyCollection<string> Statements)> GetWatchedAsync(
        string path, string token)
    {
        var id = $"watched-{Guid.NewGuid():N}";
        var statements = _sql.Watch(id);
        var response = await SendAsync(
            HttpMethod.Get, path, null, ("Authorization", $"Bearer {token}"), ("X-Request-Id", id));
        return (response, statements);
    }

    /// <summary>Looks into the database, beside the API.</summary>
    public async Task<T> InDatabaseAsync<T>(Func<AppDb, Task<T>> look)
    {
        var databases = Services.GetRequiredService<IDbContextFactory<AppDb>>();
        await using var db = await databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await look(db);
    }

    /// <summary>Publishes an event under an id that it may have had before, and waits until it is delivered.</summary>
    public async Task DeliverAgainAsync(long id, DomainEvent happened)
    {
        var (name, payload) = (EventTypes.NameOf(happened), EventTypes.Serialize(happened));
        await WriteAsync(db => db.Database.ExecuteSqlAsync($"""
            INSERT INTO Outbox (Id, Entity, Name, Payload, RequestId, CreatedAt, Attempts, NextTryAt)
            VALUES ({id}, {happened.Entity.ToByteArray(bigEndian: true)}, {name}, {payload}, 'the-request', 0, 0, 0)
            """));
        Services.GetRequiredService<OutboxBell>().Ring();
        var ct = TestContext.Current.CancellationToken;
        await Wait.UntilAsync(
            async () => !await InDatabaseAsync(db => db.Outbox.AnyAsync(m => m.Id == id, ct)),
            "the event is delivered");
    }

    /// <summary>From now on events are noted when they are published: once delivered they are gone.</summary>
    public Task NoteEventsAsync()
        => WriteAsync(db => db.Database.ExecuteSqlRawAsync("""
            CREATE TEMP TABLE IF NOT EXISTS Published (Entity BLOB, Name TEXT);
            CREATE TEMP TRIGGER IF NOT EXISTS NotePublished AFTER INSERT ON main.Outbox
                BEGIN INSERT INTO Published VALUES (NEW.Entity, NEW.Name); END;
            """));

    /// <summary>The events that were noted of one thing, in order.</summary>
    public async Task<IReadOnlyList<string>> EventsOfAsync(Guid entity)
    {
        var (id, names) = (entity.ToByteArray(bigEndian: true), new List<string>());
        await WriteAsync(async db => names.AddRange(await db.Database
            .SqlQuery<string>($"SELECT Name AS Value FROM Published WHERE Entity = {id}")
            .ToListAsync()));
        return names;
    }

    /// <summary>Writes to the database, beside the slices.</summary>
    public Task WriteAsync(Func<AppDb, Task> write)
        => Services.GetRequiredService<Writer>()
            .RunAsync((scope, _) => write(scope.Db), TestContext.Current.CancellationToken);
}

/// <summary>Somebody who has registered.</summary>
public sealed record Person(string Email, string Password, Guid Id = default);
