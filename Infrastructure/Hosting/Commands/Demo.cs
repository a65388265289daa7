using System.CommandLine;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Hosting.Commands;

/// <summary><c>seed</c>: something to look at in an empty database.</summary>
static class Demo
{
    public static Command Command(Func<string[], WebApplication> build)
        => new Command(
            "seed",
            "Fills an empty database with demo users, products, accounts, orders and transfers, "
            + "and prints the log-ins.")
            .Runs(async (_, settings, ct) =>
            {
                await using var app = build(CommandLine.Quietly(settings));
                await app.PrepareDatabaseAsync();
                var writer = app.Services.GetRequiredService<Writer>();
                await writer.StartAsync(ct);
                var logins = await app.Services.GetRequiredService<Seed>().RunAsync(ct);
                await writer.StopAsync(CancellationToken.None);
                foreach (var (email, password, roles) in logins)
                    Console.WriteLine($"{email,-22} {password,-24} {roles}");
                return 0;
            });
}
