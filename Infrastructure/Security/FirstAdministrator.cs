using FluentValidation;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Security;

/// <summary>Makes the administrator that the settings name, once: when there is none yet.</summary>
public sealed class FirstAdministrator(
    Settings settings, SqliteFile file, PasswordHasher hasher, TimeProvider clock, ILogger<FirstAdministrator> logger)
{
    /// <summary>Runs before the server listens and before the writer starts, on a connection of its own.</summary>
    /// <exception cref="StartupException">The settings are half given, or not fit for an account.</exception>
    public async Task MakeAsync(CancellationToken ct)
    {
        var admin = settings.Admin;
        if (admin.Email.Length == 0 && admin.Password.Length == 0)
            return;
        await using var connection = file.OpenWriter();
        await using var db = new AppDb(file.Options(connection));
        if (await db.Users.AnyAsync(u => (u.Roles & Roles.Admin) != 0, ct))
            return;

        var problems = new AdminValidator().Validate(admin).Errors;
        if (problems.Count > 0)
        {
            throw new StartupException(string.Join(
                Environment.NewLine, problems.Select(p => $"The setting Admin:{p.PropertyName} cannot be used. {p.ErrorMessage}")));
        }

        var key = EmailAddress.Key(admin.Email);
        if (await db.Users.AnyAsync(u => u.EmailKey == key, ct))
            throw new StartupException("The setting Admin:Email names a user who exists and is no administrator.");
        var hash = await hasher.HashAsync(admin.Password, ct);
        db.Add(new User(admin.Email, "Administrator", hash, Roles.User | Roles.Admin, clock.GetUtcNow()));
        await db.SaveChangesAsync(ct);
        logger.LogInformation("Made the first administrator; Admin:Password may be removed from the settings now");
    }

    sealed class AdminValidator : AbstractValidator<AdminSettings>
    {
        public AdminValidator()
        {
            RuleFor(a => a.Email).Email();
            RuleFor(a => a.Password).NewPassword(a => a.Email);
        }
    }
}
