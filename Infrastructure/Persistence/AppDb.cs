using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>
/// The database. Contexts handed out by the container are for reading: they track nothing and their connections
/// refuse to write. Writing goes through <see cref="Writer"/>.
/// </summary>
public sealed class AppDb(DbContextOptions<AppDb> options) : DbContext(options)
{
    /// <summary>Who can log in.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>Logins, living and ended.</summary>
    public DbSet<Session> Sessions => Set<Session>();

    /// <summary>Events on their way.</summary>
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    /// <summary>What happened.</summary>
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
        => modelBuilder.ApplyConfigurationsFromAssembly(typeof(AppDb).Assembly);

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
        configurationBuilder.Properties<Guid>().HaveConversion<BigEndianBlob>();
    }
}

// SQLite has no type for instants. Ticks since year 1 in UTC sort as numbers and lose nothing.
sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(
    instant => instant.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

// 16 bytes instead of 36 characters in every row and index. Big-endian, so that UUIDv7 sorts by time byte for byte.
sealed class BigEndianBlob() : ValueConverter<Guid, byte[]>(
    id => id.ToByteArray(true), bytes => new Guid(bytes, true));
