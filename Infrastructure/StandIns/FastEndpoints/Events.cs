using System.Collections.Frozen;
using System.Reflection;

namespace FastEndpoints;

/// <summary>Something that has happened.</summary>
public interface IEvent;

#pragma warning disable CA1711 // The library's name: it handles events, though not those of delegates.
/// <summary>Is woken by events of one type; found by scanning, one instance for all events.</summary>
public interface IEventHandler<in TEvent> where TEvent : IEvent
{
    /// <summary>Reacts to the event.</summary>
    Task HandleAsync(TEvent eventModel, CancellationToken ct);
}
#pragma warning restore CA1711

/// <summary>What publishing waits for. Only all handlers will do: the other two lose what handlers throw.</summary>
#pragma warning disable CS1591 // each says itself
public enum Mode { WaitForNone, WaitForAny, WaitForAll }
#pragma warning restore CS1591

/// <summary>Publishing from outside of endpoints.</summary>
public static class EventExtensions
{
    /// <summary>
    /// Hands the event to the handlers of its run-time type, at the same time, and waits for all of them. The host is
    /// the one that the caller was started by, else the last one started.
    /// </summary>
    /// <exception cref="NotSupportedException">The mode is not <see cref="Mode.WaitForAll"/>.</exception>
    public static Task PublishAsync<TEvent>(
        this TEvent eventModel, Mode waitMode = Mode.WaitForAll, CancellationToken cancellation = default)
        where TEvent : IEvent
        => EndpointHost.Current.Events.PublishAsync(eventModel, waitMode, cancellation);
}

/// <summary>The event handlers of one host.</summary>
sealed class EventBus(IEnumerable<Type> handlerTypes, Func<Type, object> singleton)
{
    readonly FrozenDictionary<Type, Func<IEvent, CancellationToken, Task>[]> _handlers = handlerTypes
        .SelectMany(type => type.GetInterfaces().Where(IsHandler), (type, contract) => (type, contract))
        .GroupBy(pair => pair.contract.GenericTypeArguments[0], pair => singleton(pair.type))
        .ToFrozenDictionary(group => group.Key, group => group.Select(handler => Adapt(group.Key, handler)).ToArray());

    internal static bool IsHandler(Type contract)
        => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEventHandler<>);

    static Func<IEvent, CancellationToken, Task> Adapt(Type eventType, object handler)
        => (Func<IEvent, CancellationToken, Task>)typeof(EventBus)
            .GetMethod(nameof(Typed), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(eventType).Invoke(null, [handler])!;

    // An async lambda: what a handler throws before its first await is in its task, too.
    static Func<IEvent, CancellationToken, Task> Typed<TEvent>(IEventHandler<TEvent> handler) where TEvent : IEvent
        => async (eventModel, ct) => await handler.HandleAsync((TEvent)eventModel, ct);

    internal Task PublishAsync(IEvent eventModel, Mode mode, CancellationToken ct)
    {
        if (mode != Mode.WaitForAll) throw new NotSupportedException($"{mode} loses what handlers throw.");
        return _handlers.TryGetValue(eventModel.GetType(), out var handlers)
            ? Task.WhenAll(handlers.Select(handle => handle(eventModel, ct)))
            : Task.CompletedTask;
    }
}
