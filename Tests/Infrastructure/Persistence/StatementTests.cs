using Microsoft.EntityFrameworkCore;

namespace Tests.Infrastructure.Persistence;

public sealed class StatementTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _database.InitializeAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Takes_values_in_the_order_of_its_parameters_and_uses_each_as_often_as_it_is_named()
        => Assert.Equal("2 1 2 x ", await _database.Writer.RunAsync(
            (scope, _) =>
            {
                using var row = scope.Prepare("SELECT $b || ' ' || $a || ' ' || $b || ' ' || $c || ' ' || coalesce($d, '')")
                    .Query(2, 1L, "x", null);
                Assert.True(row.Read());
                return Task.FromResult(row.GetString(0));
            },
            Ct));

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
                scope.Prepare("INSERT INTO AuditEntries (EventId, Action, Entity, At) VALUES ($id, 'a', x'00', 0)").Execute(7);
                Assert.Equal(1, scope.Db.AuditEntries.Count());
                throw new InvalidOperationException();
            },
            Ct));
        await using var db = _database.CreateDbContext();
        Assert.Equal(0, await db.AuditEntries.CountAsync(Ct));
    }
}
