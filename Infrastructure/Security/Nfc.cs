using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace SliceApi.Infrastructure.Security;

/// <summary>
/// Unicode's normalization form C (Unicode Standard Annex #15): text that looks the same and means the same becomes the
/// same characters, é for e with a combining accent. Compatibility characters such as ﬁ stay as they are.
/// </summary>
/// <remarks>
/// With InvariantGlobalization, which spares the program ICU, <see cref="string.Normalize()"/> returns its input. The
/// table beside this file is made from Unicode's data; Tests/Tools/NfcTable.cs says how, and defines it.
/// </remarks>
public static class Nfc
{
    // Text below the first combining mark does not change, and nothing below À decomposes.
    const char FirstMark = '\u0300';
    const char FirstDecomposed = '\u00C0';

    // Hangul syllables are arithmetic (The Unicode Standard, section 3.12): a leading consonant, a vowel and perhaps a
    // trailing consonant, of which the first stands for none.
    const int Syllables = 0xAC00;
    const int Leading = 0x1100;
    const int Vowels = 0x1161;
    const int Trailing = 0x11A7;
    const int LeadingCount = 19;
    const int VowelCount = 21;
    const int TrailingCount = 28;

    static readonly Lazy<Table> Data = new(() => new Table());

    /// <summary>The version of Unicode whose characters are known. Others are left as they are.</summary>
    internal static Version UnicodeVersion => Data.Value.Version;

    /// <summary>Puts text into normalization form C.</summary>
    /// <param name="text">Text of whole characters. Time and memory grow with its length, whatever is in it.</param>
    /// <returns>The normalized text: the same instance, if it was.</returns>
    /// <exception cref="ArgumentNullException">There is no text.</exception>
    /// <exception cref="ArgumentException">A surrogate stands alone, so the text is not Unicode.</exception>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsPlain(text))
            return text;
        var characters = Decompose(text);
        Order(characters);
        Compose(characters);
        var result = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var character in characters)
            result.Append(units[..new Rune(character.Value).EncodeToUtf16(units)]);
        return result.Equals(text) ? text : result.ToString();
    }

    static bool IsPlain(string text)
    {
        foreach (var unit in text)
        {
            if (unit >= FirstMark)
                return false;
        }
        return true;
    }

    static List<Character> Decompose(ReadOnlySpan<char> text)
    {
        var characters = new List<Character>(text.Length + text.Length / 2);
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var length) != OperationStatus.Done)
                throw new ArgumentException("The text contains half of a surrogate pair.", nameof(text));
            Decompose(rune.Value, characters);
            text = text[length..];
        }
        return characters;
    }

    static void Decompose(int value, List<Character> characters)
    {
        var syllable = value - Syllables;
        if (syllable is >= 0 and < LeadingCount * VowelCount * TrailingCount)
        {
            Decompose(Leading + syllable / (VowelCount * TrailingCount), characters);
            Decompose(Vowels + syllable / TrailingCount % VowelCount, characters);
            if (syllable % TrailingCount != 0)
                Decompose(Trailing + syllable % TrailingCount, characters);
        }
        else if (value >= FirstDecomposed && Data.Value.Decompositions.TryGetValue(value, out var parts))
        {
            Decompose(parts.First, characters);
            if (parts.Second != 0)
                Decompose(parts.Second, characters);
        }
        else
        {
            var combiningClass = value < FirstMark ? 0 : Data.Value.Classes.GetValueOrDefault(value);
            characters.Add(new Character(value, combiningClass, characters.Count));
        }
    }

    // Marks that follow each other are put in the order of their classes; those of one class stay in theirs.
    static void Order(List<Character> characters)
    {
        var all = CollectionsMarshal.AsSpan(characters);
        for (var start = 0; start < all.Length; start++)
        {
            var end = start;
            while (end < all.Length && all[end].Class != 0)
                end++;
            // Not by insertion, which is usual here: a client may send a million marks in a row.
            if (end - start > 1)
                all[start..end].Sort();
            start = end;
        }
    }

    static void Compose(List<Character> characters)
    {
        var all = CollectionsMarshal.AsSpan(characters);
        var (starter, kept) = (-1, 0);
        foreach (var character in all)
        {
            // A character joins the starter before it unless one of the same or a higher class, or another starter,
            // is left between them.
            var blocked = starter < 0 || (kept > starter + 1 && all[kept - 1].Class >= character.Class);
            if (!blocked && Composed(all[starter].Value, character.Value) is var composed and not 0)
            {
                all[starter] = all[starter] with { Value = composed };
                continue;
            }
            if (character.Class == 0)
                starter = kept;
            all[kept++] = character;
        }
        characters.RemoveRange(kept, characters.Count - kept);
    }

    // 0: they do not compose.
    static int Composed(int first, int second)
    {
        if (first - Leading is >= 0 and < LeadingCount && second - Vowels is >= 0 and < VowelCount)
            return Syllables + ((first - Leading) * VowelCount + second - Vowels) * TrailingCount;
        var syllable = first - Syllables;
        if (syllable is >= 0 and < LeadingCount * VowelCount * TrailingCount
            && syllable % TrailingCount == 0
            && second - Trailing is > 0 and < TrailingCount)
            return first + second - Trailing;
        return Data.Value.Compositions.GetValueOrDefault((first, second));
    }

    readonly record struct Character(int Value, int Class, int Position) : IComparable<Character>
    {
        // The position makes an unstable sort stable.
        public int CompareTo(Character other) => Class != other.Class ? Class - other.Class : Position - other.Position;
    }

    sealed class Table
    {
        public readonly Version Version;
        public readonly Dictionary<int, int> Classes = [];
        public readonly Dictionary<int, (int First, int Second)> Decompositions = [];
        public readonly Dictionary<(int First, int Second), int> Compositions = [];

        public Table()
        {
            using var reader = new BinaryReader(typeof(Nfc).Assembly.GetManifestResourceStream("nfc.bin")!);
            Version = new Version(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
            var character = 0;
            for (var runs = reader.Read7BitEncodedInt(); runs > 0; runs--)
            {
                character += reader.Read7BitEncodedInt();
                var (length, combiningClass) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
                for (; length > 0; length--)
                    Classes[character++] = combiningClass;
            }
            character = 0;
            for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            {
                character += reader.Read7BitEncodedInt();
                var (first, isExcluded) = Math.DivRem(reader.Read7BitEncodedInt(), 2);
                var parts = (first, reader.Read7BitEncodedInt());
                Decompositions[character] = parts;
                if (isExcluded == 0)
                    Compositions[parts] = character;
            }
        }
    }
}
