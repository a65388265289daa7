using FastEndpoints;
using SliceApi.Infrastructure.Events;

namespace SliceApi.Features.Audit.OnUserCreated;

/// <summary>Writes down that an account was made.</summary>
sealed class Handler(IServiceScopeFactory scopes) : IEventHandler<UserCreated>
{
    public async Task HandleAsync(UserCreated eventModel, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Data>().AddAsync(eventModel, ct);
    }
}
