using Microsoft.Data.Sqlite;

namespace Benchmarks;

/// <summary>Loads a server with transfers, and asks the API whether its books still add up.</summary>
static class Ledger
{
    /// <summary>Transfers between random accounts, each with an <c>Idempotency-Key</c> of its own.</summary>
    /// <param name="run">The run.</param>
    /// <param name="server">The API, or another server with the same route.</param>
    /// <param name="people">A file with a line for each person: an access token and the ids of their accounts.</param>
    /// <param name="connections">Requests at once.</param>
    /// <param name="seconds">For how long.</param>
    public static Task<Load> LoadAsync(Run run, Server server, string people, int connections, int seconds)
        => run.Wrk.RunAsync(
            new Uri(server.Url, $"{Api.Root}/transfers"),
            connections,
            seconds,
            "transfers",
            arguments: [people, Guid.NewGuid().ToString("N")]);

    /// <summary>How many events were ever published, and how many of them have not been delivered yet.</summary>
    /// <param name="folder">The data folder of an API.</param>
    public static (long Published, long Waiting) Events(string folder)
    {
        var file = Path.Combine(folder, "sliceapi.db");
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var count = connection.CreateCommand();
        // Delivered ones are gone, but their numbers are not used again.
        count.CommandText = "SELECT seq, (SELECT count(*) FROM Outbox) FROM sqlite_sequence WHERE name = 'Outbox'";
        using var row = count.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), row.GetInt64(1)) : (0, 0);
    }

    /// <summary>Whether every transfer and every balance adds up, and how many transfers there are.</summary>
    public static async Task<(bool Balanced, long Transfers)> VerifyAsync(Api api)
    {
        var token = (await api.LogInAsync(Api.Administrator)).Access;
        var books = await api.GetAsync("/ledger/verify", token);
        return (books.GetProperty("balanced").GetBoolean(), books.GetProperty("transfers").GetInt64());
    }
}
