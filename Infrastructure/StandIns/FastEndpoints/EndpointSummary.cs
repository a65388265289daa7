using System.Linq.Expressions;

namespace FastEndpoints;

/// <summary>What the API document says of an endpoint.</summary>
public class EndpointSummary
{
    /// <summary>One line.</summary>
    public string Summary { get; set; } = "";

    /// <summary>As much as is needed.</summary>
    public string Description { get; set; } = "";

    /// <summary>A request as one might be sent.</summary>
    public object? ExampleRequest { get; set; }

    /// <summary>What the request's members mean, by name.</summary>
    public Dictionary<string, string> Params { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What each status means.</summary>
    public Dictionary<int, string> Responses { get; set; } = [];

    /// <summary>What is answered with each status, for example.</summary>
    public Dictionary<int, object> ResponseExamples { get; set; } = [];

    /// <summary>What the status means.</summary>
    public string this[int statusCode]
    {
        get => Responses[statusCode];
        set => Responses[statusCode] = value;
    }
}

/// <summary>What the API document says of an endpoint that takes <typeparamref name="TRequest"/>.</summary>
/// <typeparam name="TRequest">What requests are bound to.</typeparam>
public class EndpointSummary<TRequest> : EndpointSummary
    where TRequest : notnull
{
    /// <summary>Says what one member of the request means.</summary>
    public void RequestParam(Expression<Func<TRequest, object?>> property, string description)
        => Params[PropertyPath.Of(property)] = description;
}
