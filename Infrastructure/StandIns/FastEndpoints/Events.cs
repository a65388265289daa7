using System.Collections.Frozen;
using System.Reflection;

namespace FastEndpoints;

/// <summary>Something that has happened.</summary>
public interface IEvent;

#pragma warning disable CA1711 // The library's name: it handles events, though not those of delegates.
/// <summary>Is woken by events; found by scanning, one instance for all events.</summary>
/// <typeparam name="TEvent">What it is woken by.</typeparam>
public interface IEventHandler<in TEvent>
    where TEvent : IEvent
{
    /// <summary>Reacts to the event.</summary>
    Task HandleAsync(TEvent eventModel, CancellationToken ct);
}
#pragma warning restore CA1711

/// <summary>What publishing waits for.</summary>
public enum Mode
{
    /// <summary>Nothing. Not supported here: it loses what handlers throw.</summary>
    WaitForNone,

    /// <summary>One handler. Not supported here: it loses what the others throw.</summary>
    WaitForAny,

    /// <summary>All handlers.</summary>
    WaitForAll,
}

/// <summary>Publishing from outside of endpoints.</summary>
public static class EventExtensions
{
    /// <summary>
    /// Hands the event to the handlers of its run-time type, at the same time, and waits for all of them. The host is the
    /// one that the caller was started by, else the last one started.
    /// </summary>
    /// <exception cref="NotSupportedException"><paramref name="waitMode"/> is not <see cref="Mode.WaitForAll"/>.</exception>
    public static Task PublishAsync<TEvent>(
        this TEvent eventModel, Mode waitMode = Mode.WaitForAll, CancellationToken cancellation = default)
        where TEvent : IEvent
        => EndpointHost.Current.Events.PublishAsync(eventModel, waitMode, cancellation);
}

/// <summary>The event handlers of one host.</summary>
sealed class EventBus
{
    readonly FrozenDictionary<Type, Func<IEvent, CancellationToken, Task>[]> _handlers;

    internal EventBus(IEnumerable<Type> handlerTypes, Func<Type, object> create)
    {
        var byEvent = new Dictionary<Type, List<Func<IEvent, CancellationToken, Task>>>();
        foreach (var type in handlerTypes)
        {
            var handler = create(type);
            foreach (var contract in type.GetInterfaces().Where(IsHandler))
            {
                var eventType = contract.GetGenericArguments()[0];
                var adapt = typeof(EventBus).GetMethod(nameof(Adapt), BindingFlags.Static | BindingFlags.NonPublic)!
                    .MakeGenericMethod(eventType);
                if (!byEvent.TryGetValue(eventType, out var list)) byEvent[eventType] = list = [];
                list.Add((Func<IEvent, CancellationToken, Task>)adapt.Invoke(null, [handler])!);
            }
        }

        _handlers = byEvent.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray());
    }

    internal static bool IsHandler(Type contract)
        => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEventHandler<>);

    static Func<IEvent, CancellationToken, Task> Adapt<TEvent>(IEventHandler<TEvent> handler)
        where TEvent : IEvent
        // An async lambda: what a handler throws before its first await is in its task, too.
        => async (eventModel, ct) => await handler.HandleAsync((TEvent)eventModel, ct);

    internal Task PublishAsync(IEvent eventModel, Mode mode, CancellationToken ct)
    {
        if (mode != Mode.WaitForAll) throw new NotSupportedException($"{mode} loses exceptions; use {Mode.WaitForAll}.");
        if (!_handlers.TryGetValue(eventModel.GetType(), out var handlers)) return Task.CompletedTask;
        return handlers.Length == 1
            ? handlers[0](eventModel, ct)
            : Task.WhenAll(handlers.Select(handle => handle(eventModel, ct)));
    }
}
