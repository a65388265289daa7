using System.Text.Json.Nodes;

namespace SliceApi.Infrastructure.Http.OpenApi;

/// <summary>Every error code with its status and what it means, as the document tells it.</summary>
static class ErrorBook
{
    static readonly (int Status, string Code, string Meaning)[] Pages =
    [
        (400, ErrorCodes.ValidationError, "A field breaks a rule; details names each."),
        (400, ErrorCodes.MalformedJson, "The body is no JSON."),
        (400, ErrorCodes.InvalidCursor, "The cursor was made for another list, filter or caller, or not here."),
        (400, ErrorCodes.IdempotencyKeyRequired, "The header Idempotency-Key is missing."),
        (401, ErrorCodes.Unauthorized, "No access token was sent."),
        (401, ErrorCodes.InvalidCredentials, "The e-mail address or the password is wrong."),
        (401, ErrorCodes.InvalidToken, "The token is not valid."),
        (401, ErrorCodes.TokenExpired, "The token has expired."),
        (401, ErrorCodes.SessionEnded, "The session has ended."),
        (401, ErrorCodes.ReuseDetected, "The refresh token was exchanged before; its session has ended."),
        (403, ErrorCodes.Forbidden, "Signed in, but a role is missing."),
        (404, ErrorCodes.NotFound, "There is no such thing, or it is not yours."),
        (405, ErrorCodes.MethodNotAllowed, "The route does not take the method; the header Allow says which it takes."),
        (409, ErrorCodes.EmailTaken, "The e-mail address has an account."),
        (409, ErrorCodes.InsufficientFunds, "The account does not hold that much."),
        (409, ErrorCodes.OutOfStock, "There is not enough of a product; details names each line that falls short."),
        (409, ErrorCodes.CurrencyMismatch, "The currencies differ."),
        (409, ErrorCodes.InvalidState, "What is asked for cannot be done in the present state."),
        (409, ErrorCodes.Conflict, "It collides with something that there is, or with a limit."),
        (409, ErrorCodes.IdempotencyKeyInUse, "A request with this Idempotency-Key is being worked on."),
        (412, ErrorCodes.PreconditionFailed, "It was changed since the version in If-Match."),
        (413, ErrorCodes.PayloadTooLarge, "The body is larger than 1 MB."),
        (415, ErrorCodes.UnsupportedMediaType, "The body is not application/json in UTF-8, or is compressed."),
        (422, ErrorCodes.IdempotencyKeyReused, "This Idempotency-Key was sent with another request before."),
        (428, ErrorCodes.PreconditionRequired, "The header If-Match is missing."),
        (429, ErrorCodes.RateLimited, "Too many requests, or too many wrong passwords."),
        (500, ErrorCodes.InternalError, "Something went wrong here; the request id names it in the log."),
        (503, ErrorCodes.Overloaded, "There is more to do than can be done right now."),
    ];

    // What is refused about a field, for example.
    static readonly Dictionary<string, (string Field, string Problem)> Details = new()
    {
        [ErrorCodes.ValidationError] = ("limit", "This must be between 1 and 100."),
        [ErrorCodes.OutOfStock] = ("lines[0].quantity", "There is not enough of it."),
    };

    /// <summary>All codes.</summary>
    public static IEnumerable<string> Codes => Pages.Select(page => page.Code);

    /// <summary>Codes under the status that they come with, both in a fixed order.</summary>
    public static IEnumerable<IGrouping<int, string>> ByStatus(IReadOnlySet<string> codes)
        => Pages.Where(page => codes.Contains(page.Code)).GroupBy(page => page.Status, page => page.Code);

    /// <summary>What a code means.</summary>
    public static string MeaningOf(string code) => PageOf(code).Meaning;

    /// <summary>An answer with a code.</summary>
    public static JsonObject ExampleOf(string code)
    {
        var (status, _, meaning) = PageOf(code);
        var error = new JsonObject { ["code"] = code, ["message"] = meaning };
        if (Details.TryGetValue(code, out var detail))
            error["details"] = new JsonObject { [detail.Field] = new JsonArray(detail.Problem) };
        error["retryable"] = status is 429 or >= 500;
        return new JsonObject { ["error"] = error, ["meta"] = Examples.Meta() };
    }

    /// <summary>The answer to a request that is refused with one of some codes.</summary>
    public static JsonObject AnswerOf(int status, IEnumerable<string> codes)
    {
        var answer = new JsonObject
        {
            ["description"] = string.Join('\n', codes.Select(code => $"* `{code}`: {MeaningOf(code)}")),
            ["headers"] = Headers(status, codes),
        };
        answer["content"] = new JsonObject
        {
            ["application/json"] = new JsonObject
            {
                ["schema"] = Parts.Ref("schemas", "ErrorEnvelope"),
                ["examples"] = new JsonObject(
                    codes.Select(code => KeyValuePair.Create(code, (JsonNode?)Parts.Ref("examples", code)))),
            },
        };
        return answer;
    }

    static JsonObject Headers(int status, IEnumerable<string> codes)
        => Parts.Headers([
            .. status == 401 ? ["WWW-Authenticate"] : (string[])[],
            .. status is 429 or 503 || codes.Contains(ErrorCodes.IdempotencyKeyInUse) ? ["Retry-After"] : (string[])[],
            // The state's refusals are kept under the key as well.
            .. codes.Contains(ErrorCodes.IdempotencyKeyInUse) ? ["Idempotent-Replayed"] : (string[])[],
        ]);

    static (int Status, string Code, string Meaning) PageOf(string code)
        => Array.Find(Pages, page => page.Code == code);
}
