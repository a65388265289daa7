using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>What a user may do; a user has one or more.</summary>
[Flags]
public enum Roles
{
    /// <summary>No role; no stored user has it.</summary>
    None = 0,

    /// <summary>Everybody who registered.</summary>
    User = 1,

    /// <summary>May manage users and products, and sees everybody's orders and accounts.</summary>
    Admin = 2,
}

/// <summary>Somebody who can log in.</summary>
public sealed class User
{
    /// <summary>The longest e-mail address, in characters (RFC 5321, 4.5.3.1.3, less the angle brackets).</summary>
    public const int MaxEmailLength = 254;

    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 100;

    User() { }

    /// <summary>A new user, not yet stored.</summary>
    public User(string email, string name, string passwordHash, Roles roles, DateTimeOffset now)
    {
        Id = Guid.CreateVersion7(now);
        Email = EmailAddress.Normalize(email);
        EmailKey = EmailAddress.Key(email);
        Name = name;
        PasswordHash = passwordHash;
        Roles = roles;
        Version = 1;
        CreatedAt = now;
        UpdatedAt = now;
    }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>The address as its owner wrote it.</summary>
    public string Email { get; private set; } = "";

    /// <summary>The address as it is compared: two users never share one.</summary>
    public string EmailKey { get; private set; } = "";

    /// <summary>How the user wants to be called.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Argon2id, encoded with its parameters and salt.</summary>
    public string PasswordHash { get; private set; } = "";

    /// <summary>What the user may do.</summary>
    public Roles Roles { get; private set; }

    /// <summary>Rises by one with every change; the ETag.</summary>
    public long Version { get; private set; }

    /// <summary>When the user registered.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When the user last changed.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>
    /// When a user who has accounts or orders left; null while there. The row stays for them to point at, holds nothing
    /// that says who it was, and is left out of every query.
    /// </summary>
    public DateTimeOffset? ClosedAt { get; private set; }
}

sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> user)
    {
        user.Property(u => u.Id).ValueGeneratedNever();
        user.Property(u => u.Email).HasMaxLength(User.MaxEmailLength);
        user.Property(u => u.EmailKey).HasMaxLength(User.MaxEmailLength);
        user.Property(u => u.Name).HasMaxLength(User.MaxNameLength);
        // Decides who gets an address when two register it at once.
        user.HasIndex(u => u.EmailKey).IsUnique();
        user.HasIndex(u => u.Roles);
        user.HasQueryFilter(u => u.ClosedAt == null);
    }
}

/// <summary>Somebody else has the address: one account for each.</summary>
public sealed class EmailTaken() : ConflictException(
    ErrorCodes.EmailTaken, "This e-mail address has an account already.");

/// <summary>Nobody could make another administrator any more.</summary>
public sealed class LastAdministrator() : ConflictException(
    ErrorCodes.InvalidState, "This is the last administrator, who can be neither deleted nor demoted.");

/// <summary>Roles as they go over the wire.</summary>
public static class RoleNames
{
    /// <summary>The name of <see cref="Roles.User"/>.</summary>
    public const string User = "user";

    /// <summary>The name of <see cref="Roles.Admin"/>.</summary>
    public const string Admin = "admin";

    /// <summary>The role of that name; <see cref="Roles.None"/> for any other text.</summary>
    public static Roles Parse(string name)
        => name switch
        {
            User => Roles.User,
            Admin => Roles.Admin,
            _ => Roles.None,
        };

    /// <summary>The roles of those names together.</summary>
    public static Roles Parse(IEnumerable<string> names)
        => names.Aggregate(Roles.None, (all, name) => all | Parse(name));

    /// <summary>The name of each role in <paramref name="roles"/>.</summary>
    public static IReadOnlyList<string> Names(this Roles roles)
        => (roles.HasFlag(Roles.User), roles.HasFlag(Roles.Admin)) switch
        {
            (true, true) => [User, Admin],
            (true, false) => [User],
            (false, true) => [Admin],
            _ => [],
        };
}
