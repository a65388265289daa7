using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>
/// One login of one user. Access and refresh tokens carry its id. The row holds nothing secret: a refresh token is the
/// id, the counter and a signature over both.
/// </summary>
public sealed class Session
{
    /// <summary>How many living sessions a user may have; the one unused for longest makes room for another.</summary>
    public const int MaxPerUser = 100;

    /// <summary>How many ended sessions of a user are kept, the latest: for whoever looks into what happened.</summary>
    public const int MaxEndedPerUser = 100;

    /// <summary>
    /// How often the previous refresh token is honoured inside the grace time: enough for a client that sends dozens of
    /// requests at once with a token that has just expired.
    /// </summary>
    public const int MaxGraceUses = 64;

    /// <summary>The longest description of a device, in characters.</summary>
    public const int MaxDeviceLength = 100;

    Session() { }

    /// <summary>A new session, not yet stored.</summary>
    public Session(Guid userId, string? device, DateTimeOffset now)
    {
        Id = Guid.CreateVersion7(now);
        UserId = userId;
        Device = device;
        CreatedAt = now;
        LastUsedAt = now;
    }

    /// <summary>UUIDv7; the <c>sid</c> of the session's tokens.</summary>
    public Guid Id { get; private set; }

    /// <summary>Who logged in.</summary>
    public Guid UserId { get; private set; }

    /// <summary>What the client said it is, to tell sessions apart in a list.</summary>
    public string? Device { get; private set; }

    /// <summary>How many times the refresh token was exchanged; only the token with this counter is current.</summary>
    public long Counter { get; private set; }

    /// <summary>When the refresh token was last exchanged; null until it is.</summary>
    public DateTimeOffset? RotatedAt { get; private set; }

    /// <summary>How often the previous refresh token was honoured since.</summary>
    public int GraceUses { get; private set; }

    /// <summary>When the user logged in.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When the session was last used to log in or refresh.</summary>
    public DateTimeOffset LastUsedAt { get; private set; }

    /// <summary>When the session ended; null while it lives.</summary>
    public DateTimeOffset? EndedAt { get; private set; }
}

sealed class SessionConfiguration : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> session)
    {
        session.Property(s => s.Id).ValueGeneratedNever();
        session.Property(s => s.Device).HasMaxLength(Session.MaxDeviceLength);
        session.HasOne<User>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
        session.HasIndex(s => s.UserId);
    }
}
