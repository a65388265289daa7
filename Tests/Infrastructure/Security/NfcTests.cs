using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SliceApi.Infrastructure.Security;

namespace Tests.Infrastructure.Security;

public sealed class NfcTests
{
    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("A\u030A", "Å")]
    [InlineData("\u212B", "Å")] // Ångström sign
    [InlineData("\u212A", "K")] // Kelvin sign
    [InlineData("\u2126", "Ω")] // ohm sign
    [InlineData("\u1100\u1161", "가")]
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("가\u11A8", "각")]
    [InlineData("각\u11A8", "각\u11A8")]
    [InlineData("가\u11A7", "가\u11A7")] // stands for no trailing consonant
    [InlineData("힣", "힣")]
    [InlineData("\u0958", "\u0915\u093C")] // composition exclusion
    [InlineData("\u0915\u093C", "\u0915\u093C")]
    [InlineData("\u0344", "\u0308\u0301")] // a mark that decomposes
    [InlineData("q\u0307\u0323", "q\u0323\u0307")] // marks in the order of their classes
    [InlineData("d\u0307\u0323", "ḍ\u0307")]
    [InlineData("a\u0301\u0300", "á\u0300")] // marks of one class keep their order
    [InlineData("a\u0300\u0301", "à\u0301")]
    [InlineData("a\u0316\u0301", "á\u0316")] // past a mark of a lower class
    [InlineData("a\u0315\u0301", "á\u0315")]
    [InlineData("a\u0334\u0338\u0301", "á\u0334\u0338")]
    [InlineData("o\u200B\u0308", "o\u200B\u0308")] // not past a character without a class
    [InlineData("\u0301e\u0301", "\u0301é")] // a mark at the start
    [InlineData("\u1F82", "\u1F82")] // decomposes three times over
    [InlineData("\u03B1\u0313\u0300\u0345", "\u1F82")]
    [InlineData("\u09C7\u09BE", "\u09CB")] // second character has no class
    [InlineData("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")] // beyond 16 bits, excluded
    [InlineData("\uD804\uDC99\uD804\uDCBA", "\uD804\uDC9A")] // beyond 16 bits, composed
    [InlineData("ﬁ", "ﬁ")] // compatibility characters stay
    [InlineData("①", "①")]
    [InlineData("a\u200Bb", "a\u200Bb")]
    [InlineData("\u212Aelvin and e\u0301", "Kelvin and é")]
    public void Normalizes(string text, string expected)
    {
        var normalized = Nfc.Normalize(text);
        Assert.Equal(Escaped(expected), Escaped(normalized));
        Assert.Equal(Escaped(expected), Escaped(Nfc.Normalize(normalized)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("password")]
    [InlineData("naïve façade, ½ ÿ ɐ ˿ \0\u007F")]
    [InlineData("пароль")]
    [InlineData("日本語")]
    [InlineData("각 😀 é ﬁ")]
    public void Returns_normalized_text_itself(string text) => Assert.Same(text, Nfc.Normalize(text));

    [Fact]
    public void Takes_no_memory_for_plain_text()
    {
        Nfc.Normalize("naïve");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Nfc.Normalize("naïve");
        var after = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(before, after);
    }

    [Fact]
    public void Refuses_half_of_a_surrogate_pair()
    {
        // Not a theory: as test data, half of a pair would not survive.
        foreach (var text in new[] { "\uD800", "\uDC00", "a\uD83D", "\uDE00\uD83D", "\uD83D\uD83D\uDE00", "é\uD83Db" })
            Assert.Throws<ArgumentException>("text", () => Nfc.Normalize(text));
        Assert.Throws<ArgumentNullException>("text", () => Nfc.Normalize(null!));
    }

    [Fact]
    public void Orders_hundreds_of_thousands_of_marks()
    {
        // U+0300 to U+0303 are of class 230, U+0316 to U+0319 of 220. Neither composes with q.
        var marks = new Random(1).GetItems("\u0300\u0301\u0302\u0303\u0316\u0317\u0318\u0319".ToCharArray(), 300_000);
        var expected = marks.Where(mark => mark >= '\u0316').Concat(marks.Where(mark => mark < '\u0316'));
        Assert.True(Nfc.Normalize($"q{new string(marks)}") == $"q{string.Concat(expected)}");
    }

    [Fact]
    public async Task Conforms_to_Unicodes_test_file()
    {
        var lines = await ReadTestFileAsync();
        var version = Version.Parse(Regex.Match(lines[0], @"\d+\.\d+").Value);
        if (version != Nfc.UnicodeVersion)
        {
            Programs.Missing(
                $"NormalizationTest.txt is of Unicode {version}, nfc.bin of {Nfc.UnicodeVersion}: "
                + "see Tests/Tools/NfcTable.cs");
        }

        var listed = new HashSet<string>();
        var part = "";
        var compared = 0;
        foreach (var line in lines)
        {
            if (line.StartsWith('@'))
                part = line.Split(' ')[0];
            if (line is "" or ['#' or '@', ..])
                continue;
            var columns = line.Split(';').Take(5).Select(Text).ToArray();
            if (part == "@Part1")
                listed.Add(columns[0]);
            foreach (var (source, expected) in new[] { (0, 1), (1, 1), (2, 1), (3, 3), (4, 3) })
            {
                if (Nfc.Normalize(columns[source]) != columns[expected])
                    Assert.Fail($"Column {source + 1} became {Escaped(Nfc.Normalize(columns[source]))}: {line}");
                compared++;
            }
        }
        Assert.True(compared > 90_000, $"Only {compared} comparisons.");

        for (var value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.IsValid(value))
                continue;
            var text = new Rune(value).ToString();
            if (!listed.Contains(text) && !ReferenceEquals(text, Nfc.Normalize(text)))
                Assert.Fail($"U+{value:X4} changed.");
        }
    }

    static async Task<string[]> ReadTestFileAsync()
    {
        var file = Programs.RequireFile("/usr/share/unicode/NormalizationTest.txt.bz2", "unicode-data");
        var start = new ProcessStartInfo(Programs.Require("bzip2"), ["-dc", file]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return text.Split('\n');
    }

    static string Text(string codes) => string.Concat(
        codes.Split(' ')
            .Select(code => new Rune(int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));

    static string Escaped(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => $"{rune.Value:X4}"));
}
