using FastEndpoints;

namespace SliceApi.Infrastructure.Events;

/// <summary>Registers the way of events from a transaction to their handlers.</summary>
public static class EventsSetup
{
    /// <summary>The outbox's bell and its dispatcher.</summary>
    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        services.AddSingleton<OutboxBell>();
        services.AddSingleton<DeliverEvent>(_ => (happened, ct) => happened.PublishAsync(Mode.WaitForAll, ct));
        services.AddHostedService<EventDispatcher>();
        return services;
    }
}
