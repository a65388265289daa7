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
public sealed partial class App : AppFixture<Program>
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

    /// <summary>POSTs JSON under an <c>Idempotency-Key</c>: a new one when none is given.</summary>
    public Task<HttpResponseMessage> SendKeyedAsync(string path, string token, string json, string? key = null)
        => SendAsync(
            HttpMethod.Post,
            path,
            Requests.Json(json),
            ("Authorization", $"Bearer {token}"),
            ("Idempotency-Key", key ?? Guid.NewGuid().ToString()));

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
