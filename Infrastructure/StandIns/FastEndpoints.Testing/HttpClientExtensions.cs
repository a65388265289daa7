using FastEndpoints.Testing;

namespace FastEndpoints;

/// <summary>
/// Calls endpoints by their type. The route comes from the endpoint; the request's members go wherever they are bound
/// from: route, query, headers or JSON body. Answers are read with the application's own serializer options.
/// </summary>
public static class HttpClientExtensions
{
    /// <summary>Sends GET.</summary>
    public static Task<TestResult<TResponse>> GETAsync<TEndpoint, TRequest, TResponse>(
        this HttpClient client, TRequest request) where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Get, request);
    /// <summary>Sends GET without a request.</summary>
    public static Task<TestResult<TResponse>> GETAsync<TEndpoint, TResponse>(this HttpClient client)
        where TEndpoint : IEndpoint => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Get);
    /// <summary>Sends GET and leaves the answer unread.</summary>
    public static Task<HttpResponseMessage> GETAsync<TEndpoint, TRequest>(this HttpClient client, TRequest request)
        where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.SendAsync(client, typeof(TEndpoint), HttpMethod.Get, request);

    /// <summary>Sends POST.</summary>
    public static Task<TestResult<TResponse>> POSTAsync<TEndpoint, TRequest, TResponse>(
        this HttpClient client, TRequest request) where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Post, request);
    /// <summary>Sends POST without a request.</summary>
    public static Task<TestResult<TResponse>> POSTAsync<TEndpoint, TResponse>(this HttpClient client)
        where TEndpoint : IEndpoint => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Post);
    /// <summary>Sends POST and leaves the answer unread.</summary>
    public static Task<HttpResponseMessage> POSTAsync<TEndpoint, TRequest>(this HttpClient client, TRequest request)
        where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.SendAsync(client, typeof(TEndpoint), HttpMethod.Post, request);

    /// <summary>Sends PUT.</summary>
    public static Task<TestResult<TResponse>> PUTAsync<TEndpoint, TRequest, TResponse>(
        this HttpClient client, TRequest request) where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Put, request);
    /// <summary>Sends PUT without a request.</summary>
    public static Task<TestResult<TResponse>> PUTAsync<TEndpoint, TResponse>(this HttpClient client)
        where TEndpoint : IEndpoint => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Put);
    /// <summary>Sends PUT and leaves the answer unread.</summary>
    public static Task<HttpResponseMessage> PUTAsync<TEndpoint, TRequest>(this HttpClient client, TRequest request)
        where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.SendAsync(client, typeof(TEndpoint), HttpMethod.Put, request);

    /// <summary>Sends PATCH.</summary>
    public static Task<TestResult<TResponse>> PATCHAsync<TEndpoint, TRequest, TResponse>(
        this HttpClient client, TRequest request) where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Patch, request);
    /// <summary>Sends PATCH without a request.</summary>
    public static Task<TestResult<TResponse>> PATCHAsync<TEndpoint, TResponse>(this HttpClient client)
        where TEndpoint : IEndpoint => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Patch);
    /// <summary>Sends PATCH and leaves the answer unread.</summary>
    public static Task<HttpResponseMessage> PATCHAsync<TEndpoint, TRequest>(this HttpClient client, TRequest request)
        where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.SendAsync(client, typeof(TEndpoint), HttpMethod.Patch, request);

    /// <summary>Sends DELETE.</summary>
    public static Task<TestResult<TResponse>> DELETEAsync<TEndpoint, TRequest, TResponse>(
        this HttpClient client, TRequest request) where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Delete, request);
    /// <summary>Sends DELETE without a request.</summary>
    public static Task<TestResult<TResponse>> DELETEAsync<TEndpoint, TResponse>(this HttpClient client)
        where TEndpoint : IEndpoint => EndpointCall.ReadAsync<TResponse>(client, typeof(TEndpoint), HttpMethod.Delete);
    /// <summary>Sends DELETE and leaves the answer unread.</summary>
    public static Task<HttpResponseMessage> DELETEAsync<TEndpoint, TRequest>(this HttpClient client, TRequest request)
        where TEndpoint : IEndpoint where TRequest : notnull
        => EndpointCall.SendAsync(client, typeof(TEndpoint), HttpMethod.Delete, request);
}

/// <summary>What a call came back with.</summary>
public sealed class TestResult<TResponse>
{
    internal TestResult(HttpResponseMessage response, TResponse result, string? errorContent)
        => (Response, Result, ErrorContent) = (response, result, errorContent);

    /// <summary>The answer.</summary>
    public HttpResponseMessage Response { get; }
    /// <summary>The answer's JSON body; null when it has none.</summary>
    public TResponse Result { get; }
    /// <summary>The answer's body as text when the status says that the call failed.</summary>
    public string? ErrorContent { get; }

    /// <summary>The answer and its body.</summary>
    public void Deconstruct(out HttpResponseMessage response, out TResponse result)
        => (response, result) = (Response, Result);
}
