using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>An event that was published and is not delivered yet. Delivered ones are gone.</summary>
public sealed class OutboxMessage
{
    /// <summary>The longest description of a failure that is kept, in characters.</summary>
    public const int MaxErrorLength = 1000;

    /// <summary>Rises in the order of publication and is never used again.</summary>
    public long Id { get; private set; }

    /// <summary>What the event happened to.</summary>
    public Guid Entity { get; private set; }

    /// <summary>The event's name: <c>user.created</c>.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The event as JSON.</summary>
    public string Payload { get; private set; } = "";

    /// <summary>The request that published it.</summary>
    public string? RequestId { get; private set; }

    /// <summary>When it was published.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>How many deliveries have failed.</summary>
    public int Attempts { get; private set; }

    /// <summary>When the next one is due.</summary>
    public DateTimeOffset NextTryAt { get; private set; }

    /// <summary>When it was given up; null while it is still tried.</summary>
    public DateTimeOffset? ParkedAt { get; private set; }

    /// <summary>Why the last delivery failed.</summary>
    public string? LastError { get; private set; }
}

sealed class OutboxMessageConfiguration : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> message)
    {
        message.ToTable("Outbox");
        message.Property(m => m.LastError).HasMaxLength(OutboxMessage.MaxErrorLength);
        // Finds whether an earlier event of the same entity is still on its way.
        message.HasIndex(m => new { m.Entity, m.Id }).HasFilter("\"ParkedAt\" IS NULL");
    }
}
