using Microsoft.EntityFrameworkCore;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Registers the database.</summary>
public static class PersistenceSetup
{
    /// <summary>Contexts for reading, the writer, and the migrations that run before the server listens.</summary>
    public static IServiceCollection AddPersistence(this IServiceCollection services)
    {
        services.AddSingleton<SqliteFile>();
        services.AddSingleton(new ModelAhead());
        services.AddSingleton<Migrator>();
        services.AddPooledDbContextFactory<AppDb>((provider, options)
            => provider.GetRequiredService<SqliteFile>().ConfigureReader(options));
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext());
        services.AddSingleton<LedgerAudit>();
        services.AddSingleton<Seed>();
        services.AddSingleton<Writer>();
        services.AddHostedService(provider => provider.GetRequiredService<Writer>());
        services.AddSingleton<ScheduledBackups>();
        services.AddHostedService(provider => provider.GetRequiredService<ScheduledBackups>());
        return services;
    }
}
