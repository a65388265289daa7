using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work. Outside the API and without its
/// envelope: these are read by supervisors and load balancers.
/// </summary>
public static class Health
{
    /// <summary>Registers the checks.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<DatabaseCheck>("database")
            .AddCheck<WriterCheck>("writer");
        return services;
    }

    /// <summary>Maps the two routes.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false, ResponseWriter = WriteAsync });
        app.MapHealthChecks("/health/ready", new() { ResponseWriter = WriteAsync });
    }

    // {"status":"ready","checks":{"database":"ready","writer":"ready"}}; why one failed stands in the log only.
    static Task WriteAsync(HttpContext context, HealthReport report)
        => context.Response.WriteAsJsonAsync(
            new
            {
                status = Word(report.Status),
                checks = report.Entries.Count == 0
                    ? null
                    : report.Entries.ToDictionary(e => e.Key, e => Word(e.Value.Status)),
            },
            new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web)
            {
                DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
            },
            context.RequestAborted);

    static string Word(HealthStatus status) => status == HealthStatus.Healthy ? "ok" : "failed";

    sealed class DatabaseCheck(IDbContextFactory<AppDb> databases) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            // Every table of the newest migration is there, for it was applied before the server listened.
            await db.Database.OpenConnectionAsync(cancellationToken);
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = "SELECT 1 FROM Users LIMIT 1";
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }

    sealed class WriterCheck(Writer writer) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            // Nobody may be sending writes any more because this check failed: it finds out by itself how it stands.
            if (!writer.IsHealthy)
                await writer.ProbeAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
