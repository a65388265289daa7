using FastEndpoints;
using FluentValidation;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.StandIns;

public sealed class FastEndpointsPipelineTests
{
    [Fact]
    public async Task Runs_validator_processors_handler_and_processors_in_order()
    {
        var log = new Log();
        await using var host = await HostAsync(log);

        var (status, body) = await host.SendAsync("POST", "/steps", """{"name":"ok"}""");

        Assert.Equal((200, "\"done\""), (status, body));
        Assert.Equal(["validate", "before ok", "handle", "after done"], log.Lines);
    }

    [Fact]
    public async Task A_failed_validation_keeps_the_handler_from_running_and_answers_400()
    {
        var log = new Log();
        await using var host = await HostAsync(log);

        var (status, body) = await host.SendAsync("POST", "/steps", """{"name":"","lines":[{"count":0}]}""");

        Assert.Equal(400, status);
        Assert.Single(SmallHost.Errors(body, "name"));
        Assert.Single(SmallHost.Errors(body, "lines[0].count"));
        Assert.Equal(["validate", "before ", "after "], log.Lines);
    }

    [Fact]
    public async Task A_handler_may_ask_to_see_what_failed()
    {
        await using var host = await SmallHost.StartAsync(
            [typeof(Lenient), typeof(Rules)], services: s => s.AddSingleton(new Log()));

        Assert.Equal((200, "\"name\""), await host.SendAsync("POST", "/lenient", """{"name":""}"""));
        Assert.Equal(400, (await host.SendAsync("POST", "/lenient", "{")).Status);
    }

    [Fact]
    public async Task A_preprocessor_that_answers_ends_the_request()
    {
        var log = new Log();
        await using var host = await HostAsync(log);

        Assert.Equal((409, "\"stop\""), await host.SendAsync("POST", "/steps", """{"name":"stop"}"""));
        Assert.Equal(["validate", "before stop", "after "], log.Lines);
    }

    [Fact]
    public async Task Exceptions_reach_the_middleware_after_the_postprocessors()
    {
        var log = new Log();
        await using var host = await HostAsync(log);

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.SendAsync("POST", "/steps", """{"name":"throw"}"""));
        Assert.Equal(["validate", "before throw", "handle", "after "], log.Lines);
    }

    [Theory]
    [InlineData("value", 202, "\"set\"")]
    [InlineData("none", 204, "")]
    public async Task Sends_the_response_property_when_the_handler_sends_nothing(string name, int status, string body)
    {
        await using var host = await SmallHost.StartAsync([typeof(Silent)]);

        Assert.Equal((status, body), await host.SendAsync("POST", "/silent", $$"""{"name":"{{name}}"}"""));
    }

    static Task<SmallHost> HostAsync(Log log)
        => SmallHost.StartAsync([typeof(Steps), typeof(Rules)], services: s => s.AddSingleton(log));

    public sealed class Log
    {
        public List<string> Lines { get; } = [];
    }

    public sealed record Request(string Name, List<Request.Line>? Lines = null, Request.Line? First = null)
    {
        public sealed record Line(int Count);
    }

    public sealed class Rules : Validator<Request>
    {
        public Rules(Log log)
        {
            RuleFor(r => r.Name).Must(_ =>
            {
                log.Lines.Add("validate");
                return true;
            }).NotEmpty();
            RuleForEach(r => r.Lines).ChildRules(line => line.RuleFor(l => l.Count).GreaterThan(0));
        }
    }

    public sealed class Before(Log log) : IPreProcessor<Request>
    {
        public async Task PreProcessAsync(IPreProcessorContext<Request> context, CancellationToken ct)
        {
            log.Lines.Add($"before {context.Request?.Name}");
            if (context.Request?.Name != "stop") return;
            await context.HttpContext.Response.SendAsync("stop", 409, cancellation: ct);
        }
    }

    public sealed class After(Log log) : IPostProcessor<Request, string>
    {
        public Task PostProcessAsync(IPostProcessorContext<Request, string> context, CancellationToken ct)
        {
            log.Lines.Add($"after {context.Response}");
            return Task.CompletedTask;
        }
    }

    public sealed class Steps(Log log) : Endpoint<Request, string>
    {
        public override void Configure()
        {
            Post("/steps");
            AllowAnonymous();
            PreProcessor<Before>();
            PostProcessor<After>();
        }

        public override Task HandleAsync(Request req, CancellationToken ct)
        {
            log.Lines.Add("handle");
            if (req.Name == "throw") throw new InvalidOperationException(req.Name);
            return Send.OkAsync("done", ct);
        }
    }

    public sealed class Lenient : Endpoint<Request, string>
    {
        public override void Configure()
        {
            Post("/lenient");
            AllowAnonymous();
            DontThrowIfValidationFails();
        }

        public override Task HandleAsync(Request req, CancellationToken ct)
            => Send.OkAsync(ValidationFailed ? ValidationFailures[0].PropertyName : "", ct);
    }

    public sealed class Silent : Endpoint<Request, string?>
    {
        public override void Configure()
        {
            Post("/silent");
            AllowAnonymous();
        }

        public override Task HandleAsync(Request req, CancellationToken ct)
        {
            HttpContext.Response.StatusCode = 202;
            if (req.Name == "value") Response = "set";
            return Task.CompletedTask;
        }
    }
}
