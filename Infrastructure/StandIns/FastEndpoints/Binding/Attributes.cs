namespace FastEndpoints;

/// <summary>Sources that a member can be kept from being bound from. Forms are never bound here.</summary>
#pragma warning disable CS1591 // each says itself
[Flags]
public enum Source { None = 0, FormField = 1, QueryParam = 2, RouteParam = 4, All = 7 }
#pragma warning restore CS1591

/// <summary>Marks a member that has a source of its own and is not taken from the JSON body.</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class NonJsonBindingAttribute : Attribute;

/// <summary>Binds the member from the route and nothing else.</summary>
public sealed class RouteParamAttribute : NonJsonBindingAttribute;

/// <summary>Binds the member from the query and nothing else.</summary>
public sealed class QueryParamAttribute : NonJsonBindingAttribute;

/// <summary>Binds the member from the caller's claims.</summary>
/// <param name="claimType">The claim; unless given, the member's name.</param>
/// <param name="isRequired">Whether its absence is an error.</param>
public sealed class FromClaimAttribute(string? claimType = null, bool isRequired = true) : NonJsonBindingAttribute
{
    /// <summary>The claim; null is the member's name.</summary>
    public string? ClaimType { get; } = claimType;
    /// <summary>Whether its absence is an error.</summary>
    public bool IsRequired { get; } = isRequired;
}

/// <summary>Binds the member from a header.</summary>
/// <param name="headerName">The header; unless given, the member's name.</param>
/// <param name="isRequired">Whether its absence is an error.</param>
public sealed class FromHeaderAttribute(string? headerName = null, bool isRequired = true) : NonJsonBindingAttribute
{
    /// <summary>The header; null is the member's name.</summary>
    public string? HeaderName { get; } = headerName;
    /// <summary>Whether its absence is an error.</summary>
    public bool IsRequired { get; } = isRequired;
}

/// <summary>Binds the member from the whole JSON body.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FromBodyAttribute : Attribute;

/// <summary>Names the member's route or query parameter.</summary>
/// <param name="name">The name.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BindFromAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>Keeps the member from being bound from some sources.</summary>
/// <param name="sources">Those it is not bound from.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DontBindAttribute(Source sources) : Attribute
{
    /// <summary>Those it is not bound from.</summary>
    public Source Sources { get; } = sources;
}

/// <summary>Leaves the member out of the API document.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HideFromDocsAttribute : Attribute;
