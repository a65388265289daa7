using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
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

    /// <summary>What can be ordered.</summary>
    public DbSet<Product> Products => Set<Product>();

    /// <summary>What products are found by.</summary>
    public DbSet<ProductWord> ProductWords => Set<ProductWord>();

    /// <summary>What was ordered.</summary>
    public DbSet<Order> Orders => Set<Order>();

    /// <summary>Where money is.</summary>
    public DbSet<Account> Accounts => Set<Account>();

    /// <summary>Where money went.</summary>
    public DbSet<Transfer> Transfers => Set<Transfer>();

    /// <summary>Both sides of every transfer.</summary>
    public DbSet<LedgerEntry> LedgerEntries => Set<LedgerEntry>();

    /// <summary>What was answered to requests that may be sent again.</summary>
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
        => modelBuilder.ApplyConfigurationsFromAssembly(typeof(AppDb).Assembly);

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
        configurationBuilder.Properties<Guid>().HaveConversion<BigEndianBlob>();
        // An index for every foreign key would cost a transfer three more; each entity names those that it is read by.
        configurationBuilder.Conventions.Remove<ForeignKeyIndexConvention>();
    }
}

// SQLite has no type for instants. Ticks since year 1 in UTC sort as numbers and lose nothing.
sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(
    instant => instant.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

// 16 bytes instead of 36 characters in every row and index. Big-endian, so that UUIDv7 sorts by time byte for byte.
sealed class BigEndianBlob() : ValueConverter<Guid, byte[]>(
    id => id.ToByteArray(true), bytes => new Guid(bytes, true));
