using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Tests;

/// <summary>
/// Accounts on a server, workers that move money between them at random, and a journal of what the clients were told.
/// </summary>
/// <param name="folder">The server's data folder.</param>
/// <param name="seed">Of what the workers do.</param>
/// <param name="mayFail">
/// Whether the server may answer 500: it is short of something that nobody can do without.
/// </param>
sealed class Bank(string folder, int seed, bool mayFail = false)
{
    public const string AdminEmail = "root@example.com";
    public const string AdminPassword = "a fine password";
    public const int Accounts = 100;
    public const long Funds = 10_000;

    /// <summary>Settings under which the server has the administrator who funds the accounts.</summary>
    public static readonly string[] Settings = [$"Admin:Email={AdminEmail}", $"Admin:Password={AdminPassword}"];

    readonly List<Guid> _accounts = [];
    string _admin = "";
    string _owner = "";

    /// <summary>Every transfer that was tried: its key, what was asked, and the answer if there was one.</summary>
    public ConcurrentDictionary<string, Try> Journal { get; } = new();

    /// <summary>Opens and funds the accounts.</summary>
    public async Task OpenAsync(HttpClient client, CancellationToken ct)
    {
        await LogInAsync(client, ct, register: true);
        for (var i = 0; i < Accounts; i++)
        {
            var (status, body) = await SendAsync(
                client, "accounts", _owner, """{"name":"A","currency":"EUR"}""", NewKey(), ct);
            Assert.Equal(HttpStatusCode.Created, status);
            var id = JsonDocument.Parse(body).RootElement.GetProperty("data").GetProperty("id").GetGuid();
            (status, _) = await SendAsync(
                client, $"accounts/{id}/deposits", _admin, $$"""{"amountMinor":{{Funds}}}""", NewKey(), ct);
            Assert.Equal(HttpStatusCode.Created, status);
            _accounts.Add(id);
        }
    }

    /// <summary>Logs the administrator and the accounts' owner in (again).</summary>
    public async Task LogInAsync(HttpClient client, CancellationToken ct, bool register = false)
    {
        if (register)
        {
            const string owner = """{"email":"owner@example.com","password":"a fine password","name":"O"}""";
            await SendAsync(client, "auth/register", null, owner, null, ct);
        }

        _admin = await TokenAsync(client, AdminEmail, ct);
        _owner = await TokenAsync(client, "owner@example.com", ct);
    }

    /// <summary>Moves money at random until it is told to stop or the server is gone.</summary>
    public async Task WorkAsync(HttpClient client, int worker, CancellationToken ct)
    {
        var random = new Random(unchecked((seed * 397) + worker));
        while (!ct.IsCancellationRequested)
        {
            var (from, to) = Pick(random);
            var move = new Try(from, to, random.Next(1, 3001), null, null);
            var key = NewKey();
            // One in ten is sent twice, as after an answer that got lost.
            var times = random.Next(10) == 0 ? 2 : 1;
            for (var i = 0; i < times; i++)
            {
                // Before it is sent: the answer may never come.
                Journal.TryAdd(key, move);
                try
                {
                    await SendAsync(client, key, move, ct);
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    /// <summary>
    /// Sends a transfer and notes its answer; one that was noted before must be the same, byte for byte.
    /// </summary>
    public async Task SendAsync(HttpClient client, string key, Try move, CancellationToken ct)
    {
        while (true)
        {
            var json =
                $$"""{"fromAccountId":"{{move.From}}","toAccountId":"{{move.To}}","amountMinor":{{move.Amount}}}""";
            var (status, body) = await SendAsync(client, "transfers", _owner, json, key, ct);
            // Honest under load: come again.
            if (status == HttpStatusCode.ServiceUnavailable || (mayFail && status == HttpStatusCode.InternalServerError)
                || (status == HttpStatusCode.Conflict && body.Contains("IN_USE", StringComparison.Ordinal)))
            {
                continue;
            }

            Assert.True(
                status == HttpStatusCode.Created
                    || (status == HttpStatusCode.Conflict
                        && body.Contains("INSUFFICIENT_FUNDS", StringComparison.Ordinal)),
                $"{(int)status} {body}");
            if (Journal[key].Body is { } before)
                Assert.Equal(before, body);
            Journal[key] = move with { Status = status, Body = body };
            return;
        }
    }

    /// <summary>The books as the API sees them.</summary>
    public async Task<JsonElement> AuditAsync(HttpClient client, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/ledger/verify");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_admin}");
        using var response = await client.SendAsync(request, ct);
        var body = await response.Content.ReadAsStringAsync(ct);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("data");
    }

    /// <summary>One page of a statement: amount and balance of each entry, newest first.</summary>
    public async Task<List<(long Amount, long Balance)>> StatementAsync(
        HttpClient client, Random random, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"/api/v1/accounts/{_accounts[random.Next(Accounts)]}/entries?limit=100");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_owner}");
        using var response = await client.SendAsync(request, ct);
        var body = await response.Content.ReadAsStringAsync(ct);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        return [.. JsonDocument.Parse(body).RootElement.GetProperty("data").EnumerateArray()
            .Select(e => (e.GetProperty("amountMinor").GetInt64(), e.GetProperty("balanceAfterMinor").GetInt64()))];
    }

    /// <summary>Balances as they would be if just what clients were told had happened.</summary>
    public Dictionary<Guid, long> Replayed()
    {
        var balances = _accounts.ToDictionary(id => id, _ => Funds);
        foreach (var move in Journal.Values.Where(t => t.Status == HttpStatusCode.Created))
        {
            balances[move.From] -= move.Amount;
            balances[move.To] += move.Amount;
        }

        return balances;
    }

    /// <summary>Balances as they are in the file.</summary>
    public Dictionary<Guid, long> Stored()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT Id, BalanceMinor FROM Accounts WHERE UserId IS NOT NULL";
        using var reader = command.ExecuteReader();
        var balances = new Dictionary<Guid, long>();
        while (reader.Read())
            balances.Add(new Guid((byte[])reader[0], bigEndian: true), reader.GetInt64(1));
        return balances;
    }

    /// <summary>One number from the file, which must be there.</summary>
    public long Count(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The first text that a statement gives.</summary>
    public string? Text(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }

    // A fifth of the moves are between the same two accounts.
    (Guid From, Guid To) Pick(Random random)
    {
        var from = random.Next(5) == 0 ? random.Next(2) : random.Next(Accounts);
        var to = from < 2 && random.Next(2) == 0 ? 1 - from : (from + 1 + random.Next(Accounts - 1)) % Accounts;
        return (_accounts[from], _accounts[to]);
    }

    SqliteConnection Open()
    {
        var file = Path.Combine(folder, "sliceapi.db");
        var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection;
    }

    static string NewKey() => Guid.NewGuid().ToString();

    static async Task<string> TokenAsync(HttpClient client, string email, CancellationToken ct)
    {
        var (status, body) = await SendAsync(
            client, "auth/login", null, JsonSerializer.Serialize(new { email, password = AdminPassword }), null, ct);
        Assert.True(status == HttpStatusCode.OK, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("data").GetProperty("accessToken").GetString()!;
    }

    static async Task<(HttpStatusCode Status, string Body)> SendAsync(
        HttpClient client, string path, string? token, string json, string? key, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/{path}")
        {
            Content = Requests.Json(json),
        };
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        using var response = await client.SendAsync(request, ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(ct));
    }

    /// <summary>A transfer that was tried.</summary>
    public sealed record Try(Guid From, Guid To, long Amount, HttpStatusCode? Status, string? Body);
}
