using System.Collections.Concurrent;
using System.Text.Json;

namespace Tests.Features.Products;

public sealed class UpdateTests(App app)
{
    const string Route = "/api/v1/products";

    [Theory]
    [InlineData("name", "\"Another\"")]
    [InlineData("priceMinor", "9007199254740991")]
    [InlineData("currency", "\"JPY\"")]
    [InlineData("stock", "0")]
    public async Task Changes_only_what_is_sent_and_raises_the_version(string member, string value)
    {
        var (id, (_, admin)) = (await app.ProductAsync(), await app.AdministratorAsync());
        var before = await GetAsync(id);
        var response = await PatchAsync(admin, id, $$"""{"{{member}}":{{value}}}""", "\"1\"");
        var after = await response.DataAsync(HttpStatusCode.OK);
        Assert.Equal("\"2\"", response.Headers.ETag?.ToString());
        Assert.Equal(after.GetRawText(), (await GetAsync(id)).GetRawText());
        foreach (var field in before.EnumerateObject())
        {
            var expected = field.Name == member ? value : field.Name == "version" ? "2" : field.Value.GetRawText();
            Assert.Equal(expected, after.GetProperty(field.Name).GetRawText());
        }
    }

    [Fact]
    public async Task Is_found_by_its_new_words_and_no_longer_by_the_old_ones()
    {
        var (_, admin) = await app.AdministratorAsync();
        var (old, kept, now) = ($"a{Guid.NewGuid():N}", $"b{Guid.NewGuid():N}", $"c{Guid.NewGuid():N}");
        var id = await app.ProductAsync(name: $"{old} {kept}", sku: $"{old}x");
        await PatchAsync(admin, id, $$"""{"name":"{{kept}} {{now}}"}""", "\"1\"").DataAsync(HttpStatusCode.OK);
        Assert.Equal("1 1 1", $"{await FoundAsync(old)} {await FoundAsync(kept)} {await FoundAsync(now)}");
        await PatchAsync(admin, id, $$"""{"sku":"{{now}}y"}""", "\"2\"").DataAsync(HttpStatusCode.OK);
        Assert.Equal("0 1 1", $"{await FoundAsync(old)} {await FoundAsync(kept)} {await FoundAsync($"{now}y")}");
    }

    [Fact]
    public async Task Lets_one_of_many_win_who_read_the_same_version()
    {
        var (id, (_, admin)) = (await app.ProductAsync(), await app.AdministratorAsync());
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(i => PatchAsync(admin, id, $$"""{"stock":{{i}}}""", "\"1\"")));
        var winner = Assert.Single(responses, r => r.StatusCode == HttpStatusCode.OK);
        foreach (var loser in responses.Where(r => r.StatusCode != HttpStatusCode.OK))
            await loser.ErrorAsync(HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
        Assert.Equal((await winner.DataAsync(HttpStatusCode.OK)).GetRawText(), (await GetAsync(id)).GetRawText());
    }

