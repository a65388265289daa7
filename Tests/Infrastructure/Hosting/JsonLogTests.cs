using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SliceApi.Infrastructure.Hosting;

namespace Tests.Infrastructure.Hosting;

/// <summary>Whatever is logged, a line of the log is one line, JSON, and not long.</summary>
public sealed class JsonLogTests
{
    const string Forged = "\r\n{\"level\":\"Error\"}\u001b[2J\u2028\u0085\ud800";

    static readonly string LongText = new('x', 200_000);

    [Fact]
    public void Values_of_every_kind_are_JSON_and_cut()
    {
        var value = Assert.Single(Lines(logger => logger.LogWarning(
            "{Text} {Forged} {Many} {Other} {Nothing} {Number} {Not} {Yes}",
            LongText, Forged, new[] { LongText, Forged }, new Other(LongText), null, 1.5, double.NaN, true)));
        Assert.Equal(JsonLog.MaxTextLength, value.GetProperty("message").GetString()!.Length);
        var fields = value.GetProperty("fields");
        foreach (var name in new[] { "text", "many", "other" })
            Assert.Equal(LongText[..JsonLog.MaxTextLength], fields.GetProperty(name).GetString());
        Assert.StartsWith(Forged[..^1], fields.GetProperty("forged").GetString(), StringComparison.Ordinal);
        Assert.Equal("NaN", fields.GetProperty("not").GetString());
        Assert.Equal(
            (JsonValueKind.Null, 1.5, true),
            (fields.GetProperty("nothing").ValueKind, fields.GetProperty("number").GetDouble(),
                fields.GetProperty("yes").GetBoolean()));
    }

    [Fact]
    public void An_exception_has_its_stack_and_is_cut()
    {
        var lines = Lines(logger =>
        {
            logger.LogError(Thrown(Forged), "It failed");
            logger.LogError(Thrown(LongText), "It failed");
        });
        Assert.Contains(
            $"   at {typeof(JsonLogTests)}", lines[0].GetProperty("exception").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonLog.MaxExceptionLength, lines[1].GetProperty("exception").GetString()!.Length);
    }

    [Fact]
    public void What_is_logged_may_itself_log()
    {
        var lines = Lines(logger =>
        {
            logger.LogInformation("Outer {Value}", new Talking(logger));
            logger.LogInformation("After it");
        });
        Assert.Equal(
            ["Inner", "Inner", "Outer value", "After it"],
            lines.Select(line => line.GetProperty("message").GetString()));
    }

    static InvalidDataException Thrown(string message)
    {
        try
        {
            throw new InvalidDataException(message);
        }
        catch (InvalidDataException e)
        {
            return e;
        }
    }

    // Each is read as JSON.
    static List<JsonElement> Lines(Action<ILogger> log)
    {
        using var stream = new MemoryStream();
        using (var output = new LogOutput(stream, TimeProvider.System))
        using (var logs = new JsonLog(output, TimeProvider.System))
            log(logs.CreateLogger("Tests"));
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, c => c is not '\n' and (< ' ' or > '~'));
        return [.. text[..^1].Split('\n').Select(line => JsonElement.Parse(line))];
    }

    sealed record Other(string Text)
    {
        public override string ToString() => Text;
    }

    sealed class Talking(ILogger logger)
    {
        public override string ToString()
        {
            logger.LogInformation("Inner");
            return "value";
        }
    }
}
