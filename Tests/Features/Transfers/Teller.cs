using System.Collections.Concurrent;
using System.Text.Json;

namespace Tests.Features.Transfers;

/// <summary>
/// Takes the same steps as <see cref="Books"/>, on the API, and tells what it answered in the same words.
/// </summary>
sealed class Teller
{
    readonly App _app;
    readonly IReadOnlyDictionary<Who, (Person Person, string Token)> _people;
    readonly string _keys = $"{Guid.NewGuid():N}-";
    readonly Guid _nobodys = Guid.CreateVersion7();
    readonly List<Guid> _accounts = [];
    readonly List<string> _cursors = [];
    readonly ConcurrentDictionary<(Who, string), string> _answers = new();

    Teller(App app, IReadOnlyDictionary<Who, (Person Person, string Token)> people) => (_app, _people) = (app, people);

    /// <summary>People who have nothing yet.</summary>
    public static async Task<Teller> NewAsync(App app)
        => new(app, new Dictionary<Who, (Person, string)>
        {
            [Who.Ada] = await app.SignedInAsync(),
            [Who.Bob] = await app.SignedInAsync(),
            [Who.Leaver] = await app.SignedInAsync(),
            [Who.Admin] = await app.AdministratorAsync(),
        });

    /// <summary>What each account holds.</summary>
    public async Task<IReadOnlyList<long>> BalancesAsync()
    {
        var balances = new List<long>();
        foreach (var account in _accounts)
            balances.Add(await _app.BalanceAsync(account));
        return balances;
    }

    /// <summary>Sends the request that a step stands for.</summary>
    public async Task<string> DoAsync(Step step)
    {
        using var response = await SendAsync(step);
        if (response.StatusCode == HttpStatusCode.NoContent)
            return "204";
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var code = JsonElement.Parse(text).GetProperty("error").GetProperty("code").GetString()!;
            await response.ErrorAsync(response.StatusCode, code);
            return Replayed(step, response, text, code);
        }

        var data = await response.DataAsync(response.StatusCode);
        if (step.Act == Act.Look)
            return $"200 {data.GetProperty("balanceMinor")}";
        if (step.Act == Act.Page)
            return Page(JsonElement.Parse(text));
        var money = step.Act == Act.Open ? "balanceMinor" : "amountMinor";
        var told = $"{data.GetProperty(money)} {data.GetProperty("currency").GetString()}";
        var answer = Replayed(step, response, text, told);
        if (step.Act == Act.Open && answer.StartsWith("201", StringComparison.Ordinal))
            _accounts.Add(data.GetProperty("id").GetGuid());
        return answer;
    }

    Task<HttpResponseMessage> SendAsync(Step step) => step.Act switch
    {
        Act.Open => PostAsync(step, "accounts", new { name = "An account", currency = step.Currency }),
        Act.Deposit => PostAsync(step, $"accounts/{Id(step.To)}/deposits", new { amountMinor = step.Amount }),
        Act.Transfer => PostAsync(
            step,
            "transfers",
            new { fromAccountId = Id(step.From), toAccountId = Id(step.To), amountMinor = step.Amount }),
        Act.Look => SendAsync(HttpMethod.Get, step, $"accounts/{Id(step.To)}"),
        Act.Page => SendAsync(
            HttpMethod.Get,
            step,
            $"accounts/{Id(step.To)}/entries?limit={step.Amount}"
                + (step.Cursor is { } place ? $"&cursor={_cursors[place]}" : "")),
        _ => SendAsync(HttpMethod.Delete, step, $"users/{_people[Who.Leaver].Person.Id}", null, ("If-Match", "*")),
    };

    Task<HttpResponseMessage> PostAsync(Step step, string path, object body)
    {
        var content = Requests.Json(JsonSerializer.Serialize(body));
        return step.Key is null
            ? SendAsync(HttpMethod.Post, step, path, content)
            : SendAsync(HttpMethod.Post, step, path, content, ("Idempotency-Key", _keys + step.Key));
    }

    Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Step step, string path, HttpContent? content = null, params (string, string)[] headers)
        => _app.SendAsync(
            method, $"/api/v1/{path}", content, [("Authorization", $"Bearer {_people[step.Who].Token}"), .. headers]);

    // As often as an answer is given again, it is the same in every byte.
    string Replayed(Step step, HttpResponseMessage response, string text, string said)
    {
        var answer = $"{(int)response.StatusCode} {said}";
        if (response.Headers.Contains("Idempotent-Replayed"))
            answer = $"again {answer}";
        else if (response.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.Conflict)
            || answer == Books.InUse)
            return answer;
        if (step.Key is not null)
            Assert.Equal(_answers.GetOrAdd((step.Who, step.Key), text), text);
        return answer;
    }

    string Page(JsonElement body)
    {
        var entries = string.Concat(body.GetProperty("data").EnumerateArray()
            .Select(entry => $" {entry.GetProperty("amountMinor")}={entry.GetProperty("balanceAfterMinor")}"));
        var next = body.GetProperty("meta").GetProperty("pagination").GetProperty("nextCursor").GetString();
        if (next is null)
            return $"200{entries}";
        lock (_cursors)
            _cursors.Add(next);
        return $"200{entries} ...";
    }

    Guid Id(int account) => account < _accounts.Count ? _accounts[account] : _nobodys;
}
