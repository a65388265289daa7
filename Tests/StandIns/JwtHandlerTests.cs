using System.Security.Claims;
using FastEndpoints.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Tests.StandIns;

/// <summary>The authentication scheme in a request pipeline.</summary>
public sealed class JwtHandlerTests
{
    const string Key = "a signing key of rather more than 32 bytes";

    static readonly string Token = JwtBearer.CreateToken(o =>
    {
        o.SigningKey = Key;
        o.ExpireAt = DateTime.UtcNow.AddMinutes(15);
        o.User.Roles.Add("user");
        o.User.Claims.Add(("sub", "0198"));
    });

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static async Task<IHost> StartAsync(string? key = Key, TimeSpan ahead = default)
    {
        var host = new HostBuilder().ConfigureWebHost(web => web.UseTestServer()
            .ConfigureServices(services =>
            {
                services.AddSingleton<TimeProvider>(new ShiftedClock(ahead));
                services.AddAuthenticationJwtBearer(s => s.SigningKey = key);
                services.AddAuthorizationBuilder().AddPolicy("admin", p => p.RequireRole("admin"));
                services.AddRouting();
            })
            .Configure(app => app.UseRouting().UseAuthentication().UseAuthorization().UseEndpoints(e =>
            {
                e.MapGet("/me", (ClaimsPrincipal user) => $"{user.FindFirstValue("sub")} {user.IsInRole("user")}")
                    .RequireAuthorization();
                e.MapGet("/admin", () => "admin").RequireAuthorization("admin");
                e.MapGet("/open", (ClaimsPrincipal user) => user.Identity!.IsAuthenticated);
                e.MapGet("/out", (HttpContext http) => http.ChallengeAsync());
            }))).Build();
        await host.StartAsync(Cancelled);
        return host;
    }

    static async Task<(HttpStatusCode Status, string? Challenge, string Body)> GetAsync(
        IHost host, string path, params string[] authorization)
    {
        using var client = host.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (authorization.Length > 0) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await client.SendAsync(request, Cancelled);
        var challenge = response.Headers.TryGetValues("WWW-Authenticate", out var values)
            ? string.Join('|', values)
            : null;
        return (response.StatusCode, challenge, await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("bearer ")]
    [InlineData("BEARER ")]
    [InlineData("Bearer   ")]
    public async Task Signs_the_caller_in_by_the_header(string scheme)
    {
        using var host = await StartAsync();
        Assert.Equal((HttpStatusCode.OK, null, "0198 True"), await GetAsync(host, "/me", scheme + Token));
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic YTpi", "Basic YTpi")]
    public async Task Asks_for_a_token_when_none_was_given(params string[] authorization)
    {
        using var host = await StartAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer", ""), await GetAsync(host, "/me", authorization));
    }

    [Fact]
    public async Task Takes_no_token_from_the_query_or_a_cookie()
    {
        using var host = await StartAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer", ""), await GetAsync(host, $"/me?access_token={Token}"));

        using var client = host.GetTestClient();
        client.DefaultRequestHeaders.Add("Cookie", $"access_token={Token}; Authorization=Bearer {Token}");
        using var response = await client.GetAsync("/me", Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Says_that_a_bad_token_is_bad()
    {
        using var host = await StartAsync();
        const string Malformed = "Bearer error=\"invalid_token\"";
        const string BadSignature = "Bearer error=\"invalid_token\", error_description=\"The signature is invalid\"";

        async Task AnswersAsync(string challenge, params string[] authorization)
            => Assert.Equal((HttpStatusCode.Unauthorized, challenge, ""), await GetAsync(host, "/me", authorization));

        await AnswersAsync(Malformed, "Bearer x");
        await AnswersAsync(Malformed, $"Bearer {Token} {Token}");
        await AnswersAsync(Malformed, $"Bearer {Token}", $"Bearer {Token}");
        await AnswersAsync(Malformed, "Basic YTpi", $"Bearer {Token}");
        await AnswersAsync(BadSignature, $"Bearer {Token[..^2]}AA");
    }

    [Fact]
    public async Task Tells_an_expired_token_from_a_bad_one()
    {
        using var host = await StartAsync(ahead: TimeSpan.FromMinutes(17));
        var (status, challenge, body) = await GetAsync(host, "/me", $"Bearer {Token}");

        Assert.Equal((HttpStatusCode.Unauthorized, ""), (status, body));
        Assert.Matches(
            """^Bearer error="invalid_token", """
                + """error_description="The token expired at '\d\d/\d\d/\d{4} \d\d:\d\d:\d\d'"$""",
            challenge);
        Assert.DoesNotContain("expired", (await GetAsync(host, "/me", $"Bearer {Token[..^2]}AA")).Challenge);
    }

    [Fact]
    public async Task Says_that_a_token_is_too_early()
    {
        using var host = await StartAsync(ahead: TimeSpan.FromMinutes(-5));
        var (_, challenge, _) = await GetAsync(host, "/me", $"Bearer {Token}");
        Assert.StartsWith(
            "Bearer error=\"invalid_token\", error_description=\"The token is not valid before '", challenge);
    }

    [Fact]
    public async Task Refuses_a_missing_role_without_a_body()
    {
        using var host = await StartAsync();
        Assert.Equal((HttpStatusCode.Forbidden, null, ""), await GetAsync(host, "/admin", $"Bearer {Token}"));
    }

    [Fact]
    public async Task Lets_everyone_in_where_nobody_need_sign_in()
    {
        using var host = await StartAsync();
        Assert.Equal((HttpStatusCode.OK, null, "true"), await GetAsync(host, "/open", $"Bearer {Token}"));
        Assert.Equal((HttpStatusCode.OK, null, "false"), await GetAsync(host, "/open", "Bearer x"));
        Assert.Equal((HttpStatusCode.OK, null, "false"), await GetAsync(host, "/open"));
    }

    [Fact]
    public async Task Names_no_error_when_the_application_refuses_a_good_token()
    {
        using var host = await StartAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer", ""), await GetAsync(host, "/out", $"Bearer {Token}"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("31 bytes are one byte too few..")]
    public async Task Does_not_start_with_a_short_key(string? key)
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(key));
        Assert.DoesNotContain("too few", e.Message);
    }

    sealed class ShiftedClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }
}
