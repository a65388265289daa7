using FastEndpoints;
using SliceApi.Infrastructure.Events;

namespace SliceApi.Features.Audit.OnSessionReuseDetected;

/// <summary>Writes down that somebody used a stolen or lost refresh token.</summary>
sealed class Handler(IServiceScopeFactory scopes) : IEventHandler<SessionReuseDetected>
{
    public async Task HandleAsync(SessionReuseDetected eventModel, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Data>().AddAsync(eventModel, ct);
    }
}
