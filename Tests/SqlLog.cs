using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SliceApi.Infrastructure.Http;

namespace Tests;

/// <summary>The statements that requests read with, of those requests whose id somebody watches.</summary>
sealed class SqlLog : DbCommandInterceptor
{
    readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _watched = new();

    /// <summary>Begins to note what the request with this id runs.</summary>
    public IReadOnlyCollection<string> Watch(string requestId) => _watched.GetOrAdd(requestId, _ => new());

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Note(command);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        Note(command);
        return ValueTask.FromResult(result);
    }

    void Note(DbCommand command)
    {
        if (RequestContext.RequestId is { } id && _watched.TryGetValue(id, out var statements))
            statements.Enqueue(command.CommandText);
    }
}
