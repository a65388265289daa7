using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Benchmarks;

/// <summary>
/// A transfer as textbooks write it: a minimal API, a DbContext and a transaction for each request, EF Core throughout.
/// SQLite is as durable as the API's (WAL, synchronous=FULL) and waits for a lock as the provider does by itself, or
/// with a busy timeout. It does less than the API: it logs nothing, checks a bare HMAC instead of a JWT and a session,
/// validates little, and nobody delivers its outbox.
/// </summary>
static class TextbookServer
{
    const string Route = Api.Root + "/transfers";

    /// <summary>A server with accounts that have money.</summary>
    /// <param name="folder">Where its database goes, and a file for <c>Scripts/transfers.lua</c>.</param>
    /// <param name="busyTimeout">How long SQLite itself waits for a lock, in ms; 0 leaves it to the provider.</param>
    public static WebApplication Build(string folder, int busyTimeout)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(Servers.ListenOnLoopback);
        builder.Services.AddDbContextPool<TextbookDb>(options => options
            .UseSqlite($"Data Source={TextbookBooks.DatabaseIn(folder)}")
            .AddInterceptors(new Pragmas(busyTimeout)));
        var app = builder.Build();
        using (var scope = app.Services.CreateScope())
            TextbookBooks.Open(scope.ServiceProvider.GetRequiredService<TextbookDb>(), folder);
        app.MapPost(Route, TransferAsync);
        return app;
    }

    static async Task<IResult> TransferAsync(Request request, HttpContext context, TextbookDb db, CancellationToken ct)
    {
        if (TextbookTokens.Read(context.Request.Headers.Authorization) is not { } user)
            return Results.Unauthorized();
        if (context.Request.Headers["Idempotency-Key"] is not [{ Length: >= 8 and <= 255 } key])
            return Results.BadRequest();
        if (request.AmountMinor < 1 || request.FromAccountId == request.ToAccountId || request.Reference?.Length > 140)
            return Results.BadRequest();
        var fingerprint = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request));

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var before = await db.Keys.AsNoTracking().FirstOrDefaultAsync(k => k.UserId == user && k.Value == key, ct);
        if (before is not null)
        {
            return before.Fingerprint.AsSpan().SequenceEqual(fingerprint)
                ? new Created(before.Location, before.Body)
                : Results.UnprocessableEntity();
        }

        var from = await db.Accounts.FirstOrDefaultAsync(a => a.Id == request.FromAccountId && a.UserId == user, ct);
        var to = await db.Accounts.FirstOrDefaultAsync(a => a.Id == request.ToAccountId, ct);
        if (from is null || to is null)
            return Results.NotFound();
        if (from.Currency != to.Currency || from.BalanceMinor < request.AmountMinor)
            return Results.Conflict();

        var transfer = TextbookBooks.Post(db, from, to, request.AmountMinor, request.Reference);
        var happened = JsonSerializer.Serialize(new { TransferId = transfer.Id });
        db.Outbox.Add(new() { Name = "transfer.made", Payload = happened });
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                data = new
                {
                    transfer.Id,
                    transfer.FromAccountId,
                    transfer.ToAccountId,
                    transfer.AmountMinor,
                    transfer.Currency,
                    transfer.Reference,
                    transfer.CreatedAt,
                },
                meta = new { requestId = context.TraceIdentifier, timestamp = DateTime.UtcNow },
            },
            JsonSerializerOptions.Web);
        var location = $"{Route}/{transfer.Id}";
        db.Keys.Add(new()
        {
            UserId = user,
            Value = key,
            Fingerprint = fingerprint,
            Status = StatusCodes.Status201Created,
            Location = location,
            Body = body,
        });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return new Created(location, body);
    }

    sealed record Request(Guid FromAccountId, Guid ToAccountId, long AmountMinor, string? Reference = null);

    // The bytes that were stored, and no second serialization.
    sealed class Created(string location, byte[] body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status201Created;
            httpContext.Response.Headers.Location = location;
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            httpContext.Response.ContentLength = body.Length;
            return httpContext.Response.Body.WriteAsync(body, 0, body.Length);
        }
    }

    sealed class Pragmas(int busyTimeout) : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
            => Set((SqliteConnection)connection);

        public override Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Set((SqliteConnection)connection);
            return Task.CompletedTask;
        }

        void Set(SqliteConnection connection)
        {
            using var command = connection.CreateCommand();
            command.CommandText = FormattableString.Invariant(
                $"PRAGMA synchronous = FULL; PRAGMA busy_timeout = {busyTimeout};");
            command.ExecuteNonQuery();
        }
    }
}
