using System.Text.Json;

namespace Tests.Features.Products;

public sealed class ListTests(App app)
{
    const string Route = "/api/v1/products";

    [Fact]
    public async Task Walks_from_the_newest_on_past_what_is_added_meanwhile()
    {
        var word = Word();
        var ids = new List<Guid>();
        for (var i = 0; i < 7; i++)
            ids.Add(await app.ProductAsync(name: word));

        var walked = new List<Guid>();
        string? cursor = null;
        do
        {
            var (page, next) = await PageAsync($"limit=2&q={word}{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.InRange(page.Count, 1, 2);
            walked.AddRange(page);
            cursor = next;
            await app.ProductAsync(name: word);
        }
        while (cursor is not null);
        Assert.Equal(ids.OrderDescending(), walked);
    }

    [Fact]
    public async Task Walks_through_everything()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
            ids.Add(await app.ProductAsync());

        var walked = new List<Guid>();
        for (string? cursor = ""; cursor is not null;)
        {
            var (page, next) = await PageAsync(cursor.Length == 0 ? "limit=2" : $"limit=2&cursor={cursor}");
            walked.AddRange(page);
            cursor = next;
        }

        Assert.Equal(walked.OrderDescending(), walked);
        Assert.Equal(walked.Distinct(), walked);
        Assert.Subset(walked.ToHashSet(), ids.ToHashSet());
    }

    [Theory]
    [InlineData("lamp", true)]
    [InlineData("LAMP", true)]
    [InlineData("la", true)]
    [InlineData("table la", true)]
    [InlineData("la, TABLE!", true)]
    [InlineData("elephant", true)]
    [InlineData("stra\u00dfe", true)]
    [InlineData("E\u0301l", true)]
    [InlineData("42", true)]
    [InlineData("sk", true)]
    [InlineData("\u0939\u093f", true)]
    [InlineData("\ud801\udc28", true)]
    [InlineData("amp", false)]
    [InlineData("lamp chair", false)]
    [InlineData("lamps", false)]
    [InlineData("\u0939\u0940", false)]
    [InlineData("%", false)]
    [InlineData("l%", true)]
    [InlineData("l_mp", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    [InlineData("   ", false)]
    [InlineData("-- '; DROP TABLE Products;", false)]
    public async Task Finds_products_by_the_beginnings_of_their_words(string search, bool isFound)
    {
        var word = Word();
        var id = await app.ProductAsync(
            name: $"Table-lamp {word}, \u00e9L\u00e9phant + elephant; Stra\u00dfe 42 "
                + "\u0939\u093f\u0928 \ud801\udc00\ud801\udc01",
            sku: $"SK-{word}");
        var asked = search.Length == 0 ? "" : $"{search} {word}";
        var (found, _) = await PageAsync($"limit=100&q={Uri.EscapeDataString(asked)}");
        // The word alone finds it: what has no word in it changes nothing.
        var isNoWord = search.Length > 0 && !search.Any(char.IsLetterOrDigit) && !search.Any(char.IsSurrogate);
        Assert.Equal(isFound || isNoWord ? [id] : [], found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("%20")]
    [InlineData("%25")]
    [InlineData("*")]
    [InlineData("_-!")]
    public async Task Finds_nothing_by_what_is_no_word(string search)
    {
        await app.ProductAsync(name: "100% _ * wool");
        Assert.Empty((await PageAsync($"q={search}")).Rows);
    }

    [Fact]
    public async Task Finds_words_that_go_on_with_any_character()
    {
        var word = Word();
        var id = await app.ProductAsync(name: $"{word}\ud83a\udd00");
        Assert.Equal([id], (await PageAsync($"q={word}")).Rows);
    }

    [Fact]
    public async Task Shows_what_was_added_at_once()
    {
        var word = Word();
        for (var count = 1; count <= 20; count++)
        {
            Assert.Equal(count - 1, (await PageAsync($"q={word}")).Rows.Count);
            var id = await app.ProductAsync(name: word);
            Assert.Contains(id, (await PageAsync($"q={word}")).Rows);
            Assert.Contains(id, (await PageAsync("limit=100")).Rows);
        }
    }

    [Fact]
    public async Task Takes_a_cursor_from_anyone_but_for_its_own_search_alone()
    {
        var (word, other) = (Word(), Word());
        for (var i = 0; i < 3; i++)
            await app.ProductAsync(name: $"{word} {other}");
        var (_, cursor) = await PageAsync($"limit=1&q={word}");
        var (_, token) = await app.SignedInAsync();
        await app.GetAsync($"{Route}?q={word}&cursor={cursor}", token).DataAsync(HttpStatusCode.OK);
        string[] others =
            [$"q={other}&cursor={cursor}", $"cursor={cursor}", $"q={word}&cursor={cursor}A", "cursor=", "cursor=abc"];
        foreach (var query in others)
        {
            await app.SendAsync(HttpMethod.Get, $"{Route}?{query}")
                .ErrorAsync(HttpStatusCode.BadRequest, "INVALID_CURSOR");
        }
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=%2B1", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("q=a%00b", "q")]
    [InlineData("q=a%0Ab", "q")]
    [InlineData("page=1", "page")]
    [InlineData("sku=x&limit=x", "limit", "sku")]
    public async Task Refuses_a_query_that_is_not_as_it_should_be(string query, params string[] fields)
        => Assert.Equal(fields, await app.SendAsync(HttpMethod.Get, $"{Route}?{query}").RefusedFieldsAsync());

    [Fact]
    public async Task Refuses_to_search_for_more_than_100_characters()
    {
        Assert.Empty((await PageAsync($"q={new string('a', 100)}")).Rows);
        var response = await app.SendAsync(HttpMethod.Get, $"{Route}?q={new string('a', 101)}");
        Assert.Equal(["q"], await response.RefusedFieldsAsync());
    }

    static string Word() => $"w{Guid.NewGuid():N}";

    async Task<(IReadOnlyList<Guid> Rows, string? Next)> PageAsync(string query)
    {
        var response = await app.SendAsync(HttpMethod.Get, $"{Route}?{query}");
        var rows = await response.DataAsync(HttpStatusCode.OK);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var pagination = JsonDocument.Parse(body).RootElement.GetProperty("meta").GetProperty("pagination");
        return (
            [.. rows.EnumerateArray().Select(row => row.GetProperty("id").GetGuid())],
            pagination.TryGetProperty("nextCursor", out var next) ? next.GetString() : null);
    }
}
