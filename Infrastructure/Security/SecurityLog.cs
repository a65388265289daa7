using System.Net;

namespace SliceApi.Infrastructure.Security;

/// <summary>
/// What somebody who looks for intruders wants to find: each event under a name that stays, with the user's id and the
/// client's address, never with an e-mail address, a password or a token.
/// </summary>
public sealed partial class SecurityLog(ILoggerFactory loggers)
{
    readonly ILogger _logger = loggers.CreateLogger("SliceApi.Security");

    /// <summary>Whether anything of this is logged.</summary>
    public bool IsEnabled => _logger.IsEnabled(LogLevel.Warning);

    /// <summary>Somebody logged in.</summary>
    [LoggerMessage(
        EventId = 1, EventName = "login.succeeded", Level = LogLevel.Information,
        Message = "User {User} logged in, session {Session}, from {Client}")]
    public partial void LoggedIn(Guid user, Guid session, IPAddress? client);

    /// <summary>Somebody sent a wrong password, or nobody's e-mail address (<paramref name="user"/> is null).</summary>
    [LoggerMessage(
        EventId = 2, EventName = "login.failed", Level = LogLevel.Warning,
        Message = "A login failed, user {User}, from {Client}")]
    public partial void LoginFailed(Guid? user, IPAddress? client);

    /// <summary>A signed-in user asked for what the user's roles do not allow.</summary>
    [LoggerMessage(
        EventId = 3, EventName = "access.denied", Level = LogLevel.Warning,
        Message = "User {User} may not use {Route}, from {Client}")]
    public partial void Forbidden(string? user, string? route, IPAddress? client);

    /// <summary>Somebody asked too often, the first time in a window, or guessed too often.</summary>
    [LoggerMessage(
        EventId = 4, EventName = "request.throttled", Level = LogLevel.Warning,
        Message = "Too many requests to {Route}, user {User}, from {Client}")]
    public partial void Throttled(string? user, string? route, IPAddress? client);

    /// <summary>A refresh token came that had been exchanged before; its session has ended.</summary>
    [LoggerMessage(
        EventId = 5, EventName = "session.reuse_detected", Level = LogLevel.Warning,
        Message = "A refresh token of user {User} was used again, session {Session} has ended, from {Client}")]
    public partial void ReuseDetected(Guid user, Guid session, IPAddress? client);

    /// <summary>A user has a new password.</summary>
    [LoggerMessage(
        EventId = 6, EventName = "password.changed", Level = LogLevel.Information,
        Message = "User {User} changed the password, from {Client}")]
    public partial void PasswordChanged(Guid user, IPAddress? client);

    /// <summary>Somebody in an open session did not know its user's password.</summary>
    [LoggerMessage(
        EventId = 7, EventName = "password.refused", Level = LogLevel.Warning,
        Message = "User {User} gave a wrong current password, from {Client}")]
    public partial void PasswordRefused(Guid user, IPAddress? client);

    /// <summary>An administrator set a user's roles.</summary>
    [LoggerMessage(
        EventId = 8, EventName = "roles.changed", Level = LogLevel.Warning,
        Message = "User {User} now has the roles {Roles}, by {Administrator}, from {Client}")]
    public partial void RolesChanged(Guid user, string roles, Guid administrator, IPAddress? client);
}
