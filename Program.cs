using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Hosting.Commands;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Idempotency;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Security;

return await CommandLine.RunAsync(args, Build);

static WebApplication Build(string[] args)
{
    var builder = WebApplication.CreateBuilder(args);
    var settings = builder.AddSettings();
    var folder = builder.AddDataFolder(settings);
    builder.AddLogs();
    builder.Services
        .AddTelemetry()
        .AddPersistence()
        .AddEvents()
        .AddIdempotency()
        .AddCaching()
        .AddSecurity(settings, folder)
        .AddHttp(settings)
        .AddDocs(settings)
        .AddHealth();

    var app = builder.Build();
    app.UseHttp();
    app.MapHealth();
    app.UseDocs(settings);
    return app;
}
