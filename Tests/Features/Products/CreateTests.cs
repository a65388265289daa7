using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Tests.Features.Products;

public sealed class CreateTests(App app)
{
    const string Route = "/api/v1/products";

    [Fact]
    public async Task Puts_up_a_product_that_anyone_finds_at_its_location()
    {
        var (_, admin) = await app.AdministratorAsync();
        var sku = $"{Guid.NewGuid():N}";
        var response = await app.SendJsonAsync(HttpMethod.Post, Route, admin, Body(sku));
        var product = await response.DataAsync(HttpStatusCode.Created);
        Assert.Equal(
            ["id", "sku", "name", "priceMinor", "currency", "stock", "version"],
            product.EnumerateObject().Select(member => member.Name));
        Assert.Equal($"{Route}/{product.GetProperty("id").GetString()}", response.Headers.Location!.OriginalString);
        Assert.Equal(sku, product.GetProperty("sku").GetString());
        Assert.Equal(1, product.GetProperty("version").GetInt64());

        var found = await app.SendAsync(HttpMethod.Get, response.Headers.Location.OriginalString)
            .DataAsync(HttpStatusCode.OK);
        Assert.Equal(product.GetRawText(), found.GetRawText());
        Assert.Equal(1, await CountAsync(sku));
    }

    [Theory]
    [InlineData("sku", "null", "sku")]
    [InlineData("sku", "\"\"", "sku")]
    [InlineData("sku", "\"a b\"", "sku")]
    [InlineData("sku", "\"a\\u200bb\"", "sku")]
    [InlineData("sku", "\"a\\u0000b\"", "sku")]
    [InlineData("sku", "\"123456789012345678901234567890123456789012345678901\"", "sku")]
    [InlineData("sku", "5", "sku")]
    [InlineData("name", "null", "name")]
    [InlineData("name", "\" \"", "name")]
    [InlineData("name", "\"two\\nlines\"", "name")]
    [InlineData("priceMinor", "0", "priceMinor")]
    [InlineData("priceMinor", "-1", "priceMinor")]
    [InlineData("priceMinor", "9007199254740992", "priceMinor")]
    [InlineData("priceMinor", "9223372036854775808", "priceMinor")]
    [InlineData("priceMinor", "1.0", "priceMinor")]
    [InlineData("priceMinor", "\"5\"", "priceMinor")]
    [InlineData("currency", "\"eur\"", "currency")]
    [InlineData("currency", "\"XXX\"", "currency")]
    [InlineData("currency", "null", "currency")]
    [InlineData("stock", "null", "stock")]
    [InlineData("stock", "-1", "stock")]
    [InlineData("stock", "1000000001", "stock")]
    [InlineData("stock", "2147483648", "stock")]
    [InlineData("stock", "1.5", "stock")]
    [InlineData("id", "\"01a1fdef-2c23-7a42-a72e-7203d30dd65b\"", "id")]
    [InlineData("version", "7", "version")]
    [InlineData("createdAt", "\"2026-01-01T00:00:00Z\"", "createdAt")]
    public async Task Refuses_a_member_that_is_not_as_it_should_be(string member, string value, string field)
    {
        var (_, admin) = await app.AdministratorAsync();
        var sku = $"{Guid.NewGuid():N}";
        var body = Body(sku, member, value);
        Assert.Equal([field], await app.SendJsonAsync(HttpMethod.Post, Route, admin, body).RefusedFieldsAsync());
        Assert.Equal(0, await CountAsync(sku));
    }

    [Fact]
    public async Task Names_every_field_that_is_missing()
    {
        var (_, admin) = await app.AdministratorAsync();
        Assert.Equal(
            ["currency", "name", "priceMinor", "sku", "stock"],
            await app.SendJsonAsync(HttpMethod.Post, Route, admin, "{}").RefusedFieldsAsync());
    }

    [Theory]
    [InlineData("stock")]
    [InlineData("priceMinor")]
    [InlineData("id")]
    public async Task Lets_no_query_overrule_the_body(string name)
    {
        var (_, admin) = await app.AdministratorAsync();
        var sku = $"{Guid.NewGuid():N}";
        var response = await app.SendJsonAsync(HttpMethod.Post, $"{Route}?{name}=5", admin, Body(sku));
        Assert.Equal([name], await response.RefusedFieldsAsync());
        Assert.Equal(0, await CountAsync(sku));
    }

    [Fact]
    public async Task Lets_one_of_many_win_who_add_the_same_sku()
    {
        var (_, admin) = await app.AdministratorAsync();
        var sku = $"{Guid.NewGuid():N}";
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => app.SendJsonAsync(HttpMethod.Post, Route, admin, Body(sku))));
        Assert.Single(responses, r => r.StatusCode == HttpStatusCode.Created);
        foreach (var loser in responses.Where(r => r.StatusCode != HttpStatusCode.Created))
            await loser.ErrorAsync(HttpStatusCode.Conflict, "CONFLICT");
        Assert.Equal(1, await CountAsync(sku));
    }

    [Fact]
    public async Task Is_for_administrators_and_says_so_before_it_looks_at_the_body()
    {
        var (_, token) = await app.SignedInAsync();
        await app.SendJsonAsync(HttpMethod.Post, Route, token, "{").ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        await app.PostAsync(Route, "{").ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    Task<int> CountAsync(string sku)
        => app.InDatabaseAsync(db => db.Products.CountAsync(p => p.Sku == sku, TestContext.Current.CancellationToken));

    // One member is another or is added.
    static string Body(string sku, string? member = null, string? value = null)
    {
        var members = new Dictionary<string, string>
        {
            ["sku"] = JsonSerializer.Serialize(sku),
            ["name"] = "\"A lamp\"",
            ["priceMinor"] = "1999",
            ["currency"] = "\"EUR\"",
            ["stock"] = "3",
        };
        if (member is not null)
            members[member] = value!;
        return $"{{{string.Join(',', members.Select(m => $"\"{m.Key}\":{m.Value}"))}}}";
    }
}
