namespace FastEndpoints;

/// <summary>Marks a member that has a source of its own and is not taken from the JSON body.</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class NonJsonBindingAttribute : Attribute;

/// <summary>Binds the member from the route and nothing else.</summary>
public sealed class RouteParamAttribute : NonJsonBindingAttribute;

/// <summary>Binds the member from the query and nothing else.</summary>
public sealed class QueryParamAttribute : NonJsonBindingAttribute;

/// <summary>Binds the member from the caller's claims of that type; unless given, it is the member's name.</summary>
public sealed class FromClaimAttribute(string? claimType = null, bool isRequired = true) : NonJsonBindingAttribute
{
    internal string? ClaimType => claimType;
    internal bool IsRequired => isRequired;
}

/// <summary>Binds the member from the header of that name; unless given, it is the member's name.</summary>
public sealed class FromHeaderAttribute(string? headerName = null, bool isRequired = true) : NonJsonBindingAttribute
{
    internal string? HeaderName => headerName;
    internal bool IsRequired => isRequired;
}

/// <summary>Binds the member from the whole JSON body.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FromBodyAttribute : Attribute;
