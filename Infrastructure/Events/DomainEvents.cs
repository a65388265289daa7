using System.Text.Json.Serialization;
using FastEndpoints;

namespace SliceApi.Infrastructure.Events;

/// <summary>
/// Something that has happened. It is published in the transaction that made it happen, and handed to its handlers
/// after the commit: at least once, in order for each entity. A handler may therefore see the same event again.
/// </summary>
public abstract record DomainEvent : IEvent
{
    /// <summary>What it happened to; events of one entity arrive in order.</summary>
    [JsonIgnore]
    public abstract Guid Entity { get; }

    /// <summary>Where and when it happened; set when the event is delivered.</summary>
    [JsonIgnore]
    public EventOrigin Origin { get; internal set; } = EventOrigin.Unknown;
}

/// <summary>Where and when an event happened.</summary>
/// <param name="Id">Names the event among all; the same at each delivery, so that a handler knows a repetition.</param>
/// <param name="RequestId">The request that caused it; null when none did.</param>
/// <param name="At">When it was published.</param>
public sealed record EventOrigin(long Id, string? RequestId, DateTimeOffset At)
{
    /// <summary>Of an event that was not delivered yet.</summary>
    public static readonly EventOrigin Unknown = new(0, null, default);
}

/// <summary>The name that an event is stored under: it outlives renamed classes.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EventNameAttribute(string name) : Attribute
{
    /// <summary><c>thing.happened</c>.</summary>
    public string Name => name;
}

/// <summary>Somebody registered, or an administrator made an account.</summary>
[EventName("user.created")]
public sealed record UserCreated(Guid UserId) : DomainEvent
{
    /// <inheritdoc/>
    public override Guid Entity => UserId;
}

/// <summary>A refresh token came that was exchanged before: stolen, or lost and found. The session has ended.</summary>
[EventName("session.reuse_detected")]
public sealed record SessionReuseDetected(Guid SessionId, Guid UserId) : DomainEvent
{
    /// <inheritdoc/>
    public override Guid Entity => SessionId;
}

/// <summary>Somebody placed an order.</summary>
[EventName("order.placed")]
public sealed record OrderPlaced(Guid OrderId, Guid UserId) : DomainEvent
{
    /// <inheritdoc/>
    public override Guid Entity => OrderId;
}

/// <summary>An order was paid.</summary>
[EventName("order.paid")]
public sealed record OrderPaid(Guid OrderId, Guid TransferId) : DomainEvent
{
    /// <inheritdoc/>
    public override Guid Entity => OrderId;
}

/// <summary>Money went from one account to another.</summary>
[EventName("transfer.made")]
public sealed record TransferMade(Guid TransferId) : DomainEvent
{
    /// <inheritdoc/>
    public override Guid Entity => TransferId;
}
