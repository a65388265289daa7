using FastEndpoints;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Idempotency;

/// <summary>What a unit of writing wants the client to be told.</summary>
/// <param name="Status">2xx.</param>
/// <param name="Location">Where what was made is found, relative to the API's root; null when nothing was made.</param>
/// <param name="Data">What goes into the envelope.</param>
public sealed record Reply<T>(int Status, string? Location, T Data);

/// <summary>Makes replies.</summary>
public static class Reply
{
    /// <summary>201 with what was made and where it is found, relative to the API's root.</summary>
    public static Reply<T> Created<T>(string location, T data) => new(StatusCodes.Status201Created, location, data);

    /// <summary>200 with what a change led to.</summary>
    public static Reply<T> Done<T>(T data) => new(StatusCodes.Status200OK, null, data);
}

/// <summary>An answer as it is stored and sent, byte for byte.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Location">The header of that name.</param>
/// <param name="RequestId">The request that had the effect.</param>
/// <param name="Body">The envelope.</param>
/// <param name="IsReplayed">Whether the effect had happened before.</param>
public sealed record Answer(int Status, string? Location, string RequestId, byte[] Body, bool IsReplayed);

/// <summary>How endpoints send answers.</summary>
public static class AnswerSends
{
    /// <summary>
    /// Sends it. One that is replayed says so (<c>Idempotent-Replayed: true</c>), and its <c>X-Request-Id</c> names the
    /// request that had the effect, as its body does.
    /// </summary>
    public static async Task AnswerAsync(this IResponseSender sender, Answer answer, CancellationToken ct)
    {
        var context = sender.HttpContext;
        context.MarkResponseStart();
        context.TraceIdentifier = answer.RequestId;
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = answer.Body.Length;
        if (answer.Location is not null)
            response.Headers.Location = HttpSetup.ApiRoot + answer.Location;
        if (answer.IsReplayed)
            response.Headers["Idempotent-Replayed"] = "true";
        await response.Body.WriteAsync(answer.Body, ct);
    }
}
