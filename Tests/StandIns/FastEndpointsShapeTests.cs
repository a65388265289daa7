using System.Linq.Expressions;
using System.Security.Claims;
using FastEndpoints;
using FastEndpoints.Testing;
using FluentValidation;
using FluentValidation.Results;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static System.Reflection.BindingFlags;
using Void = FastEndpoints.Void;

namespace Tests.StandIns;

/// <summary>The members that the application may use, each used once.</summary>
public sealed class FastEndpointsShapeTests
{
    [Theory]
    [InlineData(typeof(BaseEndpoint), "Void Configure()")]
    [InlineData(typeof(Endpoint<,>), "Task HandleAsync(req, ct)")]
    [InlineData(typeof(Endpoint<,>), "Void ThrowError(property, errorMessage, statusCode)")]
    [InlineData(typeof(EndpointWithoutRequest<>), "Task HandleAsync(ct)")]
    [InlineData(typeof(ResponseSender<,>), "Task<Void> OkAsync(response, cancellation)")]
    [InlineData(typeof(ResponseSender<,>), "Task<Void> ResponseAsync(response, statusCode, cancellation)")]
    [InlineData(typeof(ResponseSender<,>), "Task<Void> NoContentAsync(cancellation)")]
    [InlineData(typeof(ResponseSender<,>), "Task<Void> ResultAsync(result)")]
    [InlineData(typeof(ResponseSender<,>), "Task<Void> ErrorsAsync(statusCode, cancellation)")]
    [InlineData(typeof(HttpResponseExtensions),
        "Task<Void> SendAsync(rsp, response, statusCode, jsonSerializerContext, cancellation)")]
    [InlineData(typeof(Group), "Void Configure(routePrefix, ep)")]
    [InlineData(typeof(EndpointDefinition), "Void Description(builder, clearDefaults)")]
    [InlineData(typeof(IEventHandler<>), "Task HandleAsync(eventModel, ct)")]
    [InlineData(typeof(EventExtensions), "Task PublishAsync(eventModel, waitMode, cancellation)")]
    [InlineData(typeof(IPreProcessor<>), "Task PreProcessAsync(context, ct)")]
    [InlineData(typeof(IPostProcessor<,>), "Task PostProcessAsync(context, ct)")]
    public void Has(Type type, string signature)
        => Assert.Contains(signature, type.GetMethods(Instance | Static | Public | NonPublic).Select(method =>
        {
            var returns = method.ReturnType == typeof(Task<Void>) ? "Task<Void>" : method.ReturnType.Name;
            return $"{returns} {method.Name}({string.Join(", ", method.GetParameters().Select(p => p.Name))})";
        }));

    [Fact]
    public async Task Every_member_works_where_it_is_used()
    {
        await using var host = await SmallHost.StartAsync([typeof(All), typeof(Caller)], c =>
        {
            Assert.Equal(400, c.Errors.StatusCode);
            c.Endpoints.ShortNames = true;
            c.Security.RoleClaimType = "role";
            c.Serializer.Options.WriteIndented = false;
        });

        var (status, body) = await host.SendAsync(
            "POST", "/group/all/7?size=3", """{"name":"x"}""", user: "role=admin,team=a,verified=yes");

        Assert.Equal((201, "\"7 3 x All\""), (status, body));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/call");
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("/group/all/9", response.Headers.Location!.ToString());
    }

    public sealed class Shared : Group
    {
        public Shared() => Configure("group", ep =>
        {
            ep.Roles("admin");
            ep.Tags("group");
            ep.Summary(s => s.Responses[403] = "Not for you.");
            ep.Description(b => b.Produces(404));
            ep.Options(b => b.WithTags("group"));
        });
    }

    public sealed record Request(string Name);

    public sealed class Pass : IPreProcessor<Request>, IPostProcessor<Request, string>
    {
        public Task PreProcessAsync(IPreProcessorContext<Request> context, CancellationToken ct)
            => context.ValidationFailures is [_]
                ? Task.FromException(new InvalidOperationException(context.Request?.Name))
                : Task.CompletedTask;

        public Task PostProcessAsync(IPostProcessorContext<Request, string> context, CancellationToken ct)
            => Task.CompletedTask;
    }

    public sealed class All(ILogger<All> logger) : Endpoint<Request, string>
    {
        public override void Configure()
        {
            Post("/all/{id}");
            Group<Shared>();
            Claims("team");
            Policies("verified");
            Summary(s =>
            {
                s.Summary = "All of it.";
                s.Description = "Each member once.";
                s.ExampleRequest = new Request("x");
                s.Responses[201] = "Done.";
                s.ResponseExamples[201] = "x";
                s.Params["id"] = "A number.";
            });
            PreProcessor<Pass>();
            PostProcessor<Pass>();
        }

        public override async Task HandleAsync(Request req, CancellationToken ct)
        {
            ClaimsPrincipal user = User;
            ILogger own = Logger;
            Assert.NotSame(logger, own);
            Assert.NotNull(user.Identity);
            Assert.Equal(["group"], Definition.EndpointTags!);
            Assert.Equal(
                (typeof(All), typeof(Request), typeof(string)),
                (Definition.EndpointType, Definition.ReqDtoType, Definition.ResDtoType));
            Assert.Equal(["/group/all/{id}"], Definition.Routes!);
            Assert.Equal(["POST"], Definition.Verbs!);
            Assert.NotNull(Resolve<ILoggerFactory>());
            Assert.Equal(0, Query<int>("none", isRequired: false));
            Expression<Func<Request, object?>> name = r => r.Name;
            if (req.Name.Length == 0) AddError(name, "wrong", "CODE", Severity.Warning);
            if (req.Name.Length == 0) AddError(new ValidationFailure("name", "wrong"));
            if (req.Name.Length == 0) ThrowError(new ValidationFailure("name", "wrong"));
            ThrowIfAnyErrors();
            Assert.Same(HttpContext, Send.Context());
            var text = $"{Route<int>("id")} {Query<int>("size")} {req.Name} {nameof(All)}";
            Task<Void> sent = Send.ResponseAsync(text, 201, ct);
            await sent;
            Assert.True(HttpContext.ResponseStarted());
        }
    }

    public sealed class Caller : EndpointWithoutRequest
    {
        public override void Configure()
        {
            Get("/call");
            AllowAnonymous();
        }

        public override Task HandleAsync(CancellationToken ct)
            => Send.CreatedAtAsync<All>(new { id = 9 }, cancellation: ct);
    }

    /// <summary>Never started: what a fixture may override and offers.</summary>
    public sealed class Fixture : AppFixture<FastEndpointsShapeTests>
    {
        public (HttpClient, TestServer, IServiceProvider, HttpClient, HttpClient) All => (Client, Server, Services,
            CreateClient(), CreateClient(c => c.Timeout = TimeSpan.FromSeconds(1), new()));

        protected override ValueTask PreSetupAsync() => ValueTask.CompletedTask;

        protected override ValueTask SetupAsync() => ValueTask.CompletedTask;

        protected override ValueTask TearDownAsync() => ValueTask.CompletedTask;

        protected override void ConfigureApp(IWebHostBuilder a) => a.UseSetting("Key", "value");

        protected override void ConfigureServices(IServiceCollection s) => s.AddOptions();
    }
}

static class OwnSends
{
    public static HttpContext Context(this IResponseSender sender)
        => sender.ValidationFailures.Count == 0 ? sender.HttpContext : throw new InvalidOperationException("Failures.");
}
