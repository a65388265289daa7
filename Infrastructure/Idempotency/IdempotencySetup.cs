namespace SliceApi.Infrastructure.Idempotency;

/// <summary>Registers what lets clients repeat a request safely.</summary>
public static class IdempotencySetup
{
    /// <summary>The writer of effects that happen once, and the sweeper of old keys.</summary>
    public static IServiceCollection AddIdempotency(this IServiceCollection services)
    {
        services.AddSingleton<OnceWriter>();
        services.AddSingleton<IdempotencySweeper>();
        services.AddHostedService(provider => provider.GetRequiredService<IdempotencySweeper>());
        return services;
    }
}
