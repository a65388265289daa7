namespace Tests.Features.Auth;

/// <summary>What somebody meets who guesses passwords, and what the owner notices of it.</summary>
public sealed class GuessingTests(LimitedServer server) : IClassFixture<LimitedServer>
{
    [Fact]
    public async Task The_sixth_try_in_a_minute_is_not_looked_at_and_says_when_to_come_again()
    {
        var (here, person) = (server.NewAddress(), await server.PersonAsync());
        for (var i = 0; i < 5; i++)
            await WrongAsync(here, person).ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        var refused = await server.LogInAsync(here, person.Email, person.Password);
        await refused.RefusedAsync();
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_owner_gets_in_from_another_address_and_so_do_others_from_this_one()
    {
        var (here, person, other) = (server.NewAddress(), await server.PersonAsync(), await server.PersonAsync());
        for (var i = 0; i < 6; i++)
            await WrongAsync(here, person);
        await server.LogInAsync(server.NewAddress(), person.Email, person.Password).DataAsync(HttpStatusCode.OK);
        await server.LogInAsync(here, other.Email, other.Password).DataAsync(HttpStatusCode.OK);
        await server.LogInAsync(here, person.Email.ToUpperInvariant(), person.Password).RefusedAsync();
    }

    [Fact]
    public async Task Nobody_learns_from_it_who_has_an_account()
    {
        var person = await server.PersonAsync();
        var (known, unknown) = (server.NewAddress(), server.NewAddress());
        for (var i = 0; i < 8; i++)
        {
            var one = await WrongAsync(known, person);
            var other = await WrongAsync(unknown, person with { Email = $"nobody-{person.Email}" });
            Assert.Equal(i < 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, one.StatusCode);
            Assert.Equal(one.StatusCode, other.StatusCode);
            Assert.Equal(Headers(one), Headers(other));
            Assert.Equal(Left(one), Left(other));
        }
    }

    [Fact]
    public async Task Four_wrong_ones_before_each_right_one_are_nobodys_business()
    {
        var (here, person) = (server.NewAddress(), await server.PersonAsync());
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 4; i++)
                await WrongAsync(here, person).ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
            await server.LogInAsync(here, person.Email, person.Password).DataAsync(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Guessing_the_current_password_of_an_open_session_counts_as_well()
    {
        var (here, (person, token)) = (server.NewAddress(), await server.SignedInAsync());
        for (var i = 0; i < 3; i++)
            await ChangeAsync("not the password").ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        for (var i = 0; i < 2; i++)
            await WrongAsync(here, person).ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        var refused = await ChangeAsync(person.Password);
        await refused.RefusedAsync();
        Assert.NotNull(refused.Headers.RetryAfter);
        await server.LogInAsync(server.NewAddress(), person.Email, person.Password).DataAsync(HttpStatusCode.OK);

        Task<HttpResponseMessage> ChangeAsync(string currentPassword)
            => server.SendAsync(
                here,
                HttpMethod.Post,
                "/api/v1/auth/password",
                new { currentPassword, newPassword = "another fine password" },
                ("Authorization", $"Bearer {token}"));
    }

    Task<HttpResponseMessage> WrongAsync(string from, Person person)
        => server.LogInAsync(from, person.Email, "not the password");

    static IEnumerable<string> Headers(HttpResponseMessage response)
        => response.Headers.Concat(response.Content.Headers).Select(header => header.Key);

    static IEnumerable<(string, long)> Left(HttpResponseMessage response)
        => response.Field("RateLimit").Select(limit => (limit.Name, limit.Parameters["r"]));
}