    [Fact]
    public async Task Is_never_read_older_than_it_was_acknowledged()
    {
        var (id, (_, admin)) = (await app.ProductAsync(), await app.AdministratorAsync());
        var (acknowledged, isDone, older) = (1L, false, new ConcurrentQueue<(long, long)>());
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isDone))
            {
                var least = Volatile.Read(ref acknowledged);
                var version = (await GetAsync(id)).GetProperty("version").GetInt64();
                if (version < least)
                    older.Enqueue((version, least));
            }
        })).ToList();
        for (var version = 1L; version <= 200; version++)
        {
            await PatchAsync(admin, id, $$"""{"stock":{{version}}}""", $"\"{version}\"").DataAsync(HttpStatusCode.OK);
            Volatile.Write(ref acknowledged, version + 1);
            Assert.Equal(version, (await GetAsync(id)).GetProperty("stock").GetInt64());
        }

        Volatile.Write(ref isDone, true);
        await Task.WhenAll(readers);
        Assert.Empty(older);
    }

    [Fact]
    public async Task Is_seen_in_lists_at_once()
    {
        var ((_, admin), word) = (await app.AdministratorAsync(), $"w{Guid.NewGuid():N}");
        var id = await app.ProductAsync(name: word);
        for (var version = 1; version <= 10; version++)
        {
            await PatchAsync(admin, id, $$"""{"stock":{{version}}}""", $"\"{version}\"").DataAsync(HttpStatusCode.OK);
            var list = await app.SendAsync(HttpMethod.Get, $"{Route}?q={word}").DataAsync(HttpStatusCode.OK);
            Assert.Equal(version, list[0].GetProperty("stock").GetInt32());
        }
    }

    [Theory]
    [InlineData(null, HttpStatusCode.PreconditionRequired, "PRECONDITION_REQUIRED")]
    [InlineData("\"2\"", HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")]
    [InlineData("W/\"1\"", HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED")]
    [InlineData("1", HttpStatusCode.BadRequest, "VALIDATION_ERROR")]
    public async Task Refuses_to_change_a_version_that_was_not_named(
        string? ifMatch, HttpStatusCode status, string code)
    {
        var (id, (_, admin)) = (await app.ProductAsync(), await app.AdministratorAsync());
        await PatchAsync(admin, id, """{"stock":0}""", ifMatch).ErrorAsync(status, code);
        await PatchAsync(admin, id, "{}", ifMatch).ErrorAsync(status, code);
        Assert.Equal(1, (await GetAsync(id)).GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task Changes_nothing_when_nothing_is_sent()
    {
        var (id, (_, admin)) = (await app.ProductAsync(), await app.AdministratorAsync());
        var product = await PatchAsync(admin, id, "{}", "*").DataAsync(HttpStatusCode.OK);
        Assert.Equal(1, product.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData("""{"sku":null}""", "sku")]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"priceMinor":null}""", "priceMinor")]
    [InlineData("""{"currency":null}""", "currency")]
    [InlineData("""{"stock":null}""", "stock")]
    [InlineData("""{"sku":"a b","name":"","stock":-1}""", "name", "sku", "stock")]
    [InlineData("""{"priceMinor":0,"currency":""}""", "currency", "priceMinor")]
    [InlineData("""{"priceMinor":9007199254740992}""", "priceMinor")]
    [InlineData("""{"stock":1000000001}""", "stock")]
    [InlineData("""{"stock":1.0}""", "stock")]
    [InlineData("""{"version":7}""", "version")]
    [InlineData("""{"id":"01a1fdef-2c23-7a42-a72e-7203d30dd65b"}""", "id")]
    [InlineData("""{"Stock":5}""", "Stock")]
    [InlineData("[]", "body")]
    public async Task Refuses_a_body_that_is_not_as_it_should_be(string body, params string[] fields)
    {
        var (id, (_, admin)) = (await app.ProductAsync(), await app.AdministratorAsync());
        Assert.Equal(fields, await PatchAsync(admin, id, body, "\"1\"").RefusedFieldsAsync());
        Assert.Equal(1, (await GetAsync(id)).GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task Refuses_a_sku_that_another_product_has()
    {
        var (id, (_, admin)) = (await app.ProductAsync(), await app.AdministratorAsync());
        var sku = $"{Guid.NewGuid():N}";
        await app.ProductAsync(sku: sku);
        await PatchAsync(admin, id, $$"""{"sku":"{{sku}}","stock":0}""", "*")
            .ErrorAsync(HttpStatusCode.Conflict, "CONFLICT");
        Assert.Equal(10, (await GetAsync(id)).GetProperty("stock").GetInt32());
    }

    [Fact]
    public async Task Finds_nothing_where_nothing_is()
    {
        var (_, admin) = await app.AdministratorAsync();
        foreach (var body in new[] { "{}", """{"stock":1}""" })
            await PatchAsync(admin, Guid.CreateVersion7(), body, "*").ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Is_for_administrators_and_says_so_before_it_looks_at_anything()
    {
        var (id, (_, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        await PatchAsync(token, id, "{", null).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        await app.SendAsync(HttpMethod.Patch, $"{Route}/{id}", Requests.Json("{}"))
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    Task<HttpResponseMessage> PatchAsync(string token, Guid id, string json, string? ifMatch)
        => app.SendJsonAsync(HttpMethod.Patch, $"{Route}/{id}", token, json, ifMatch);

    Task<JsonElement> GetAsync(Guid id) => app.SendAsync(HttpMethod.Get, $"{Route}/{id}").DataAsync(HttpStatusCode.OK);

    async Task<int> FoundAsync(string search)
        => (await app.SendAsync(HttpMethod.Get, $"{Route}?q={search}").DataAsync(HttpStatusCode.OK)).GetArrayLength();
}
