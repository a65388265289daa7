using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace SliceApi.Infrastructure.Events;

/// <summary>Events to and from their stored form.</summary>
static class EventTypes
{
    static readonly FrozenDictionary<string, Type> ByName = typeof(DomainEvent).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(DomainEvent)))
        .ToFrozenDictionary(type => type.GetCustomAttribute<EventNameAttribute>()?.Name
            ?? throw new InvalidOperationException($"The event {type.Name} has no [EventName]."));

    static readonly FrozenDictionary<Type, string> Names =
        ByName.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    public static string NameOf(DomainEvent happened) => Names[happened.GetType()];

    public static string Serialize(DomainEvent happened) => JsonSerializer.Serialize(happened, happened.GetType());

    /// <exception cref="JsonException">A newer program wrote it, or something else is wrong with it.</exception>
    public static DomainEvent Deserialize(string name, string payload)
        => ByName.TryGetValue(name, out var type)
            ? (DomainEvent)(JsonSerializer.Deserialize(payload, type) ?? throw new JsonException($"{name} is empty."))
            : throw new JsonException($"There is no event {name}.");
}
