using Microsoft.Data.Sqlite;

namespace Tests;

/// <summary>Changes a database beside the program, as a failing disk or somebody with a database tool would.</summary>
static class DatabaseTool
{
    public static async Task ExecuteAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new SqliteCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
