using System.Diagnostics.CodeAnalysis;

namespace ZiggyCreatures.Caching.Fusion;

/// <summary>A value that may be missing, where a missing one and a <see langword="null"/> one differ.</summary>
[SuppressMessage("Design", "CA1000", Justification = "As in the library.")]
public readonly record struct MaybeValue<TValue>
{
    readonly TValue? _value;

    MaybeValue(TValue value) => (_value, HasValue) = (value, true);

    /// <summary>Whether there is a value.</summary>
    public bool HasValue { get; }

    /// <summary>The value; <see cref="InvalidOperationException"/> when there is none.</summary>
    public TValue Value => HasValue ? _value! : throw new InvalidOperationException("There is no value.");

    /// <summary>Wraps a value, <see langword="null"/> included.</summary>
    public static MaybeValue<TValue> FromValue(TValue value) => new(value);

    /// <summary>The value, or the given one when there is none.</summary>
    public TValue GetValueOrDefault(TValue defaultValue) => HasValue ? _value! : defaultValue;

    /// <summary>Wraps a value.</summary>
    public static implicit operator MaybeValue<TValue>(TValue value) => new(value);

    /// <summary>Takes the value out; <see cref="InvalidOperationException"/> when there is none.</summary>
    public static implicit operator TValue(MaybeValue<TValue> maybe) => maybe.Value;

    /// <summary>The value as text; empty when there is none.</summary>
    public override string ToString() => _value?.ToString() ?? "";
}
