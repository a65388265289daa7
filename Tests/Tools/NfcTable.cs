// Writes the table of Infrastructure/Security/Nfc.cs from Unicode's data files (Debian's package unicode-data):
//
//   dotnet run --file Tests/Tools/NfcTable.cs /usr/share/unicode Infrastructure/Security/nfc.bin
//
// All numbers are 7-bit encoded integers, as BinaryReader reads them:
//
//   major and minor version of Unicode
//   how many runs of characters of the same combining class, other than 0; for each
//       characters between the run before and this one, length, class
//   how many canonical decompositions; for each
//       distance from the character before, first character times 2 (plus 1 if it is not composed again), second or 0
//
// Hangul syllables are not in it: they are computed.
#:property PublishAot=false
using System.Globalization;
using System.Text.RegularExpressions;

if (args is not [var folder, var target])
{
    Console.Error.WriteLine("Usage: dotnet run --file Tests/Tools/NfcTable.cs FOLDER-OF-UnicodeData.txt TARGET");
    return 1;
}

var classes = new SortedDictionary<int, int>();
var decompositions = new SortedDictionary<int, int[]>();
foreach (var line in File.ReadLines(Path.Combine(folder, "UnicodeData.txt")))
{
    var fields = line.Split(';');
    var character = Hex(fields[0]);
    if (fields[3] != "0")
        classes[character] = int.Parse(fields[3], CultureInfo.InvariantCulture);
    // One in angle brackets is a compatibility decomposition, which NFC leaves alone.
    if (fields[5] is not ("" or ['<', ..]))
        decompositions[character] = [.. fields[5].Split(' ').Select(Hex)];
}

var exclusionsFile = File.ReadAllLines(Path.Combine(folder, "CompositionExclusions.txt"));
var exclusions = exclusionsFile
    .Select(line => line.Split('#')[0].Trim())
    .Where(line => line != "")
    .Select(Hex)
    .ToHashSet();
// The first line names the version: # CompositionExclusions-15.0.0.txt
var version = Version.Parse(Regex.Match(exclusionsFile[0], @"\d+\.\d+\.\d+").Value);

var runs = new List<(int Start, int Length, int Class)>();
foreach (var (character, combiningClass) in classes)
{
    if (runs is [.., var last] && last.Start + last.Length == character && last.Class == combiningClass)
        runs[^1] = last with { Length = last.Length + 1 };
    else
        runs.Add((character, 1, combiningClass));
}

using var writer = new BinaryWriter(File.Create(target));
writer.Write7BitEncodedInt(version.Major);
writer.Write7BitEncodedInt(version.Minor);
writer.Write7BitEncodedInt(runs.Count);
var end = 0;
foreach (var run in runs)
{
    writer.Write7BitEncodedInt(run.Start - end);
    writer.Write7BitEncodedInt(run.Length);
    writer.Write7BitEncodedInt(run.Class);
    end = run.Start + run.Length;
}
writer.Write7BitEncodedInt(decompositions.Count);
var previous = 0;
foreach (var (character, parts) in decompositions)
{
    // Full composition exclusion (Unicode Standard Annex #44): those listed, single ones, and what starts with a mark.
    var excluded = exclusions.Contains(character)
        || parts.Length == 1
        || classes.ContainsKey(character)
        || classes.ContainsKey(parts[0]);
    writer.Write7BitEncodedInt(character - previous);
    writer.Write7BitEncodedInt(parts[0] * 2 + (excluded ? 1 : 0));
    writer.Write7BitEncodedInt(parts is [_, var second] ? second : 0);
    previous = character;
}
Console.WriteLine(
    $"Unicode {version}: {runs.Count} runs, {decompositions.Count} decompositions, {writer.BaseStream.Length} bytes");
return 0;

static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
