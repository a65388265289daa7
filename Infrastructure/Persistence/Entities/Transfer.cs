using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>Money that went from one account to another. Never changed and never deleted: triggers refuse it.</summary>
public sealed class Transfer
{
    /// <summary>The longest reference, in characters.</summary>
    public const int MaxReferenceLength = 140;

    Transfer() { }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>The account that the money left.</summary>
    public Guid FromAccountId { get; private set; }

    /// <summary>The number of its entry there.</summary>
    public long FromEntryNumber { get; private set; }

    /// <summary>The account that the money reached.</summary>
    public Guid ToAccountId { get; private set; }

    /// <summary>The number of its entry there.</summary>
    public long ToEntryNumber { get; private set; }

    /// <summary>How much, in minor units; at least 1.</summary>
    public long AmountMinor { get; private set; }

    /// <summary>ISO 4217; that of both accounts.</summary>
    public string Currency { get; private set; } = "";

    /// <summary>What it was for, as the sender wrote it.</summary>
    public string? Reference { get; private set; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset CreatedAt { get; private set; }
}

/// <summary>
/// One of the two sides of a transfer (double entry): the two sum to zero. Never changed and never deleted: triggers
/// refuse it.
/// </summary>
public sealed class LedgerEntry
{
    LedgerEntry() { }

    /// <summary>The account.</summary>
    public Guid AccountId { get; private set; }

    /// <summary>Counts the account's entries from 1 without a gap: the order in which they happened.</summary>
    public long Number { get; private set; }

    /// <summary>UUIDv7: names the entry to clients.</summary>
    public Guid Id { get; private set; }

    /// <summary>The transfer.</summary>
    public Guid TransferId { get; private set; }

    /// <summary>In minor units: what the account got, negative when it gave.</summary>
    public long AmountMinor { get; private set; }

    /// <summary>What the account held afterwards, in minor units.</summary>
    public long BalanceAfterMinor { get; private set; }
}

sealed class TransferConfiguration : IEntityTypeConfiguration<Transfer>
{
    public void Configure(EntityTypeBuilder<Transfer> transfer)
    {
        transfer.Property(t => t.Id).ValueGeneratedNever();
        transfer.Property(t => t.Currency).HasMaxLength(3);
        transfer.Property(t => t.Reference).HasMaxLength(Transfer.MaxReferenceLength);
        transfer.HasOne<Account>().WithMany().HasForeignKey(t => t.FromAccountId).OnDelete(DeleteBehavior.Restrict);
        transfer.HasOne<Account>().WithMany().HasForeignKey(t => t.ToAccountId).OnDelete(DeleteBehavior.Restrict);
        transfer.ToTable(t =>
        {
            t.HasCheckConstraint("CK_Transfers_Amount", Money.Check("AmountMinor", 1));
            t.HasCheckConstraint("CK_Transfers_Accounts", "\"FromAccountId\" <> \"ToAccountId\"");
        });
    }
}

sealed class LedgerEntryConfiguration : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> entry)
    {
        // A statement is read along this key, from the newest entry on.
        entry.HasKey(e => new { e.AccountId, e.Number });
        entry.HasOne<Account>().WithMany().HasForeignKey(e => e.AccountId).OnDelete(DeleteBehavior.Restrict);
        entry.HasOne<Transfer>().WithMany().HasForeignKey(e => e.TransferId).OnDelete(DeleteBehavior.Restrict);
        entry.ToTable("LedgerEntries", t =>
        {
            t.HasCheckConstraint(
                "CK_LedgerEntries_Amount", Money.Check("AmountMinor", -Money.Max) + " AND \"AmountMinor\" <> 0");
            t.HasCheckConstraint("CK_LedgerEntries_Balance", Money.Check("BalanceAfterMinor", -Money.Max));
        });
    }
}
