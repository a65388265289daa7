namespace SliceApi.Infrastructure.Events;

/// <summary>Tells the dispatcher that something was published, so that it need not look all the time.</summary>
public sealed class OutboxBell : IDisposable
{
    readonly SemaphoreSlim _rung = new(0, 1);

    /// <summary>Something was published and committed.</summary>
    public void Ring()
    {
        // Rung already and not answered yet: whoever answers will see this event, too.
        if (_rung.CurrentCount > 0)
            return;
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread rang at the same moment.
        }
    }

    /// <summary>Waits until the bell is rung, at most <paramref name="time"/>.</summary>
    public Task WaitAsync(TimeSpan time, CancellationToken ct) => _rung.WaitAsync(time, ct);

    /// <inheritdoc/>
    public void Dispose() => _rung.Dispose();
}
