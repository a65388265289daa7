using System.Collections.Concurrent;
using System.Text.Json;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Idempotency;

/// <summary>
/// Writes whose effect happens once for each key. The key, the answer and the effect are one transaction: after a crash
/// either all are there, and the answer is given again, or none is, and the request may be made again.
/// </summary>
public sealed class OnceWriter(Writer writer, TimeProvider clock)
{
    readonly ConcurrentDictionary<(Guid User, string Key), byte[]> _running = new();

    /// <summary>Whether a request of this user with this key is being worked on.</summary>
    public bool IsRunning(Guid userId, string key) => _running.ContainsKey((userId, key));

    /// <summary>Does the work unless the request's key was used before; then its answer is given again.</summary>
    /// <param name="request">The request, with or without a key.</param>
    /// <param name="work">As for <see cref="Writer.RunAsync{T}"/>.</param>
    /// <param name="ct">The caller's.</param>
    /// <exception cref="IdempotencyKeyInUse">A request with this key is being worked on.</exception>
    /// <exception cref="IdempotencyKeyReused">The key was used for another request.</exception>
    public async Task<Answer> RunAsync<T>(
        IdempotentRequest request, Func<WriteScope, CancellationToken, Task<Reply<T>>> work, CancellationToken ct)
    {
        if (request.Key is not { } key)
            return await writer.RunAsync(async (scope, token) => Serialize(request, await work(scope, token)), ct);
        if (!_running.TryAdd((request.UserId, key), request.Fingerprint))
        {
            throw IsSame(request, _running.GetValueOrDefault((request.UserId, key)))
                ? new IdempotencyKeyInUse()
                : new IdempotencyKeyReused();
        }

        try
        {
            return await writer.RunAsync((scope, token) => RunAsync(scope, request, key, work, token), ct);
        }
        finally
        {
            _running.TryRemove((request.UserId, key), out _);
        }
    }

    async Task<Answer> RunAsync<T>(
        WriteScope scope,
        IdempotentRequest request,
        string key,
        Func<WriteScope, CancellationToken, Task<Reply<T>>> work,
        CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (Find(scope, request, key, now) is { } before)
            return before;
        Answer answer;
        try
        {
            answer = Serialize(request, await work(scope, ct));
        }
        // The state forbade it: that is an answer, too, and repeating the request does not change it.
        catch (ConflictException e)
        {
            scope.Undo();
            answer = Serialize(request, e.Status, null, ErrorResponses.Of(request.Context, e));
        }

        // In place of one that has expired.
        scope.Prepare("""
            INSERT OR REPLACE INTO IdempotencyKeys
                (UserId, Key, Fingerprint, Status, Location, RequestId, Body, ExpiresAt)
            VALUES ($user, $key, $fingerprint, $status, $location, $request, $body, $expires)
            """).Execute(
            request.UserId, key, request.Fingerprint, answer.Status, answer.Location, answer.RequestId, answer.Body,
            (now + request.Kept).UtcTicks);
        return answer;
    }

    static Answer? Find(WriteScope scope, IdempotentRequest request, string key, DateTimeOffset now)
    {
        using var row = scope.Prepare("""
            SELECT Fingerprint, Status, Location, RequestId, Body FROM IdempotencyKeys
            WHERE UserId = $user AND Key = $key AND ExpiresAt > $now
            """).Query(request.UserId, key, now.UtcTicks);
        if (!row.Read())
            return null;
        if (!IsSame(request, row.Bytes(0)))
            throw new IdempotencyKeyReused();
        return new Answer(
            (int)row.Number(1), row.IsNull(2) ? null : row.Text(2), row.Text(3), row.Bytes(4), IsReplayed: true);
    }

    // One that has just ended counts as the same: the client is told to come again and gets its answer.
    static bool IsSame(IdempotentRequest request, byte[]? fingerprint)
        => fingerprint is null || request.Fingerprint.AsSpan().SequenceEqual(fingerprint);

    static Answer Serialize<T>(IdempotentRequest request, Reply<T> reply)
        => Serialize(
            request, reply.Status, reply.Location, new Envelope<T>(reply.Data, null, Meta.Of(request.Context)));

    static Answer Serialize<T>(IdempotentRequest request, int status, string? location, Envelope<T> body)
        => new(
            status,
            location,
            request.Context.TraceIdentifier,
            JsonSerializer.SerializeToUtf8Bytes(body, Json.Options),
            IsReplayed: false);
}

/// <summary>409: a request with this key is being worked on.</summary>
public sealed class IdempotencyKeyInUse : ConflictException
{
    /// <summary>Its answer will be there in a moment.</summary>
    public IdempotencyKeyInUse()
        : base(
            ErrorCodes.IdempotencyKeyInUse,
            "A request with this Idempotency-Key is being worked on. Ask again shortly.")
        => RetryAfter = TimeSpan.FromSeconds(1);
}

/// <summary>422: one key, two different requests.</summary>
public sealed class IdempotencyKeyReused() : ApiException(
    StatusCodes.Status422UnprocessableEntity,
    ErrorCodes.IdempotencyKeyReused,
    "This Idempotency-Key was sent with another request before. Make a new one for each thing that is to happen.");
