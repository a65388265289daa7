using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;

namespace Tests.Infrastructure.Persistence;

public sealed class StatementTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _database.InitializeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    delegate T Reader<out T>(SqlRows row);

    Task<(T Value, string Type)> ReadAsync<T>(SqlValue value, Reader<T> read)
        => _database.Writer.RunAsync(
            (scope, _) =>
            {
                using var row = scope.Prepare("SELECT $value, typeof($value)").Query(value);
                Assert.True(row.Read());
                return Task.FromResult((read(row), row.Text(1)));
            },
            Ct);

    [Fact]
    public async Task Takes_values_in_the_order_of_its_parameters_and_uses_each_as_often_as_it_is_named()
        => Assert.Equal("2 1 2 x ", await _database.Writer.RunAsync(
            (scope, _) =>
            {
                using var row = scope
                    .Prepare("SELECT $b || ' ' || $a || ' ' || $b || ' ' || $c || ' ' || coalesce($d, '')")
                    .Query(2, 1L, "x", default(SqlValue));
                Assert.True(row.Read());
                return Task.FromResult(row.Text(0));
            },
            Ct));

    public static TheoryData<string> Texts => ["", "x", "Zoë 日本 😀", new string('é', 5000)];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Gives_text_back_as_it_was(string text)
        => Assert.Equal((text, "text"), await ReadAsync(text, row => row.Text(0)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public async Task Gives_bytes_back_as_they_were(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        Assert.Equal(
            (Convert.ToHexString(bytes), "blob"), await ReadAsync(bytes, row => Convert.ToHexString(row.Bytes(0))));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public async Task Gives_numbers_back_as_they_were(long number)
        => Assert.Equal((number, "integer"), await ReadAsync(number, row => row.Number(0)));

    [Fact]
    public async Task Gives_null_back_as_null()
    {
        Assert.Equal((true, "null"), await ReadAsync((string?)null, row => row.IsNull(0)));
        Assert.Equal((true, "null"), await ReadAsync((byte[]?)null, row => row.IsNull(0)));
        Assert.Equal((false, "text"), await ReadAsync("", row => row.IsNull(0)));
    }

    [Fact]
    public async Task Stores_ids_as_the_database_context_does()
    {
        var id = Guid.CreateVersion7();
        Assert.Equal((id, "blob"), await ReadAsync(id, row => row.Id(0)));
        Assert.Equal((id.ToString("N"), "blob"), await ReadAsync(id, row => Convert.ToHexStringLower(row.Bytes(0))));
    }

    [Fact]
    public async Task Counts_the_rows_that_it_changed()
        => Assert.Equal((2, 0), await _database.Writer.RunAsync(
            (scope, _) =>
            {
                var add = scope.Prepare("""
                    INSERT INTO AuditEntries (EventId, Action, Entity, At)
                    VALUES ($a, 'a', x'00', 0), ($b, 'b', x'00', 0)
                    """).Execute(1, 2);
                return Task.FromResult((add, scope.Prepare("DELETE FROM AuditEntries WHERE EventId = $id").Execute(3)));
            },
            Ct));

    [Fact]
    public async Task Says_what_refused_it()
    {
        var refused = await Assert.ThrowsAsync<SqliteException>(() => _database.Writer.RunAsync(
            (scope, _) =>
            {
                scope.Prepare("INSERT INTO AuditEntries (EventId, Action, Entity, At) VALUES ($id, NULL, x'00', 0)")
                    .Execute(1);
                return Task.CompletedTask;
            },
            Ct));
        Assert.Contains("AuditEntries.Action", refused.Message, StringComparison.Ordinal);
    }

    // It would be on disk although its unit is told that it failed.
    [Fact]
    public async Task Does_not_run_when_the_transaction_has_ended()
    {
        await Assert.ThrowsAsync<OverloadedException>(() => _database.Writer.RunAsync(
            (scope, _) =>
            {
                scope.Prepare("ROLLBACK").Execute();
                Assert.Throws<InvalidOperationException>(() => scope.Prepare("DELETE FROM Users").Execute());
                return Task.CompletedTask;
            },
            Ct));
    }

    [Fact]
    public Task Wants_a_value_for_every_parameter()
        => _database.Writer.RunAsync(
            (scope, _) =>
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => scope.Prepare("SELECT $a").Execute());
                return Task.CompletedTask;
            },
            Ct);

    [Fact]
    public async Task Serves_the_next_when_one_left_its_reader_open()
    {
        for (var i = 0; i < 3; i++)
        {
            await _database.Writer.RunAsync(
                (scope, _) =>
                {
                    var row = scope.Prepare("SELECT 1 UNION SELECT 2").Query();
                    return Task.FromResult(row.Read());
                },
                Ct);
        }
    }

    [Fact]
    public async Task Sees_and_is_undone_with_what_the_rest_of_its_unit_writes()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _database.Writer.RunAsync(
            (scope, _) =>
            {
                scope.Prepare("INSERT INTO ProductWords (Word, ProductId) SELECT 'w', Id FROM Products").Execute();
                scope.Prepare("INSERT INTO AuditEntries (EventId, Action, Entity, At) VALUES ($id, 'a', x'00', 0)")
                    .Execute(7);
                Assert.Equal(1, scope.Db.AuditEntries.Count());
                throw new InvalidOperationException();
            },
            Ct));
        await using var db = _database.CreateDbContext();
        Assert.Equal(0, await db.AuditEntries.CountAsync(Ct));
    }
}
