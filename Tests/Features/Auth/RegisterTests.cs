using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Security;

namespace Tests.Features.Auth;

public sealed class RegisterTests(App app)
{
    const string Route = "/api/v1/auth/register";

    [Fact]
    public async Task Makes_an_account_and_says_where_it_is()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        var response = await RegisterAsync(email, "a fine password", "Ada Lovelace");

        var user = await response.DataAsync(HttpStatusCode.Created);
        Assert.Equal(
            ["createdAt", "email", "id", "name", "roles", "updatedAt", "version"],
            user.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(email, user.GetProperty("email").GetString());
        Assert.Equal("Ada Lovelace", user.GetProperty("name").GetString());
        Assert.Equal("user", Assert.Single(user.GetProperty("roles").EnumerateArray()).GetString());
        Assert.Equal(1, user.GetProperty("version").GetInt64());
        Assert.Equal(7, user.GetProperty("id").GetGuid().Version);
        Assert.Equal($"/api/v1/users/{user.GetProperty("id").GetString()}", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Stores_the_password_as_an_argon2id_hash_with_a_salt_of_its_own()
    {
        const string Password = "the same password";
        var (one, other) = (await app.PersonAsync(password: Password), await app.PersonAsync(password: Password));
        var hashes = await app.InDatabaseAsync(db => db.Users
            .Where(u => u.Id == one.Id || u.Id == other.Id)
            .Select(u => u.PasswordHash)
            .ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, hashes.Distinct().Count());
        Assert.All(hashes, hash => Assert.StartsWith("$argon2id$v=19$m=64,t=1,p=1$", hash, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}", "email", "name", "password")]
    [InlineData("", "email", "name", "password")]
    [InlineData("null", "email", "name", "password")]
    [InlineData("""{"email":null,"password":null,"name":null}""", "email", "name", "password")]
    [InlineData("""{"email":"no-at-sign","password":"short","name":" "}""", "email", "name", "password")]
    [InlineData("""{"email":"somebody@example.com","name":"A"}""", "password")]
    [InlineData("""[]""", "body")]
    [InlineData("\"text\"", "body")]
    [InlineData("""{"email":5,"password":"a fine password","name":"A"}""", "email")]
    [InlineData("""{"email":["a@example.com"],"password":"a fine password","name":"A"}""", "email")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":true}""", "name")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":"A","isAdmin":true}""", "isAdmin")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":"A","roles":["admin"]}""", "roles")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","Name":"A"}""", "Name")]
    [InlineData(
        """{"email":"a@example.com","email":"b@example.com","password":"a fine password","name":"A"}""", "email")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":"\u0000"}""", "name")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":"a\u0000b"}""", "name")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":"a\nb"}""", "name")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":"a\u202eb"}""", "name")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":"\ufeffa"}""", "name")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","name":"\ud800"}""", "name")]
    [InlineData("""{"email":"a@example.com","password":"a fine \u0000password","name":"A"}""", "password")]
    [InlineData("""{"email":"a@example.com","password":"a fine \ud800password","name":"A"}""", "password")]
    public async Task Refuses_a_body_that_is_not_as_it_should_be_and_names_every_field(
        string body, params string[] fields)
    {
        var response = await app.PostAsync(Route, body);
        Assert.Equal(fields, await response.RefusedFieldsAsync());
        Assert.False(await ExistsAsync("a@example.com"));
    }

    [Theory]
    [InlineData("somebody")]
    [InlineData("a@")]
    [InlineData("@example.com")]
    [InlineData("a b@c.d")]
    [InlineData(" a@example.org")]
    [InlineData("a@example.org ")]
    [InlineData("a@b\r\nBcc:x")]
    [InlineData("a\0@b.c")]
    [InlineData("\"a\"@b.c")]
    [InlineData("a@[127.0.0.1]")]
    [InlineData("a@b@c.d")]
    [InlineData("a@example..org")]
    [InlineData("a＠example.org")]
    public async Task Refuses_what_is_no_email_address(string email)
    {
        var response = await RegisterAsync(email, "a fine password");
        Assert.Equal(["email"], await response.RefusedFieldsAsync());
        Assert.False(await ExistsAsync(email));
    }

    [Fact]
    public async Task Refuses_names_and_addresses_that_are_too_long()
    {
        var address = new string('a', 255 - "@example.com".Length) + "@example.com";
        Assert.Equal(["email"], await (await RegisterAsync(address, "a fine password")).RefusedFieldsAsync());
        foreach (var name in new[] { new string('n', 10_000), "e" + new string('\u0301', 1000) })
        {
            var refused = await RegisterAsync($"{Guid.NewGuid():N}@example.com", "a fine password", name);
            Assert.Equal(["name"], await refused.RefusedFieldsAsync());
        }
    }

    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(64, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    // Just below the megabyte that is read of a body.
    [InlineData(80_000, false)]
    public async Task Takes_passwords_of_8_to_128_characters(int length, bool fits)
    {
        foreach (var character in new[] { "ü", "🔑" })
        {
            var password = string.Concat(Enumerable.Repeat(character, length));
            var response = await RegisterAsync($"{Guid.NewGuid():N}@example.com", password);
            if (fits)
                await response.DataAsync(HttpStatusCode.Created);
            else
                Assert.Equal(["password"], await response.RefusedFieldsAsync());
        }
    }

    [Theory]
    [InlineData("password")]
    [InlineData("PASSWORD")]
    [InlineData("12345678")]
    [InlineData("qwertyuiop")]
    [InlineData("Passw0rd")]
    [InlineData("sliceapi1")]
    [InlineData("own-local-part")]
    public async Task Refuses_passwords_that_attackers_try_first(string password)
        => Assert.Equal(
            ["password"], await (await RegisterAsync("own-local-part@example.com", password)).RefusedFieldsAsync());

    [Fact]
    public void Knows_at_least_3000_common_passwords_that_are_long_enough()
    {
        using var list = typeof(Nfc).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        var words = new StreamReader(list).ReadToEnd().Split('\n').Where(w => w.Length >= 8 && w[0] != '#').ToList();
        Assert.True(words.Count >= 3000);
        Assert.All(words, word => Assert.True(word.Length <= 128));
    }

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaa")]
    [InlineData("correct horse battery staple")]
    [InlineData("4071859236140785")]
    [InlineData("          ")]
    public async Task Asks_nothing_of_what_a_password_is_composed_of(string password)
        => await (await RegisterAsync($"{Guid.NewGuid():N}@example.com", password)).DataAsync(HttpStatusCode.Created);

    [Fact]
    public async Task Refuses_an_address_that_has_an_account_in_whatever_spelling()
    {
        var unique = Guid.NewGuid().ToString("N");
        await app.PersonAsync($"ré.Kelvin.{unique}@Example.com");
        foreach (var same in new[] { "RÉ.KELVIN", "re\u0301.kelvin", "ré.\u212Aelvin" })
        {
            var response = await RegisterAsync($"{same}.{unique}@example.COM", "a fine password");
            await response.ErrorAsync(HttpStatusCode.Conflict, "EMAIL_TAKEN");
        }
    }

    [Fact]
    public async Task Says_that_a_password_is_bad_before_it_says_that_an_address_is_taken()
    {
        var person = await app.PersonAsync();
        Assert.Equal(["password"], await (await RegisterAsync(person.Email, "password")).RefusedFieldsAsync());
    }

    [Fact]
    public async Task Gives_an_address_to_one_of_many_who_register_it_at_once()
    {
        var unique = Guid.NewGuid().ToString("N");
        string[] spellings = ["é", "É", "e\u0301", "E\u0301"];
        var responses = await Task.WhenAll(Enumerable.Range(0, 64)
            .Select(i => RegisterAsync($"{spellings[i % 4]}.{unique}@example.com", "a fine password")));

        await Assert.Single(responses, r => r.StatusCode == HttpStatusCode.Created).DataAsync(HttpStatusCode.Created);
        foreach (var refused in responses.Where(r => r.StatusCode != HttpStatusCode.Created))
        {
            // Whoever found too many hashes waiting was not told whether the address is free.
            if (refused.StatusCode == HttpStatusCode.ServiceUnavailable)
                await refused.ErrorAsync(HttpStatusCode.ServiceUnavailable, "OVERLOADED");
            else
                await refused.ErrorAsync(HttpStatusCode.Conflict, "EMAIL_TAKEN");
        }

        Assert.Equal(1, await app.InDatabaseAsync(db => db.Users
            .CountAsync(u => u.EmailKey.EndsWith($"{unique}@example.com"), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Takes_nothing_from_headers_and_refuses_a_query()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        var body = JsonSerializer.Serialize(new { email, password = "a fine password", name = "Ada" });
        var fields = await app.PostAsync($"{Route}?email=other@example.com&Name=Other&x=1", body).RefusedFieldsAsync();
        Assert.Equal(["Name", "email", "x"], fields);
        Assert.False(await ExistsAsync(email));

        var response = await app.SendAsync(
            HttpMethod.Post,
            Route,
            Requests.Json(body),
            ("Name", "Other"), ("Email", "other@example.com"), ("Cookie", "name=Other"));
        var user = await response.DataAsync(HttpStatusCode.Created);
        Assert.Equal(email, user.GetProperty("email").GetString());
        Assert.Equal("Ada", user.GetProperty("name").GetString());
    }

    Task<HttpResponseMessage> RegisterAsync(string email, string password, string name = "Somebody")
        => app.PostAsync(Route, JsonSerializer.Serialize(new { email, password, name }));

    Task<bool> ExistsAsync(string email)
        => app.InDatabaseAsync(db => db.Users.AnyAsync(u => u.Email == email, TestContext.Current.CancellationToken));
}
