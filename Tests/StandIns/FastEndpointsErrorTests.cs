using FastEndpoints;
using FluentValidation.Results;
using Request = Tests.StandIns.FastEndpointsPipelineTests.Request;

namespace Tests.StandIns;

public sealed class FastEndpointsErrorTests
{
    [Theory]
    [InlineData("field", 400, "name", "wrong")]
    [InlineData("nested", 400, "first.count", "wrong")]
    [InlineData("indexed", 400, "lines[0].count", "wrong")]
    [InlineData("all", 422, "generalErrors", "wrong")]
    [InlineData("two", 400, "name", "first")]
    public async Task Thrown_errors_are_answered(string how, int status, string field, string message)
    {
        await using var host = await SmallHost.StartAsync([typeof(Throwing)]);

        var (actual, body) = await host.SendAsync("POST", "/throwing", $$"""{"name":"{{how}}"}""");

        Assert.Equal(status, actual);
        Assert.Equal([message], SmallHost.Errors(body, field));
    }

    [Fact]
    public async Task The_application_decides_what_an_error_looks_like()
    {
        await using var host = await SmallHost.StartAsync([typeof(Throwing)], c =>
        {
            c.Errors.StatusCode = 418;
            c.Errors.ContentType = "application/json";
            c.Errors.ResponseBuilder = (failures, context, status) =>
                new { path = context.Request.Path.Value, failures.Count, status };
        });

        var (status, body) = await host.SendAsync("POST", "/throwing", """{"name":"two"}""");

        Assert.Equal((418, """{"path":"/throwing","count":2,"status":418}"""), (status, body));
    }

    public sealed class Throwing : Endpoint<Request, string>
    {
        public override void Configure()
        {
            Post("/throwing");
            AllowAnonymous();
        }

        public override Task HandleAsync(Request req, CancellationToken ct)
        {
            if (req.Name == "field") ThrowError(r => r.Name, "wrong");
            if (req.Name == "nested") ThrowError(r => r.First!.Count, "wrong");
            if (req.Name == "indexed") ThrowError(new ValidationFailure("Lines[0].Count", "wrong"));
            if (req.Name == "all") ThrowError("wrong", 422);
            AddError(r => r.Name, "first");
            AddError("second", "CODE");
            ThrowIfAnyErrors();
            return Task.CompletedTask;
        }
    }
}
