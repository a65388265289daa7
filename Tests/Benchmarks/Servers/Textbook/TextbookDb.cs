using Microsoft.EntityFrameworkCore;

namespace Benchmarks;

/// <summary>The same tables as the API's, as far as a transfer needs them, mapped as EF Core does by itself.</summary>
sealed class TextbookDb(DbContextOptions<TextbookDb> options) : DbContext(options)
{
    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<Transfer> Transfers => Set<Transfer>();

    public DbSet<LedgerEntry> Entries => Set<LedgerEntry>();

    public DbSet<Key> Keys => Set<Key>();

    public DbSet<Message> Outbox => Set<Message>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Account>().HasIndex(a => a.UserId);
        modelBuilder.Entity<LedgerEntry>().HasKey(e => new { e.AccountId, e.Number });
        modelBuilder.Entity<LedgerEntry>().HasOne<Account>().WithMany().HasForeignKey(e => e.AccountId);
        modelBuilder.Entity<LedgerEntry>().HasOne<Transfer>().WithMany().HasForeignKey(e => e.TransferId);
        modelBuilder.Entity<Transfer>().HasOne<Account>().WithMany().HasForeignKey(t => t.FromAccountId);
        modelBuilder.Entity<Transfer>().HasOne<Account>().WithMany().HasForeignKey(t => t.ToAccountId);
        modelBuilder.Entity<Key>().HasKey(k => new { k.UserId, k.Value });
        modelBuilder.Entity<Key>().HasIndex(k => k.ExpiresAt);
    }

    public sealed class Account
    {
        public Guid Id { get; init; } = Guid.CreateVersion7();

        public Guid? UserId { get; init; }

        public required string Currency { get; init; }

        public long BalanceMinor { get; set; }

        public long EntryCount { get; set; }
    }

    public sealed class Transfer
    {
        public Guid Id { get; init; } = Guid.CreateVersion7();

        public Guid FromAccountId { get; init; }

        public Guid ToAccountId { get; init; }

        public long AmountMinor { get; init; }

        public required string Currency { get; init; }

        public string? Reference { get; init; }

        public DateTime CreatedAt { get; init; } = DateTime.UtcNow;
    }

    public sealed class LedgerEntry
    {
        public Guid AccountId { get; init; }

        public long Number { get; init; }

        public Guid Id { get; init; } = Guid.CreateVersion7();

        public Guid TransferId { get; init; }

        public long AmountMinor { get; init; }

        public long BalanceAfterMinor { get; init; }
    }

    public sealed class Key
    {
        public Guid UserId { get; init; }

        public required string Value { get; init; }

        public required byte[] Fingerprint { get; init; }

        public int Status { get; init; }

        public required string Location { get; init; }

        public required byte[] Body { get; init; }

        public DateTime ExpiresAt { get; init; } = DateTime.UtcNow.AddDays(7);
    }

    public sealed class Message
    {
        public long Id { get; init; }

        public required string Name { get; init; }

        public required string Payload { get; init; }

        public DateTime CreatedAt { get; init; } = DateTime.UtcNow;
    }
}
