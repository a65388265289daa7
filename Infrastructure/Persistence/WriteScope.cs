using SliceApi.Infrastructure.Events;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>What one unit of writing works with; valid while it runs.</summary>
public sealed class WriteScope
{
    readonly Writer _writer;
    readonly WriteItem _item;

    internal WriteScope(Writer writer, WriteItem item)
    {
        _writer = writer;
        _item = item;
    }

    /// <summary>The database, tracking changes, inside the writer's transaction.</summary>
    public AppDb Db => _writer.Db;

    /// <summary>A statement that is prepared once a connection, for what runs thousands of times a second.</summary>
    /// <param name="sql">One statement; a constant, or the writer would keep one for each text.</param>
    public Statement Prepare(string sql) => _writer.Prepare(sql);

    /// <summary>The texts of all statements that are kept prepared.</summary>
    public IReadOnlyCollection<string> Prepared => _writer.Prepared;

    /// <summary>
    /// Tells handlers that something has happened, if and only if this unit is committed. The event is on disk with it.
    /// </summary>
    public void Publish(DomainEvent happened) => _writer.Publish(happened, _item.RequestId);

    /// <summary>Acts once this unit is on disk, before its caller goes on: dropping what the cache holds.</summary>
    public void AfterCommit(Func<ValueTask> action) => _item.AfterCommit.Add(action);

    /// <summary>Takes back all that this unit has done so far; it may go on with something else.</summary>
    public void Undo()
    {
        _writer.Undo();
        _item.AfterCommit.Clear();
    }
}
