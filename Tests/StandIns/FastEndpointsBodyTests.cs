using System.Net.Http.Headers;
using System.Text;
using FastEndpoints;
using FluentValidation;
using FluentValidation.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.StandIns;

public sealed class FastEndpointsBodyTests
{
    const string Order = """{"lines":[{"sku":"a","quantity":2}]}""";

    static readonly Type[] Types = [typeof(Place), typeof(PlaceValidator)];

    [Fact]
    public async Task Reads_nested_records_strictly()
    {
        await using var host = await SmallHost.StartAsync(Types, SmallHost.Strict);

        var (status, body) = await host.SendAsync("POST", "/orders", Order);

        Assert.Equal((200, """{"text":"a*2 "}"""), (status, body));
    }

    [Theory]
    [InlineData("""{"lines":[],"note":"x","nOte":"y"}""", "'nOte' could not be mapped")]
    [InlineData("""{"lines":[],"lines":[]}""", "Duplicate property 'lines'")]
    [InlineData("""{"note":"x"}""", "missing required properties including: 'lines'")]
    [InlineData("""{"lines":null}""", "doesn't allow null")]
    [InlineData("""{"lines":[{"sku":"a","quantity":"2"}]}""", "token type 'String'")]
    [InlineData("[]", "could not be converted")]
    [InlineData("\"x\"", "could not be converted")]
    [InlineData("{", "Expected depth")]
    [InlineData("""{"lines":[]} x""", "after a single JSON value")]
    [InlineData("""{"lines":[],}""", "trailing comma")]
    public async Task Refuses_a_body_that_is_not_the_request(string json, string because)
    {
        await using var host = await SmallHost.StartAsync(Types, SmallHost.Strict);

        var (status, body) = await host.SendAsync("POST", "/orders", json);

        Assert.Equal(400, status);
        Assert.Contains(because, Assert.Single(SmallHost.Errors(body, "serializerErrors")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_application_may_say_what_is_wrong_with_the_json()
    {
        await using var host = await SmallHost.StartAsync(Types, c =>
        {
            SmallHost.Strict(c);
            c.Binding.JsonExceptionTransformer = e => new ValidationFailure(e.Path, "bad") { ErrorCode = "MALFORMED" };
            c.Errors.ResponseBuilder = (failures, _, status) =>
                new { status, failures[0].ErrorCode, failures[0].PropertyName };
        });

        var (status, body) = await host.SendAsync("POST", "/orders", """{"lines":[{"quantity":true}]}""");

        Assert.Equal(400, status);
        Assert.Equal("""{"status":400,"errorCode":"MALFORMED","propertyName":"$.lines[0].quantity"}""", body);
    }

    [Theory]
    [InlineData("""{"Lines":[]}""", "Lines")]
    [InlineData("""{"lines":[{"SKU":"a"}]}""", "lines[0].SKU")]
    public async Task A_member_that_does_not_exist_is_called_what_the_client_calls_it(string json, string field)
    {
        await using var host = await SmallHost.StartAsync(Types, c =>
        {
            SmallHost.Strict(c);
            c.Binding.JsonExceptionTransformer = e => new ValidationFailure(e.Path![2..], "unknown");
        });

        var (status, body) = await host.SendAsync("POST", "/orders", json);

        Assert.Equal(400, status);
        Assert.Equal(["unknown"], SmallHost.Errors(body, field));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public async Task An_empty_body_is_an_empty_request_and_misses_every_member(string json)
    {
        await using var host = await SmallHost.StartAsync(Types, SmallHost.Strict);

        var (status, body) = await host.SendAsync("POST", "/orders", json);

        Assert.Equal(400, status);
        Assert.Single(SmallHost.Errors(body, "lines"));
    }

    [Fact]
    public async Task An_empty_body_of_unknown_length_is_an_empty_request()
    {
        await using var host = await SmallHost.StartAsync(Types, SmallHost.Strict);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders");
        request.Content = new StreamContent(new MemoryStream());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentLength = null;
        request.Headers.TransferEncodingChunked = true;

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Single(SmallHost.Errors(body, "lines"));
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/xml", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData(null, 415)]
    [InlineData("application/json; charset=\"utf-8\"", 200)]
    [InlineData("application/json;charset=UTF-8", 200)]
    public async Task Takes_json_only(string? contentType, int expected)
    {
        await using var host = await SmallHost.StartAsync(Types, SmallHost.Strict);

        var (status, body) = await host.SendAsync("POST", "/orders", Order, contentType);

        Assert.Equal(expected, status);
        if (expected == 415) Assert.Empty(body);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    public async Task An_endpoint_that_accepts_anything_still_reads_only_json(string? contentType)
    {
        await using var host = await SmallHost.StartAsync(Types, c => c.Endpoints.Configurator = ep =>
            ep.Description(b => b.Accepts<PlaceRequest>("*/*", "application/json")));

        var (status, body) = await host.SendAsync("POST", "/orders", Order, contentType);

        Assert.Equal(400, status);
        Assert.Single(SmallHost.Errors(body, "lines"));
    }

    [Fact]
    public async Task Skips_a_byte_order_mark()
    {
        await using var host = await SmallHost.StartAsync(Types, SmallHost.Strict);

        var (status, _) = await host.SendAsync(
            "POST", "/orders", Encoding.UTF8.GetString(Encoding.UTF8.Preamble) + Order);

        Assert.Equal(200, status);
    }

    [Fact]
    public async Task What_the_server_refuses_to_read_is_not_called_bad_json()
    {
        await using var host = await SmallHost.StartAsync(
            [typeof(Place)], services: s => s.AddSingleton<IStartupFilter, TooLarge>());

        var refused = await Assert.ThrowsAsync<BadHttpRequestException>(() => host.SendAsync("POST", "/orders", "{}"));

        Assert.Equal(413, refused.StatusCode);
    }

    public sealed record PlaceRequest(IReadOnlyList<PlaceRequest.Line> Lines, string? Note = null)
    {
        public sealed record Line(string Sku, int Quantity);
    }

    public sealed class PlaceValidator : Validator<PlaceRequest>
    {
        public PlaceValidator() => RuleFor(r => r.Lines).NotEmpty();
    }

    public sealed record PlaceResponse(string Text);

    public sealed class Place : Endpoint<PlaceRequest, PlaceResponse>
    {
        public override void Configure()
        {
            Post("/orders");
            AllowAnonymous();
        }

        public override Task HandleAsync(PlaceRequest req, CancellationToken ct)
            => Send.OkAsync(new($"{string.Join(',', req.Lines.Select(l => $"{l.Sku}*{l.Quantity}"))} {req.Note}"), ct);
    }

    sealed class TooLarge : MemoryStream, IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, go) =>
            {
                context.Request.Body = this;
                return go(context);
            });
            next(app);
        };

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => throw new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
    }
}
