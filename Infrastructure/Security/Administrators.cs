using FluentValidation;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Security;

/// <summary>
/// Makes administrators from outside the API. Runs while the data folder is held and no server writes, on a
/// connection of its own.
/// </summary>
public sealed class Administrators(
    Settings settings, SqliteFile file, PasswordHasher hasher, TimeProvider clock, ILogger<Administrators> logger)
{
    const string Name = "Administrator";

    /// <summary>Makes the administrator that the settings name, when there is none yet.</summary>
    /// <exception cref="StartupException">The settings are half given, or not fit for an account.</exception>
    public async Task MakeFirstAsync(CancellationToken ct)
    {
        await using var connection = file.OpenWriter();
        if (HasAdministrator(connection))
            return;
        var admin = settings.Admin;
        if (admin.Email.Length == 0 && admin.Password.Length == 0)
        {
            logger.LogWarning(
                "There is no administrator. Stop the server and run: sliceapi admin create --email YOU@EXAMPLE.COM");
            return;
        }

        Check(admin.Email, admin.Password, "The setting Admin:");
        await using var db = new AppDb(file.Options(connection));
        await AddAsync(db, admin.Email, admin.Password, ct);
        logger.LogInformation("Made the first administrator; Admin:Password may be removed from the settings now");
    }

    /// <summary>Makes an account that is an administrator.</summary>
    /// <returns>What was done, for the terminal.</returns>
    /// <exception cref="StartupException">Address or password is unfit, or the address has an account.</exception>
    public async Task<string> CreateAsync(string email, string password, CancellationToken ct)
    {
        Check(email, password, "");
        await using var connection = file.OpenWriter();
        await using var db = new AppDb(file.Options(connection));
        await AddAsync(db, email, password, ct);
        return $"{email} is an administrator now.";
    }

    /// <summary>Gives an administrator another password and ends all sessions.</summary>
    /// <returns>What was done, for the terminal.</returns>
    /// <exception cref="StartupException">The password is not fit, or there is no such administrator.</exception>
    public async Task<string> ResetPasswordAsync(string email, string password, CancellationToken ct)
    {
        Check(email, password, "");
        await using var connection = file.OpenWriter();
        await using var db = new AppDb(file.Options(connection));
        var (key, now) = (EmailAddress.Key(email), clock.GetUtcNow());
        var hash = await hasher.HashAsync(password, ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var administrator = db.Users.Where(u => u.EmailKey == key && (u.Roles & Roles.Admin) != 0);
        await db.Sessions.Where(s => administrator.Any(u => u.Id == s.UserId)).ExecuteDeleteAsync(ct);
        var changed = await administrator.ExecuteUpdateAsync(
            u => u.SetProperty(x => x.PasswordHash, hash)
                .SetProperty(x => x.Version, x => x.Version + 1)
                .SetProperty(x => x.UpdatedAt, now),
            ct);
        if (changed == 0)
            throw new StartupException("There is no administrator with this address.");
        await transaction.CommitAsync(ct);
        return $"{email} has the new password; all sessions have ended.";
    }

    // Every start asks. EF Core would take longer to put its first query together than all the rest of this takes.
    static bool HasAdministrator(SqliteConnection connection)
    {
        using var command = new SqliteCommand("SELECT EXISTS (SELECT 1 FROM Users WHERE Roles & $admin)", connection);
        command.Parameters.AddWithValue("$admin", (int)Roles.Admin);
        return command.ExecuteScalar() is 1L;
    }

    async Task AddAsync(AppDb db, string email, string password, CancellationToken ct)
    {
        var key = EmailAddress.Key(email);
        if (await db.Users.AnyAsync(u => u.EmailKey == key, ct))
        {
            throw new StartupException(
                $"{email} names a user who exists. Choose another address, "
                + "or let an administrator give that user the role.");
        }

        var hash = await hasher.HashAsync(password, ct);
        db.Add(new User(email, Name, hash, Roles.User | Roles.Admin, clock.GetUtcNow()));
        await db.SaveChangesAsync(ct);
    }

    static void Check(string email, string password, string source)
    {
        var problems = new AdminValidator().Validate(new AdminSettings { Email = email, Password = password }).Errors;
        if (problems.Count > 0)
        {
            throw new StartupException(string.Join(
                Environment.NewLine,
                problems.Select(p => $"{source}{p.PropertyName} cannot be used. {p.ErrorMessage}")));
        }
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
