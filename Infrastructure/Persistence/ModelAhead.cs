using Microsoft.EntityFrameworkCore;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>
/// Makes EF Core's model of the database while the rest of the program is put together, which takes about as long. The
/// model is EF Core's to keep, for every context on SQLite.
/// </summary>
sealed class ModelAhead
{
    /// <summary>Completes when the model is there.</summary>
    public Task Made { get; } = Task.Run(Make);

    static void Make()
    {
        using var db = new AppDb(new DbContextOptionsBuilder<AppDb>().UseSqlite().Options);
        _ = db.Model;
    }
}
