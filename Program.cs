using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Security;

try
{
    var builder = WebApplication.CreateBuilder(args);
    var settings = builder.AddSettings();
    var folder = builder.AddDataFolder(settings);
    builder.AddLogs();
    builder.Services
        .AddPersistence()
        .AddEvents()
        .AddIdempotency()
        .AddCaching()
        .AddSecurity(settings, folder)
        .AddHttp(settings)
        .AddDocs(settings)
        .AddHealth();

    await using var app = builder.Build();
    app.UseHttp();
    app.MapHealth();
    app.UseDocs(settings);
    await app.PrepareDatabaseAsync();
    await app.ServeAsync();
    return 0;
}
catch (StartupException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
