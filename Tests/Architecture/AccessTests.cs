using System.Text.RegularExpressions;
using FastEndpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Architecture;

/// <summary>Every route that there is, called by everybody that there is, against <c>access.txt</c>.</summary>
public sealed partial class AccessTests(App app)
{
    static readonly List<(string Method, string Route, string Who)> Expected = [.. File
        .ReadLines(Path.Combine(AppContext.BaseDirectory, "Architecture", "access.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(words => (words[0], words[1], words[2]))];

    [Fact]
    public void The_list_names_every_route_and_no_other()
    {
        var routes = app.Services.GetServices<EndpointDataSource>()
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<EndpointDefinition>() is not null)
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                .Select(method => $"{method} /{Constraint().Replace(route.RoutePattern.RawText!.TrimStart('/'), "}")}"))
            .ToHashSet();
        Assert.NotEmpty(routes);
        var listed = Expected.Select(e => $"{e.Method} {e.Route}").ToList();
        Offences.None("Not in Tests/Architecture/access.txt", routes.Except(listed));
        Offences.None("Only in Tests/Architecture/access.txt", listed.Except(routes));
        Assert.Equal(routes.Count, listed.Count);
    }

    [Fact]
    public async Task Nobody_gets_further_than_the_list_says()
    {
        var (_, ended) = await app.SignedInAsync();
        await app.SendAsync(HttpMethod.Post, "/api/v1/auth/logout", null, ("Authorization", $"Bearer {ended}"));
        foreach (var (method, route, who) in Expected)
        {
            if (who == "anyone")
            {
                Assert.NotEqual(HttpStatusCode.Unauthorized, (await CallAsync(method, route, null)).StatusCode);
                continue;
            }

            await CallAsync(method, route, null).ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            await CallAsync(method, route, ended).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
            // Each time somebody new: the call may end the session.
            var asUser = await CallAsync(method, route, (await app.SignedInAsync()).Token);
            if (who == "admin")
                await asUser.ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
            else
                Assert.False(IsRefusal(asUser), $"{method} {route} refuses a user");
            var asAdmin = await CallAsync(method, route, (await app.AdministratorAsync()).Token);
            Assert.False(IsRefusal(asAdmin), $"{method} {route} refuses an administrator");
        }
    }

    static bool IsRefusal(HttpResponseMessage response)
        => response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    Task<HttpResponseMessage> CallAsync(string method, string route, string? token)
    {
        var path = route.Replace("{id}", Guid.CreateVersion7().ToString(), StringComparison.Ordinal);
        return token is null
            ? app.SendAsync(new HttpMethod(method), path)
            : app.SendAsync(new HttpMethod(method), path, null, ("Authorization", $"Bearer {token}"));
    }

    [GeneratedRegex(":[^}]*}")]
    private static partial Regex Constraint();
}
