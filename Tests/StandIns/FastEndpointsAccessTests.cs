namespace Tests.StandIns;

public sealed class FastEndpointsAccessTests
{
    [Theory]
    [InlineData("/secret", null, 401)]
    [InlineData("/secret", "name=a", 200)]
    [InlineData("/admins", "role=user", 403)]
    [InlineData("/admins", "role=support", 200)]
    [InlineData("/claimed", "name=a", 403)]
    [InlineData("/claimed", "team=x,verified=no", 403)]
    [InlineData("/claimed", "team=x,verified=yes", 200)]
    [InlineData("/plain", null, 200)]
    public async Task Lets_in_whom_the_endpoint_lets_in(string path, string? user, int expected)
    {
        await using var host = await SmallHost.StartAsync(
            [typeof(Secret), typeof(Admins), typeof(Claimed), typeof(FastEndpointsStartTests.Plain)]);

        Assert.Equal(expected, (await host.SendAsync("GET", path, user: user)).Status);
    }

    [Fact]
    public async Task Callers_are_refused_before_their_body_is_looked_at()
    {
        await using var host = await SmallHost.StartAsync([typeof(FastEndpointsBindingTests.Whole)]);

        Assert.Equal(401, (await host.SendAsync("PUT", "/whole/x", "{")).Status);
    }

    public sealed class Secret() : FastEndpointsStartTests.Answers("secret")
    {
        public override void Configure() => Get("/secret");
    }

    public sealed class Admins() : FastEndpointsStartTests.Answers("admins")
    {
        public override void Configure()
        {
            Get("/admins");
            Roles("admin", "support");
        }
    }

    public sealed class Claimed() : FastEndpointsStartTests.Answers("claimed")
    {
        public override void Configure()
        {
            Get("/claimed");
            Claims("team", "squad");
            Policies("verified");
        }
    }
}
