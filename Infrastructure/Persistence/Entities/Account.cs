using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>Whose money an account holds.</summary>
public enum AccountKind
{
    /// <summary>A user's.</summary>
    User = 1,

    /// <summary>Nobody's: money comes into the books from it and is missing there. Only it may be negative.</summary>
    External = 2,

    /// <summary>The shop's: what orders are paid into.</summary>
    Shop = 3,
}

/// <summary>An amount of money in one currency, and how many entries made it what it is.</summary>
public sealed class Account
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 100;

    Account() { }

    /// <summary>A new account without money, not yet stored.</summary>
    /// <param name="kind">Whose it is.</param>
    /// <param name="userId">The owner; null unless <paramref name="kind"/> is <see cref="AccountKind.User"/>.</param>
    /// <param name="name">How its owner calls it.</param>
    /// <param name="currency">One of <see cref="Currencies"/>.</param>
    /// <param name="now">When it is opened.</param>
    public Account(AccountKind kind, Guid? userId, string name, string currency, DateTimeOffset now)
    {
        Id = Guid.CreateVersion7(now);
        Kind = kind;
        UserId = userId;
        Name = name;
        Currency = currency;
        CreatedAt = now;
    }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>Whose it is.</summary>
    public AccountKind Kind { get; private set; }

    /// <summary>The user who owns it; null for the books' own accounts.</summary>
    public Guid? UserId { get; private set; }

    /// <summary>How its owner calls it.</summary>
    public string Name { get; private set; } = "";

    /// <summary>ISO 4217.</summary>
    public string Currency { get; private set; } = "";

    /// <summary>In minor units (cents); the sum of the account's entries.</summary>
    public long BalanceMinor { get; private set; }

    /// <summary>How many entries it has: the number of the newest.</summary>
    public long EntryCount { get; private set; }

    /// <summary>When it was opened.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it was closed, its owner having left; null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }
}

sealed class AccountConfiguration : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> account)
    {
        account.Property(a => a.Id).ValueGeneratedNever();
        account.Property(a => a.Name).HasMaxLength(Account.MaxNameLength);
        account.Property(a => a.Currency).HasMaxLength(3);
        account.HasOne<User>().WithMany().HasForeignKey(a => a.UserId).OnDelete(DeleteBehavior.Restrict);
        account.HasIndex(a => new { a.UserId, a.Id });
        // One of each kind for each currency.
        account.HasIndex(a => new { a.Kind, a.Currency }).IsUnique().HasFilter("\"UserId\" IS NULL");
        account.ToTable(t =>
        {
            // SQLite would turn a sum that is too large into a fraction.
            t.HasCheckConstraint("CK_Accounts_Balance", Money.Check("BalanceMinor", -Money.Max));
            t.HasCheckConstraint(
                "CK_Accounts_Funds", $"\"BalanceMinor\" >= 0 OR \"Kind\" = {(int)AccountKind.External}");
            t.HasCheckConstraint("CK_Accounts_Owner", $"(\"UserId\" IS NULL) = (\"Kind\" <> {(int)AccountKind.User})");
        });
    }
}

/// <summary>The account has less than is to be taken from it.</summary>
public sealed class InsufficientFunds() : ConflictException(
    ErrorCodes.InsufficientFunds, "The account does not hold that much.");

/// <summary>Money does not change its currency on the way.</summary>
public sealed class CurrencyMismatch(string message) : ConflictException(ErrorCodes.CurrencyMismatch, message);

/// <summary>The owner has left; the account takes and gives nothing any more.</summary>
public sealed class AccountClosed() : ConflictException(ErrorCodes.InvalidState, "The account is closed.");

/// <summary>More than the books can hold exactly.</summary>
public sealed class BalanceTooLarge() : ConflictException(
    ErrorCodes.Conflict, "The account would hold more than can be counted.");
