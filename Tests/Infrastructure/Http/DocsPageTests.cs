using System.Text.Json;
using Microsoft.Playwright;

namespace Tests.Infrastructure.Http;

/// <summary><c>/docs</c> as people see it, in a browser that enforces the page's content security policy.</summary>
[Trait("Category", "Browser")]
public sealed class DocsPageTests : IAsyncLifetime
{
    const string Hostile = "<img src=x onerror=alert(1)>";
    const string Admin = "admin@example.com";
    const string Password = "a fine password";

    readonly string _folder = TestFolder.New();
    readonly List<string> _complaints = [];
    ServerProcess _server = null!;
    IPlaywright _playwright = null!;
    IBrowser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        var chromium = Programs.Require("chromium");
        _server = await ServerProcess.StartAsync(_folder, $"Admin:Email={Admin}", $"Admin:Password={Password}");
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(30_000);
        // Its own sandbox wants privileges that containers lack. It asks nobody but the API.
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        TestFolder.Delete(_folder);
    }

    [Fact]
    public async Task Somebody_pastes_a_token_and_tries_what_needs_one()
    {
        var page = await OpenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Authorize" }).First.ClickAsync();
        var dialog = page.Locator(".dialog-ux");
        await dialog.Locator("input").FillAsync(await _server.LogInAsync(Admin, Password));
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Apply credentials" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).First.ClickAsync();
        var answer = await TryAsync(page, "UsersGetMe");

        await Assertions.Expect(answer.Locator(".response-col_status").First).ToContainTextAsync("200");
        await Assertions.Expect(answer.Locator(".response-col_description pre").First).ToContainTextAsync(Admin);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task What_a_product_is_called_stays_text()
    {
        var product = new { sku = "HOSTILE-1", name = Hostile, priceMinor = 1, currency = "EUR", stock = 1 };
        var created = await Requests.SendAsync(
            _server.Client,
            HttpMethod.Post,
            "/api/v1/products",
            Requests.Json(JsonSerializer.Serialize(product)),
            ("Authorization", $"Bearer {await _server.LogInAsync(Admin, Password)}"));
        await created.DataAsync(HttpStatusCode.Created);
        var page = await OpenAsync();

        var answer = await TryAsync(page, "ProductsList");

        await Assertions.Expect(answer.Locator(".response-col_status").First).ToContainTextAsync("200");
        await Assertions.Expect(answer.Locator(".response-col_description pre").First).ToContainTextAsync(Hostile);
        Assert.Equal(0, await page.Locator("img[src=x]").CountAsync());
        Assert.Empty(_complaints);
    }

    // Whatever the console, the page or its policy complains of is noted, and so is whatever asks to be clicked away.
    async Task<IPage> OpenAsync()
    {
        var page = await _browser.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
        page.RequestFailed += (_, request) => _complaints.Add(request.Url);
        page.Dialog += async (_, dialog) =>
        {
            _complaints.Add(dialog.Message);
            await dialog.DismissAsync();
        };
        await page.AddInitScriptAsync(
            "addEventListener('securitypolicyviolation', e => console.error(e.violatedDirective, e.blockedURI))");
        await page.GotoAsync(new Uri(_server.Client.BaseAddress!, "/docs/index.html").ToString());
        return page;
    }

    static async Task<ILocator> TryAsync(IPage page, string operation)
    {
        var block = page.Locator($"[id$='-{operation}']");
        await block.Locator(".opblock-summary-control").ClickAsync();
        await block.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).ClickAsync();
        await block.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        return block.Locator(".live-responses-table tbody").First;
    }
}
