using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>A request that was sent under a key, and its answer; written in the transaction of its effect.</summary>
public sealed class IdempotencyKey
{
    /// <summary>The shortest key, in characters.</summary>
    public const int MinLength = 8;

    /// <summary>The longest key, in characters.</summary>
    public const int MaxLength = 255;

    IdempotencyKey() { }

    /// <summary>Who sent it: keys of different users have nothing to do with each other.</summary>
    public Guid UserId { get; private set; }

    /// <summary>The key as the client chose it.</summary>
    public string Key { get; private set; } = "";

    /// <summary>SHA-256 of what was asked: method, route, route values and body.</summary>
    public byte[] Fingerprint { get; private set; } = [];

    /// <summary>The answer's HTTP status.</summary>
    public int Status { get; private set; }

    /// <summary>The answer's <c>Location</c>.</summary>
    public string? Location { get; private set; }

    /// <summary>The answer's <c>X-Request-Id</c>: the request that had the effect.</summary>
    public string RequestId { get; private set; } = "";

    /// <summary>The answer's body, byte for byte.</summary>
    public byte[] Body { get; private set; } = [];

    /// <summary>From when on the key is forgotten.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }
}

sealed class IdempotencyKeyConfiguration : IEntityTypeConfiguration<IdempotencyKey>
{
    public void Configure(EntityTypeBuilder<IdempotencyKey> row)
    {
        row.ToTable("IdempotencyKeys");
        row.HasKey(r => new { r.UserId, r.Key });
        row.Property(r => r.Key).HasMaxLength(IdempotencyKey.MaxLength);
        row.HasIndex(r => r.ExpiresAt);
    }
}
