using System.Reflection;

namespace FastEndpoints;

/// <summary>Something that has happened.</summary>
public interface IEvent;

#pragma warning disable CA1711, CS1591 // Handlers of events that are no delegates; modes that say themselves.
/// <summary>What publishing waits for. Only all handlers will do: the other two lose what handlers throw.</summary>
public enum Mode { WaitForNone, WaitForAny, WaitForAll }

/// <summary>Is woken by events of one type; found by scanning, one instance for all events.</summary>
public interface IEventHandler<in TEvent> where TEvent : IEvent
{
    /// <summary>Reacts to the event.</summary>
    Task HandleAsync(TEvent eventModel, CancellationToken ct);
}
#pragma warning restore CA1711, CS1591

/// <summary>Publishing from outside of endpoints.</summary>
public static class EventExtensions
{
    /// <summary>Hands the event to the handlers of its run-time type, all at once, and waits for all of them.</summary>
    public static Task PublishAsync<TEvent>(
        this TEvent eventModel, Mode waitMode = Mode.WaitForAll, CancellationToken cancellation = default)
        where TEvent : IEvent
        => EndpointHost.Current.Events.PublishAsync(eventModel, waitMode, cancellation);
}

/// <summary>The event handlers of one host.</summary>
sealed class EventBus(IEnumerable<Type> types, Func<Type, object> singleton)
{
    readonly ILookup<Type, Func<IEvent, CancellationToken, Task>> _handlers = types
        .SelectMany(type => type.GetInterfaces().Where(IsHandler), (type, contract) => (type, contract))
        .ToLookup(x => x.contract.GenericTypeArguments[0], x => Adapt(x.contract, singleton(x.type)));

    static bool IsHandler(Type contract)
        => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEventHandler<>);

    static Func<IEvent, CancellationToken, Task> Adapt(Type contract, object handler)
        => (Func<IEvent, CancellationToken, Task>)typeof(EventBus)
            .GetMethod(nameof(Typed), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(contract.GenericTypeArguments).Invoke(null, [handler])!;

    // An async lambda: what a handler throws before its first await is in its task, too.
    static Func<IEvent, CancellationToken, Task> Typed<TEvent>(IEventHandler<TEvent> handler) where TEvent : IEvent
        => async (eventModel, ct) => await handler.HandleAsync((TEvent)eventModel, ct);

    internal Task PublishAsync(IEvent eventModel, Mode mode, CancellationToken ct)
        => mode == Mode.WaitForAll
            ? Task.WhenAll(_handlers[eventModel.GetType()].Select(handle => handle(eventModel, ct)))
            : throw new NotSupportedException($"{mode} loses what handlers throw.");
}
