using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>What happened, to what, when and by which request; kept for whoever has to find out later.</summary>
public sealed class AuditEntry
{
    AuditEntry() { }

    /// <summary>A new entry, not yet stored.</summary>
    public AuditEntry(long eventId, string action, Guid entity, string? requestId, DateTimeOffset at)
    {
        EventId = eventId;
        Action = action;
        Entity = entity;
        RequestId = requestId;
        At = at;
    }

    /// <summary>The event that it was written for: one entry for each event, however often it is delivered.</summary>
    public long EventId { get; private set; }

    /// <summary>What happened: the event's name.</summary>
    public string Action { get; private set; } = "";

    /// <summary>What it happened to.</summary>
    public Guid Entity { get; private set; }

    /// <summary>The request that caused it.</summary>
    public string? RequestId { get; private set; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; private set; }
}

sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.HasKey(e => e.EventId);
        entry.Property(e => e.EventId).ValueGeneratedNever();
        entry.HasIndex(e => e.Entity);
    }
}
