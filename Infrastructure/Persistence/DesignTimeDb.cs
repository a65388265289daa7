using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Gives <c>dotnet ef</c> the model without starting the program.</summary>
sealed class DesignTimeDb : IDesignTimeDbContextFactory<AppDb>
{
    public AppDb CreateDbContext(string[] args)
        => new(new DbContextOptionsBuilder<AppDb>().UseSqlite("Data Source=:memory:").Options);
}
