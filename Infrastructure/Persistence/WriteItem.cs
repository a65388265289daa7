using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>A unit of writing on its way through the <see cref="Writer"/>, and those who wait for it.</summary>
abstract class WriteItem(CancellationToken caller)
{
    public List<Func<ValueTask>> AfterCommit { get; } = [];

    // The writer's thread runs for many requests.
    public string? RequestId { get; } = RequestContext.RequestId;

    public Exception? Error { get; protected set; }

    protected CancellationToken Caller => caller;

    public abstract bool IsAbandoned { get; }

    public abstract void Run(WriteScope scope);

    public abstract void Complete();

    public abstract void Fail(Exception cause);
}

/// <summary>A unit that gives its caller something back.</summary>
sealed class WriteItem<T>(Func<WriteScope, CancellationToken, Task<T>> work, CancellationToken caller)
    : WriteItem(caller)
{
    readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    T _result = default!;

    public Task<T> Completion => _done.Task;

    public override bool IsAbandoned => Caller.IsCancellationRequested && _done.TrySetCanceled(Caller);

    public override void Run(WriteScope scope)
    {
        try
        {
            _result = work(scope, Caller).GetAwaiter().GetResult();
        }
        // Whatever it is belongs to the caller, who gets it when the batch has ended.
        catch (Exception e)
        {
            Error = e;
        }
    }

    public override void Complete()
    {
        if (Error is null)
            _done.SetResult(_result);
        else
            _done.SetException(Error);
    }

    public override void Fail(Exception cause) => _done.TrySetException(cause);
}
