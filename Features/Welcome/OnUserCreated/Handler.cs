using FastEndpoints;
using SliceApi.Infrastructure.Events;

namespace SliceApi.Features.Welcome.OnUserCreated;

/// <summary>Welcomes whoever has a new account: in the log, until the program sends mail.</summary>
sealed class Handler(ILogger<Handler> logger) : IEventHandler<UserCreated>
{
    public Task HandleAsync(UserCreated eventModel, CancellationToken ct)
    {
        logger.LogInformation("Welcome, user {UserId}", eventModel.UserId);
        return Task.CompletedTask;
    }
}
