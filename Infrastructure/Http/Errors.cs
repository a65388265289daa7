namespace SliceApi.Infrastructure.Http;

/// <summary>
/// The codes that stand in <c>error.code</c>. Clients branch on them, so they never change their meaning.
/// </summary>
public static class ErrorCodes
{
#pragma warning disable CS1591 // The names say what the README's table of errors explains.
    public const string ValidationError = "VALIDATION_ERROR";
    public const string MalformedJson = "MALFORMED_JSON";
    public const string InvalidCursor = "INVALID_CURSOR";
    public const string IdempotencyKeyRequired = "IDEMPOTENCY_KEY_REQUIRED";
    public const string Unauthorized = "UNAUTHORIZED";
    public const string InvalidCredentials = "INVALID_CREDENTIALS";
    public const string InvalidToken = "INVALID_TOKEN";
    public const string TokenExpired = "TOKEN_EXPIRED";
    public const string ReuseDetected = "REUSE_DETECTED";
    public const string SessionEnded = "SESSION_ENDED";
    public const string Forbidden = "FORBIDDEN";
    public const string NotFound = "NOT_FOUND";
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";
    public const string PayloadTooLarge = "PAYLOAD_TOO_LARGE";
    public const string UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";
    public const string EmailTaken = "EMAIL_TAKEN";
    public const string InsufficientFunds = "INSUFFICIENT_FUNDS";
    public const string OutOfStock = "OUT_OF_STOCK";
    public const string CurrencyMismatch = "CURRENCY_MISMATCH";
    public const string InvalidState = "INVALID_STATE";
    public const string IdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE";
    public const string IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED";
    public const string Conflict = "CONFLICT";
    public const string PreconditionFailed = "PRECONDITION_FAILED";
    public const string PreconditionRequired = "PRECONDITION_REQUIRED";
    public const string RateLimited = "RATE_LIMITED";
    public const string InternalError = "INTERNAL_ERROR";
    public const string Overloaded = "OVERLOADED";
#pragma warning restore CS1591
}

/// <summary>
/// A request that ends with an error the client can do something about. Thrown anywhere below an endpoint; the
/// exception handler answers with its status, code and message.
/// </summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="message">One sentence for the client's developer: no secret, no trace of the inside.</param>
/// <param name="inner">What went wrong, for the log.</param>
public abstract class ApiException(int status, string code, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public string Code => code;

    /// <summary>After how long trying again makes sense; null when it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What is wrong with which field; null when the error is not about fields.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Details { get; init; }
}

/// <summary>400: the request itself is wrong, in a way that only looking further could tell.</summary>
public class BadRequestException(string code, string message)
    : ApiException(StatusCodes.Status400BadRequest, code, message)
{
    /// <summary>400 <see cref="ErrorCodes.ValidationError"/> of one field.</summary>
    public static BadRequestException Field(string path, string message)
        => new(ErrorCodes.ValidationError, ErrorResponses.NotValid)
        {
            Details = new Dictionary<string, IReadOnlyList<string>> { [path] = [message] },
        };
}

/// <summary>401: the request needs somebody who is signed in, or credentials that are right.</summary>
public class UnauthorizedException(string code, string message)
    : ApiException(StatusCodes.Status401Unauthorized, code, message);

/// <summary>403: signed in, but not as somebody who may do this.</summary>
public sealed class ForbiddenException(string message)
    : ApiException(StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, message);

/// <summary>404: there is no such thing, or it is not the caller's.</summary>
public class NotFoundException(string message = "There is no such thing.")
    : ApiException(StatusCodes.Status404NotFound, ErrorCodes.NotFound, message);

/// <summary>409: the state of things forbids it.</summary>
public class ConflictException(string code, string message)
    : ApiException(StatusCodes.Status409Conflict, code, message);

/// <summary>429: somebody tried too often.</summary>
public sealed class RateLimitedException : ApiException
{
    /// <summary>Trying again makes sense after <paramref name="seconds"/>.</summary>
    public RateLimitedException(int seconds)
        : base(
            StatusCodes.Status429TooManyRequests,
            ErrorCodes.RateLimited,
            "There were too many wrong tries. Retry-After says in how many seconds the next one is looked at.")
        => RetryAfter = TimeSpan.FromSeconds(seconds);
}

/// <summary>503: more work than can be done now; trying again is safe.</summary>
public sealed class OverloadedException : ApiException
{
    /// <summary>The most that <c>Retry-After</c> asks for, in seconds.</summary>
    public const int MaxRetrySeconds = 3;

    /// <summary>Too much is waiting, or what the work needs is out of order.</summary>
    public OverloadedException(Exception? inner = null)
        : base(
            StatusCodes.Status503ServiceUnavailable,
            ErrorCodes.Overloaded,
            "The server has more to do than it can right now. Try again shortly.",
            inner)
        // Not the same for all: whoever is turned away together would come back together.
        => RetryAfter = TimeSpan.FromSeconds(Random.Shared.Next(1, 1 + MaxRetrySeconds));
}
