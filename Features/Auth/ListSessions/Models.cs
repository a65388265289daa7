namespace SliceApi.Features.Auth.ListSessions;

/// <param name="Id">Names the session, to end it.</param>
/// <param name="Device">What the client said it is.</param>
/// <param name="CreatedAt">When the user logged in.</param>
/// <param name="LastUsedAt">When it was last used to log in or refresh.</param>
/// <param name="Current">Whether it is the one that asks.</param>
sealed record Response(Guid Id, string? Device, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, bool Current);
