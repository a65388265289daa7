using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.StandIns;

public sealed class FastEndpointsStartTests
{
    [Fact]
    public async Task Routes_carry_prefix_version_and_group()
    {
        await using var host = await SmallHost.StartAsync([typeof(Plain), typeof(Second), typeof(InGroup)], Api);

        Assert.Equal(200, (await host.SendAsync("GET", "/api/v1/plain")).Status);
        Assert.Equal(200, (await host.SendAsync("GET", "/api/v2/plain")).Status);
        Assert.Equal(200, (await host.SendAsync("GET", "/api/v1/admin/things", user: "role=admin")).Status);
        Assert.Equal(405, (await host.SendAsync("POST", "/api/v1/plain")).Status);
        Assert.Equal(404, (await host.SendAsync("GET", "/plain")).Status);
    }

    [Fact]
    public async Task A_version_goes_to_the_end_unless_it_is_prepended()
    {
        await using var host = await SmallHost.StartAsync(
            [typeof(Plain), typeof(Second)], c => c.Versioning.Prefix = "r");

        Assert.Equal(200, (await host.SendAsync("GET", "/plain")).Status);
        Assert.Equal(200, (await host.SendAsync("GET", "/plain/r2")).Status);
    }

    [Fact]
    public async Task Names_come_from_the_generator_and_tell_verbs_and_routes_apart()
    {
        await using var host = await SmallHost.StartAsync(
            [typeof(Plain), typeof(Several)],
            c => c.Endpoints.NameGenerator = x => $"{x.EndpointType.Name}{x.HttpVerb}{x.RouteNumber}");

        var routes = host.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        Assert.Equal(
            ["Plain", "SeveralDELETE0", "SeveralDELETE1", "SeveralGET0", "SeveralGET1"],
            routes.Select(r => r.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName).Order());
        Assert.All(routes, r => Assert.NotNull(r.Metadata.GetMetadata<EndpointDefinition>()));
        Assert.Equal(200, (await host.SendAsync("DELETE", "/b/1")).Status);
    }

    [Fact]
    public async Task What_cannot_work_fails_the_start_by_name()
    {
        await FailsAsync(["no verb and route", nameof(Unrouted)], [typeof(Unrouted)]);
        await FailsAsync([nameof(Plain), nameof(Same), "GET /plain"], [typeof(Plain), typeof(Same)]);
        await FailsAsync([nameof(Hoarder), nameof(PerRequest)], [typeof(Plain), typeof(Hoarder)]);
        await FailsAsync([nameof(HoardingHandler), nameof(PerRequest)], [typeof(Plain), typeof(HoardingHandler)]);
        await FailsAsync(["after the verb", nameof(TooEarly)], [typeof(TooEarly)]);
    }

    static async Task FailsAsync(string[] words, Type[] types)
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => SmallHost.StartAsync(
            types, services: s => s.AddScoped<PerRequest>()));
        Assert.All(words, word => Assert.Contains(word, thrown.Message, StringComparison.Ordinal));
    }

    static void Api(Config c)
    {
        c.Endpoints.RoutePrefix = "api";
        c.Versioning.Prefix = "v";
        c.Versioning.DefaultVersion = 1;
        c.Versioning.PrependToRoute = true;
    }

    public abstract class Answers(string route) : EndpointWithoutRequest<string>
    {
        readonly string? _route = route;

        public override Task HandleAsync(CancellationToken ct) => Send.OkAsync(_route ?? "", ct);
    }

    public sealed class Plain() : Answers("plain")
    {
        public override void Configure()
        {
            Get("plain");
            AllowAnonymous();
        }
    }

    public sealed class Same() : Answers("same")
    {
        public override void Configure() => Get("/plain/");
    }

    public sealed class Second() : Answers("second")
    {
        public override void Configure()
        {
            Get("/plain");
            AllowAnonymous();
            Version(2);
        }
    }

    public sealed class Several() : Answers("several")
    {
        public override void Configure()
        {
            Verbs(Http.GET, Http.DELETE);
            Routes("/a/{x}", "/b/{x}");
            AllowAnonymous();
        }
    }

    public sealed class Admin : Group
    {
        public Admin() => Configure("admin", ep => ep.Roles("admin"));
    }

    public sealed class InGroup() : Answers("group")
    {
        public override void Configure()
        {
            Get("/things");
            Group<Admin>();
        }
    }

    public sealed class TooEarly() : Answers("early")
    {
        public override void Configure() => Group<Admin>();
    }

    public sealed class Unrouted() : Answers("none")
    {
        public override void Configure() => AllowAnonymous();
    }

    public sealed class PerRequest;

    public sealed record Order;

    public sealed class Hoarder : Validator<Order>
    {
        public Hoarder(PerRequest service) => RuleFor(o => o).Must(_ => service is not null);
    }

    public sealed class HoardingHandler(PerRequest service) : IEventHandler<Woken>
    {
        public PerRequest Service => service;

        public Task HandleAsync(Woken eventModel, CancellationToken ct) => Task.CompletedTask;
    }

    public sealed record Woken : IEvent;
}
